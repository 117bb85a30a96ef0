"""Scaled topics of short texts."""

import numpy as np

from openglm.features.text import Text
from openglm.features.text_dense import TextDense

TEXTS = {"t": np.array(["很好 推荐", "太差 退货", "推荐", "退货", None] * 4, dtype=object)}


def test_topics_are_those_of_the_tree_view_but_scaled():
    """Same directions, deviation about 1, and one flag per column."""
    plain, dense = Text(columns=("t",)).fit(TEXTS, None), TextDense(columns=("t",)).fit(TEXTS, None)
    assert dense.outputs[:-1] == plain.outputs
    assert dense.outputs[-1].name == "t[missing]"
    raw, scaled = plain.transform(TEXTS)[:, 0], dense.transform(TEXTS)[:, 0]
    known = ~np.isnan(raw)
    assert np.array_equal(np.argsort(raw[known], kind="stable"), np.argsort(scaled[known], kind="stable"))
    assert 0.5 < scaled[known].std() < 1.5


def test_missing_is_the_middle():
    """A missing text is 0 everywhere but in its flag."""
    shown = TextDense(columns=("t",)).fit(TEXTS, None).transform({"t": np.array([None], dtype=object)})[0]
    assert shown.tolist() == [0.0] * (len(shown) - 1) + [1.0]
