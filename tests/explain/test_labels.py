"""Doubts about labels: planted mistakes are found, hard cases are not taken for mistakes."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from lightgbm import LGBMClassifier

from openglm.core.dataset import Dataset, Rows
from openglm.core.plan import Split
from openglm.core.run import Run
from openglm.core.schema import Schema
from openglm.core.task import Task
from openglm.core.trial import Candidate, Trial
from openglm.explain import _labels
from openglm.explain._labels import Doubts, confident_class, doubted, label_doubts, noise_share, outliers


def simulate(seed=0, *, rows=2000, classes=2, flipped=0.05, sharp=30.0):
    """Return inputs, labels as given, and which of them were changed; the larger ``sharp``, the less classes overlap."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 6))
    if classes == 2:
        score = x[:, 0] + 0.5 * x[:, 1] * x[:, 2] + 0.5 * x[:, 3]
        true = (rng.random(rows) < 1 / (1 + np.exp(-np.clip(sharp * score, -500, 500)))).astype(np.int64)
    else:
        true = np.argmax(sharp * x[:, :classes] + rng.gumbel(size=(rows, classes)), axis=1)
    wrong = rng.random(rows) < flipped
    given = np.where(wrong, (true + rng.integers(1, classes, rows)) % classes, true)
    return x, given, wrong


def out_of_fold(x, y):
    """Return probabilities of rows that the learner has not seen, five folds."""
    p = np.zeros((len(y), y.max() + 1))
    fold = np.arange(len(y)) % 5
    for k in range(5):
        model = LGBMClassifier(n_estimators=80, learning_rate=0.05, num_leaves=15, verbose=-1, n_jobs=1)
        p[fold == k] = model.fit(x[fold != k], y[fold != k]).predict_proba(x[fold == k])
    return p


def rows_of(y, **x):
    return Rows(x or {"x": np.zeros(len(y))}, y, np.arange(len(y)) + 1000)


def test_the_confident_class_by_hand():
    """Thresholds are the mean probabilities of each class among its own rows: 0.7 and 0.6 here."""
    y = np.array([0, 0, 0, 1, 1, 1])
    p0 = np.array([0.9, 0.9, 0.3, 0.6, 0.3, 0.3])
    p = np.stack([p0, 1 - p0], axis=1)
    found = confident_class(y, p)
    assert found.tolist() == [0, 0, 1, -1, 1, 1]
    assert noise_share(y, found, 2) == pytest.approx((1 / 3 * 3 + 0) / 6)


@pytest.mark.parametrize("classes", [2, 4])
def test_five_per_cent_of_flipped_labels_are_found(classes):
    """Of the doubts at least four in five are right, and they name at least 40 % of the changed labels."""
    x, given, wrong = simulate(classes=classes)
    made = doubted(rows_of(given), out_of_fold(x, given), tuple("abcd"[:classes]))
    places = np.array([item.row for item in made.labels]) - 1000
    assert wrong[places].mean() >= 0.8
    assert np.isin(np.flatnonzero(wrong), places).mean() >= 0.4
    (finding,) = made.findings
    assert finding.code == "label-noise" and finding.rows == len(made.labels)
    assert all(item.given != item.likely and 0 < item.confidence <= 1 for item in made.labels)


@pytest.mark.parametrize("sharp", [30.0, 8.0, 3.0, 1.0])
def test_right_labels_are_not_doubted(sharp):
    """Whether the classes are apart or overlap: without a wrong label nothing is said."""
    x, given, _ = simulate(1, flipped=0.0, sharp=sharp)
    assert doubted(rows_of(given), out_of_fold(x, given), ("a", "b")) == _labels.Doubts()


def test_a_level_whose_labels_are_all_wrong_is_named():
    """Labels swapped in one region, told by probabilities that do not know the region: the finding says which."""
    rng = np.random.default_rng(2)
    true = rng.integers(0, 2, 1000)
    region = np.array(["north", "south", "east", "west"], dtype=object)[np.arange(1000) % 20 // 6]
    given = np.where(region == "west", 1 - true, true)
    lead = np.clip(0.9 + 0.04 * rng.normal(size=1000), 0.7, 0.999)
    p1 = np.where(true == 1, lead, 1 - lead)
    made = doubted(rows_of(given, region=region), np.stack([1 - p1, p1], axis=1), ("no", "yes"))
    assert {finding.code for finding in made.findings} == {"label-noise", "label-slice"}
    said = next(finding for finding in made.findings if finding.code == "label-slice")
    assert said.column == "region" and "'west'" in said.message.en


def make_run(tmp_path, y, answers, kind="binary"):
    """Return a run with one finished trial, a worse one and a failed one."""
    run = Run(tmp_path)
    trials = []
    for name, score, values in (("t0001", 0.9, answers), ("t0002", 0.5, answers[::-1])):
        (tmp_path / "trials" / name).mkdir(parents=True)
        np.save(tmp_path / "trials" / name / "oof.npy", values.astype(np.float32))
        trials.append(Trial(candidate=Candidate(id=name, model="lightgbm", view="codes"), state="done", score=score))
    trials.append(Trial(candidate=Candidate(id="t0003", model="knn", view="dense"), state="failed", error="x"))
    rows = rows_of(y)
    data = Dataset(
        Task(kind=kind, target="t", metric="roc_auc"), Schema(columns=(), rows=len(y)), () if kind == "regression" else ("no", "yes"),
        Split(method="random"), rows, np.zeros(len(y), dtype=np.int8), rows.take(np.zeros(0, dtype=np.int64)),
    )  # fmt: skip
    return run, data, trials


def test_doubts_of_a_run_are_listed_in_a_file(tmp_path):
    """The best trial speaks; the file holds every doubt with the row of the source; rows without an answer are left out."""
    x, given, wrong = simulate(3)
    answers = out_of_fold(x, given)
    answers[:20] = np.nan
    run, data, trials = make_run(tmp_path, given, answers)
    made = label_doubts(run, data, trials, "roc_auc")
    lines = list(csv.DictReader((tmp_path / _labels.FILE).read_text(encoding="utf-8").splitlines()))
    assert len(lines) == len(made.labels) > 20
    assert min(int(line["row"]) for line in lines) >= 1020
    assert wrong[[int(line["row"]) - 1000 for line in lines]].mean() > 0.8
    assert [line["given"] for line in lines] == [item.given for item in made.labels]


def test_no_answers_no_doubts(tmp_path):
    """Nothing finished, or only the baseline: nothing is said and no file is written."""
    x, given, _ = simulate(3, rows=300)
    run, data, trials = make_run(tmp_path, given, out_of_fold(x, given))
    assert label_doubts(run, data, trials[2:], "roc_auc") == _labels.Doubts()
    assert label_doubts(run, data, [], "roc_auc") == _labels.Doubts()
    assert not (tmp_path / _labels.FILE).exists()


def test_values_far_from_all_others_are_named(tmp_path):
    """Three target values with a slipped decimal point among 500; a heavy tail is none of it."""
    rng = np.random.default_rng(4)
    guess = rng.normal(100, 20, 500)
    y = guess + rng.normal(size=500)
    y[[7, 70, 170]] *= 10
    run, data, trials = make_run(tmp_path, y, guess[:, None], kind="regression")
    (finding,) = label_doubts(run, data, trials, "r2").findings
    assert finding.code == "target-outliers" and finding.rows == 3
    assert all(str(row) in finding.message.en for row in (1007, 1070, 1170))
    assert outliers(rows_of(guess + rng.standard_cauchy(500)), guess) is None
    assert outliers(rows_of(guess + rng.normal(size=500)), guess) is None


def test_a_learner_that_knows_nothing_accuses_nobody():
    """Sure of itself and right no more often than chance: its doubts are worth nothing."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 2000)
    sure = np.clip(rng.beta(0.2, 0.2, 2000), 0.001, 0.999)
    assert doubted(rows_of(y, x=rng.normal(size=2000)), np.stack([1 - sure, sure], axis=1), ("no", "yes")) == Doubts()
    values = rng.normal(size=500)
    values[:2] = 40.0
    assert outliers(rows_of(values, x=values), values[::-1].copy()) is None
    assert outliers(rows_of(values, x=values), np.where(values > 30, 0.0, 0.9 * values)) is not None
