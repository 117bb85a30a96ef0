"""The run folder and the sitting: found again, left alone, or refused with a reason."""

import os
import signal

import psutil
import pytest

from openglm.core.budget import Clock
from openglm.core.errors import BundleError, InputError, StoppedError, StorageError
from openglm.core.events import EventLog
from openglm.core.run import Run, run_name
from openglm.core.sitting import Call, Sitting


def _sitting(seconds=None):
    return Sitting(EventLog(), Clock(seconds))


def _dead(run):
    """Pretend that the process of a run was killed."""
    run.mark("running", spent_s=12.0)
    run.write("state.json", run.state.model_copy(update={"pid": 2**22 - 1}))


def test_a_cut_off_run_is_found_again(tmp_path, monkeypatch):
    """The same call goes on in the same folder, and the seconds spent count; another call gets its own."""
    monkeypatch.chdir(tmp_path)
    first = _sitting().open(Call(sentence="predict y", source="a.csv"), "data", None)
    _dead(first)
    again = _sitting(60)
    assert again.open(Call(sentence="predict y", source="moved/a.csv"), "data", None).path == first.path
    assert again.clock.elapsed() >= 12.0
    assert _sitting().open(Call(sentence="predict y", seed=1), "data", None).path != first.path
    assert _sitting().open(Call(sentence="predict y"), "other data", None).path != first.path


def test_a_living_or_finished_run_is_left_alone(tmp_path, monkeypatch):
    """Without a folder of one's own, a run that somebody works on or that is done is not touched."""
    monkeypatch.chdir(tmp_path)
    call = Call(sentence="predict y")
    first = _sitting().open(call, "data", None)
    assert first.is_alive
    assert _sitting().open(call, "data", None).path != first.path
    first.mark("finished")
    assert not first.is_alive


def test_a_used_number_is_not_a_living_process(tmp_path):
    """A process number that was given to another program later does not count as alive."""
    run = Run(tmp_path / "r")
    run.start("f", {})
    run.write("state.json", run.state.model_copy(update={"pid_started": psutil.Process().create_time() - 500}))
    assert not run.is_alive


def test_folders_that_cannot_be_used(tmp_path):
    """Other files, another run, a living run and a plain file are four different sentences."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "x").write_text("")
    (tmp_path / "plain").write_text("")
    call = Call(sentence="a")
    _sitting().open(call, "data", tmp_path / "run")
    with pytest.raises(InputError, match="holds other files"):
        _sitting().open(call, "data", tmp_path / "files")
    with pytest.raises(StorageError, match="a file stands"):
        _sitting().open(call, "data", tmp_path / "plain")
    with pytest.raises(InputError, match="is working on"):
        _sitting().open(call, "data", tmp_path / "run")
    _dead(Run(tmp_path / "run"))
    with pytest.raises(InputError, match="holds another run"):
        _sitting().open(Call(sentence="b"), "data", tmp_path / "run")


@pytest.mark.parametrize("text", ["", "{", '{"status": "dancing"}', "\x00\xff"])
def test_a_damaged_run_is_one_sentence(tmp_path, text):
    """A state that cannot be read is said, with the file."""
    (tmp_path / "state.json").write_text(text, encoding="utf-8")
    with pytest.raises(BundleError, match=r"state\.json is missing or damaged"):
        Run.open(tmp_path)
    with pytest.raises(BundleError, match="no run in"):
        Run.open(tmp_path / "nowhere")


def test_stop_from_outside(tmp_path):
    """A request to stop is seen, and forgotten by the next sitting."""
    sitting = _sitting()
    run = sitting.open(Call(), "data", tmp_path / "run")
    assert not sitting.is_stopped()
    Run(run.path).ask_to_stop()
    assert sitting.is_stopped()
    with pytest.raises(StoppedError, match="same command goes on"):
        sitting.check()
    _dead(run)
    assert not _sitting_on(run).is_stopped()


def _sitting_on(run):
    sitting = _sitting()
    sitting.take(run)
    return sitting


def test_ctrl_c_once_and_twice(tmp_path):
    """The first Ctrl-C asks to finish, the second ends at once, and the old handler comes back."""
    sitting = _sitting()
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), sitting.listening():
        signal.raise_signal(signal.SIGINT)
        assert sitting.is_stopped()
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_early_events_are_not_lost(tmp_path):
    """What happened before there was a folder is written when there is one, in order."""
    heard = []
    log = EventLog(heard.append)
    log.emit("one", value="中")
    log.write_to(tmp_path / "events.jsonl")
    log.emit("two")
    run = Run(tmp_path)
    assert [event["event"] for event in run.events] == ["one", "two"] == [event["event"] for event in heard]
    assert run.events[0]["value"] == "中"


def test_names_people_recognise():
    """A run is named by time and file."""
    assert run_name("predict", "/data/客户 表.v2.csv").endswith("-客户-表")
    assert os.sep not in run_name("a/b", "")
