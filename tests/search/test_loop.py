"""The search: keeps what it found, stops when told, goes on where it stopped, and ends with a usable ensemble."""

import json

import numpy as np
import pytest

from openglm.core.budget import Budget, Clock
from openglm.core.events import EventLog
from openglm.core.metrics import metric
from openglm.core.pipeline import Pipeline
from openglm.core.trial import Candidate, Trial
from openglm.search import InlinePool, WorkerPool, assemble, refit, search
from openglm.search._finish import _is_as_good
from openglm.search._workshop import Job, Workshop


def _search(run, plan, data, *, is_stopped=lambda: False, clock=None):
    log = EventLog()
    log.write_to(run.path / "events.jsonl")
    return search(plan, data, run, InlinePool(run), clock or Clock(None), log, is_stopped=is_stopped)


def test_inline_search_ends_with_an_ensemble(make_run):
    """A counted search tries exactly so many candidates beside the baseline, and its pipeline predicts."""
    run, plan, data = make_run(["linear", "lightgbm"], budget=Budget(seconds=None, trials=3))
    board = _search(run, plan, data)
    assert board.reason in ("trials", "nothing left to try")
    assert [trial.candidate.id for trial in run.trials] == ["t0000", "t0001", "t0002"]
    assert board.baseline == 0.5 < board.score
    pipeline = Pipeline.load(run.path / "pipeline")
    assert pipeline.predict([{"a": 1.0, "b": 0.0}]).shape == (1,)


def test_the_sealed_rows_are_not_looked_at(make_run):
    """Poisoned sealed rows change nothing: a search over them ends with the same numbers to the last bit."""
    boards = []
    for poison in (False, True):
        run, plan, data = make_run(["linear", "lightgbm"], budget=Budget(seconds=None, trials=2))
        if poison:
            (run.path / "data" / "sealed.feather").write_bytes(b"poison")
        (run.path / "trials.jsonl").unlink(missing_ok=True)
        board = _search(run, plan, data)
        refit(run, board, InlinePool(run), Clock(None), EventLog(), rows="train", seconds=60)
        boards.append((board, assemble(run, board.shares).outputs(data.train.x)))
    assert boards[0][0] == boards[1][0]
    np.testing.assert_array_equal(boards[0][1], boards[1][1])


def test_a_stop_keeps_what_there_is(make_run):
    """After a stop the best so far is on disk and the board is valid."""
    run, plan, data = make_run(["linear", "lightgbm"], budget=Budget(seconds=None, trials=50))
    board = _search(run, plan, data, is_stopped=lambda: len(run.trials) >= 2)
    assert board.reason == "stopped by the user"
    assert len(run.trials) == 2
    assert Pipeline.load(run.path / "pipeline").members


def test_finished_trials_are_not_repeated(make_run):
    """A second sitting takes over the trials of the first and begins only new ones."""
    run, plan, data = make_run(["linear", "lightgbm", "knn"], budget=Budget(seconds=None, trials=3))
    _search(run, plan, data, is_stopped=lambda: len(run.trials) >= 2)
    with (run.path / "trials.jsonl").open("a") as file:
        file.write('{"candidate": {"id": "t0')  # what a power cut leaves
    _search(run, plan, data)
    begun = [event["id"] for event in run.events if event["event"] == "begun"]
    assert begun == ["t0001", "t0002", "t0003"]
    assert [trial.candidate.id for trial in run.trials] == ["t0000", *begun]


def test_failures_stand_on_the_record(plugin, make_run):
    """Learners that fail are listed with their reason; the ensemble is made of the others."""
    run, plan, data = make_run(["raises", "nan", "linear"], budget=Budget(seconds=None, trials=3))
    board = _search(run, plan, data)
    assert [share.trial for share in board.shares] == ["t0003"]
    assert [trial.state for trial in run.trials] == ["done", "failed", "failed", "done"]


def test_only_the_baseline_left(plugin, make_run):
    """When every learner fails, the baseline is delivered and nothing is pretended."""
    run, plan, data = make_run(["raises"], budget=Budget(seconds=None, trials=1))
    board = _search(run, plan, data)
    assert [share.trial for share in board.shares] == ["t0000"]
    assert board.score == board.baseline


def test_no_time_at_all(make_run):
    """A budget that is used up before the first trial delivers the baseline, and says why the search ended."""
    run, plan, data = make_run(["linear"])
    board = _search(run, plan, data, clock=Clock(1, spent=5))
    assert ([share.trial for share in board.shares], board.reason) == (["t0000"], "time")


def test_workers_give_the_same_model_as_inline(make_run):
    """Where a trial runs does not change what it finds."""
    run, plan, data = make_run(["linear", "lightgbm"], budget=Budget(seconds=None, trials=2))
    inline = _search(run, plan, data)
    (run.path / "trials.jsonl").unlink()
    pool = WorkerPool(run, workers=2, threads=1, memory_mb=None)
    try:
        apart = search(plan, data, run, pool, Clock(None), EventLog(), is_stopped=lambda: False)
    finally:
        pool.close()
    assert (apart.shares, apart.score) == (inline.shares, inline.score)


def test_every_event_is_json(make_run):
    """The log can be read by any program."""
    run, plan, data = make_run(["linear"], budget=Budget(seconds=None, trials=1))
    _search(run, plan, data)
    lines = (run.path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    kinds = [json.loads(line)["event"] for line in lines]
    assert {"begun", "baseline", "trial", "model-saved", "searched"} <= set(kinds)


@pytest.mark.parametrize(("first", "kept"), [(0.6, 1), (1.01, 0)], ids=["as good", "worse"])
def test_a_model_of_one_fold_gives_way_only_to_a_fit_as_good(make_run, first, kept):
    """A trial cut short after a fold is fitted again; what does worse on rows it learned from is not delivered."""
    run, plan, data = make_run(["lightgbm"], budget=Budget(seconds=None, trials=1))
    board = _search(run, plan, data)
    lines = [trial.model_copy(update={"partial": True, "fold_scores": (first,)}) for trial in run.trials]
    (run.path / "trials.jsonl").unlink()
    for trial in lines:
        run.add_trial(trial)
    assert refit(run, board, InlinePool(run), Clock(None), EventLog(), rows="train", seconds=60) == kept
    folder = run.path / "trials" / "t0001"
    assert (folder / "train" / "manifest.json").exists() == bool(kept)
    expected = Pipeline.load(folder / ("train" if kept else "model")).outputs(data.train.x)
    np.testing.assert_allclose(assemble(run, board.shares).outputs(data.train.x), expected)


def test_rounds_of_a_first_fold_are_known(make_run):
    """Whoever is cut short after its first fold says for how many rounds to fit it again."""
    run, _, _ = make_run(["lightgbm"])
    early = []
    job = Job(candidate=Candidate(id="t0001", model="lightgbm", view="codes"))
    Workshop(run, threads=1).do(job, progress=early.append)
    assert early[0].partial and early[0].rounds >= 1


def test_a_fit_cut_short_of_its_rounds_is_not_kept():
    """Half of the rounds is another model, however the first one ended."""
    judge = metric("rmse")
    made = Trial(
        candidate=Candidate(id="t0001", model="lightgbm", view="codes"), state="done", partial=True, rounds=100,
        fold_scores=(2.0,),
    )  # fmt: skip

    def again(**changes):
        return _is_as_good(judge, made, made.model_copy(update={"score": 1.9, **changes}))

    assert again() and again(partial=False, rounds=90)
    assert not again(rounds=40)
    assert not again(score=2.5)
    assert not _is_as_good(judge, made.model_copy(update={"partial": False}), made)
