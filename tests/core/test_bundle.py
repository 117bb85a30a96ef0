"""Bundles: exact, hashed, replaced in one step, and never more than data."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from openglm.core import bundle
from openglm.core.errors import BundleError

arrays = hnp.arrays(
    st.sampled_from([np.float32, np.float64, np.int64, np.uint8]), hnp.array_shapes(max_dims=3, max_side=4, min_side=0)
)


@given(
    array=arrays,
    blob=st.binary(max_size=50),
    text=st.text(max_size=20),
    number=st.floats(allow_nan=False, allow_infinity=False),
)
def test_states_come_back(tmp_path_factory, array, blob, text, number):
    """Arrays to the last bit, bytes, text and numbers."""
    folder = tmp_path_factory.mktemp("bundle")
    bundle.save(folder, {"title": text}, {"part": {"array": array, "blob": blob, "json": [text, number]}})
    content, states = bundle.load(folder)
    assert content == {"title": text}
    assert states["part"]["blob"] == blob
    assert states["part"]["json"] == [text, number]
    assert states["part"]["array"].dtype == array.dtype
    np.testing.assert_array_equal(states["part"]["array"], array)


def test_one_changed_byte_is_noticed(tmp_path):
    """A file that was changed after saving is refused."""
    bundle.save(tmp_path, {}, {"part": {"array": np.arange(5)}})
    file = next(tmp_path.glob("*.safetensors"))
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(bytes(data))
    with pytest.raises(BundleError, match="was changed after saving"):
        bundle.load(tmp_path)


def test_a_missing_file_is_noticed(tmp_path):
    """A bundle that was copied in part is refused."""
    bundle.save(tmp_path, {}, {"part": {"a": 1}})
    next(tmp_path.glob("part-*.json")).unlink()
    with pytest.raises(BundleError, match="missing"):
        bundle.load(tmp_path)


def test_replacing_leaves_nothing_old(tmp_path):
    """Saving again removes the old parts, and nothing that is not ours."""
    (tmp_path / "notes.txt").write_text("mine")
    bundle.save(tmp_path, {}, {"old": {"a": 1}})
    bundle.save(tmp_path, {}, {"new": {"a": 2}})
    names = sorted(path.name.split("-")[0] for path in tmp_path.iterdir())
    assert names == ["manifest.json", "new", "notes.txt"]


def test_names_cannot_leave_the_folder(tmp_path):
    """A manifest that points elsewhere is refused."""
    outside = tmp_path / "secret.json"
    outside.write_text("{}")
    inside = tmp_path / "bundle"
    bundle.save(inside, {}, {"part": {"a": 1}})
    manifest = json.loads((inside / "manifest.json").read_text())
    manifest["parts"]["part"]["json"] = "../secret.json"
    manifest["files"]["../secret.json"] = {"sha256": "", "bytes": 2}
    (inside / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError):
        bundle.load(inside)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 99, "parts": {}, "files": {}}'])
def test_not_a_bundle(tmp_path, text):
    """Rubbish, and formats of the future, are one clear sentence."""
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(BundleError, match=r"no readable model|format 99"):
        bundle.load(tmp_path)
