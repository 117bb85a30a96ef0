"""The exam for learners: one function per promise of :class:`openglm.core.parts.Model`. Asserts no wall time.

A learner that cannot keep a promise says so on its class: ``exam_skips = {"check name": "reason"}``.
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core import bundle
from openglm.core.budget import Clock
from openglm.core.parts import Card, Facts, Floats, Matrix, State
from openglm.core.space import sample
from openglm.core.task import Kind
from openglm.testing.fakes import HandClock, MajorityModel
from openglm.testing.toys import CLASSES, toy_matrix

ROUNDS = 20
"""Rounds of every fit here: enough for the toys, and quick."""


def check_model(cls: Any, *, kind: Kind | None = None) -> None:
    """Put a learner to the exam.

    Parameters
    ----------
    cls : class
        The learner.
    kind : Kind or None
        One problem; by default all on its card.

    Raises
    ------
    AssertionError
        With the promise that is broken.

    Examples
    --------
    >>> from openglm.testing import MajorityModel
    >>> check_model(MajorityModel, kind="binary")
    """
    for name, check in MODEL_CHECKS.items():
        if name not in getattr(cls, "exam_skips", {}):
            for one in cls.card.kinds if kind is None else (kind,):
                check(cls, one)


def make(cls: Any, kind: Kind, **params: Any) -> Any:
    """Return an unfitted learner."""
    return cls(kind=kind, classes=CLASSES[kind], seed=3, **params)


def fitted(cls: Any, kind: Kind, x: Matrix, y: NDArray[Any], **fit: Any) -> Any:
    """Return a fitted learner."""
    return make(cls, kind).fit(x, y, **{"watch": Clock(None), "rounds": ROUNDS, **fit})


def loss(kind: Kind, y: NDArray[Any], outputs: Floats) -> float:
    """Return the log loss, or the mean squared error."""
    if kind == "regression":
        return float(np.mean((outputs[:, 0] - y) ** 2))
    return float(-np.mean(np.log(np.clip(outputs[np.arange(len(y)), y], 1e-6, 1.0))))


# ── promises ──


def card_is_complete(cls: Any, kind: Kind) -> None:
    """The card says everything, and the id is the file name."""
    card: Card = cls.card
    assert card.id == cls.__module__.rsplit(".", 1)[-1], "card.id must equal the file name"
    assert card.source and card.title.en and card.title.zh, "card needs a source and a title in both languages"
    assert kind in card.kinds
    assert card.view, "card needs a view"
    assert cls.__doc__, "the class needs a docstring"


def settings_are_kept(cls: Any, kind: Kind) -> None:
    """Settings are keywords with defaults and are stored unchanged, also by fitting."""
    x, y = toy_matrix(kind, cls.card.view, rows=40)
    model = fitted(cls, kind, x, y)
    for name, parameter in inspect.signature(cls.__init__).parameters.items():
        if name in ("self", "kind", "classes", "seed"):
            continue
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY, f"{name} must stand after *"
        assert parameter.default is not inspect.Parameter.empty, f"{name} needs a default"
        assert getattr(model, name) == parameter.default, f"{name} must be stored unchanged"
    assert (model.kind, model.classes, model.seed) == (kind, CLASSES[kind], 3)


def same_seed_same_output(cls: Any, kind: Kind) -> None:
    """Two fits with the same seed on the same rows agree bit for bit."""
    x, y = toy_matrix(kind, cls.card.view)
    assert np.array_equal(fitted(cls, kind, x, y).predict(x), fitted(cls, kind, x, y).predict(x))


def inputs_stay_untouched(cls: Any, kind: Kind) -> None:
    """Neither rows nor target nor weights are changed by fitting or predicting."""
    x, y = toy_matrix(kind, cls.card.view)
    valid, weight = (x.take(slice(80, None)), y[80:].copy()), np.linspace(0, 2, 80)
    x, y = x.take(slice(0, 80)), y[:80].copy()
    before = [a.copy() for a in (x.values, y, weight, valid[0].values, valid[1])]
    fitted(cls, kind, x, y, weight=weight, valid=valid).predict(x)
    for old, new in zip(before, (x.values, y, weight, valid[0].values, valid[1]), strict=True):
        assert np.array_equal(old, np.asarray(new), equal_nan=True), "inputs must stay as they were"


def saving_keeps_predictions(cls: Any, kind: Kind) -> None:
    """A learner saved to a folder and loaded again answers bit for bit the same."""
    x, y = toy_matrix(kind, cls.card.view)
    model = fitted(cls, kind, x, y)
    loaded = make(cls, kind).restore(_through_a_folder(model.state()))
    assert np.array_equal(loaded.predict(x), model.predict(x)), "loaded and fresh must agree"
    again = make(cls, kind).restore(_through_a_folder(loaded.state()))
    assert np.array_equal(again.predict(x), model.predict(x)), "a loaded learner must be savable"


def one_row_is_enough(cls: Any, kind: Kind) -> None:
    """A row gets the same answer alone as among others."""
    x, y = toy_matrix(kind, cls.card.view)
    model = fitted(cls, kind, x, y)
    together = model.predict(x)
    assert together.shape == (len(x), max(CLASSES[kind], 1))
    for row in (0, 7, len(x) - 1):
        alone = model.predict(x.take(slice(row, row + 1)))
        np.testing.assert_allclose(alone[0], together[row], rtol=1e-6, atol=1e-9)
    assert model.predict(x.take(slice(0, 0))).shape == (0, together.shape[1]), "no row, no answer"


def one_value_is_learned(cls: Any, kind: Kind) -> None:
    """A target with one class or one value is no error; the answer still has all columns."""
    x, y = toy_matrix(kind, cls.card.view, rows=40)
    only = np.full_like(y, CLASSES[kind] - 1 if CLASSES[kind] else 5.0)
    outputs = fitted(cls, kind, x, only, valid=(x, y)).predict(x)
    assert outputs.shape == (40, max(CLASSES[kind], 1))
    assert loss(kind, only, outputs) < 0.05


def absent_classes_keep_their_column(cls: Any, kind: Kind) -> None:
    """A class that training never showed has its column and little probability; validation rows may show it."""
    if CLASSES[kind] < 3:
        return
    x, y = toy_matrix(kind, cls.card.view)
    seen = y != 1
    outputs = fitted(cls, kind, x.take(seen), y[seen], valid=(x, y)).predict(x)
    assert outputs.shape == (len(x), CLASSES[kind])
    assert outputs[:, 1].max() < 0.05
    assert loss(kind, y[seen], outputs[seen]) < 0.75, "the other classes share the probability"  # ln 2 is a coin


def empty_columns_are_no_error(cls: Any, kind: Kind) -> None:
    """Columns that were all missing or constant in training may come alive later, or the other way round."""
    x, y = toy_matrix(kind, cls.card.view)
    dull = x.values.copy()
    dull[:, 1], dull[:, 2] = (np.nan if cls.card.view == "codes" else 0.0), 3.0
    _valid(kind, fitted(cls, kind, Matrix(dull, x.outputs), y).predict(x))
    _valid(kind, fitted(cls, kind, x, y).predict(Matrix(dull, x.outputs)))


def unseen_categories_are_no_error(cls: Any, kind: Kind) -> None:
    """A code that training never showed, or none at all, gets an answer."""
    x, y = toy_matrix(kind, cls.card.view)
    model = fitted(cls, kind, x, y)
    strange = x.values.copy()
    for j in x.categorical or [len(x.outputs) - 1]:
        strange[::2, j] = x.outputs[j].levels - 1 if x.categorical else 0.0
        strange[1::2, j] = np.nan if x.categorical else 0.0
    _valid(kind, model.predict(Matrix(strange, x.outputs)))


def no_features_give_the_prior(cls: Any, kind: Kind) -> None:
    """Without any feature the answer is that of the baseline."""
    _, y = toy_matrix(kind, cls.card.view, rows=60)
    nothing = Matrix(np.zeros((60, 0), dtype=np.float32), ())
    expected = fitted(MajorityModel, kind, nothing, y).predict(nothing)
    np.testing.assert_allclose(fitted(cls, kind, nothing, y).predict(nothing), expected, rtol=1e-6)


def probabilities_are_valid(cls: Any, kind: Kind) -> None:
    """Outputs are finite; probabilities lie in [0, 1] and sum to 1, also far from the training rows."""
    x, y = toy_matrix(kind, cls.card.view)
    model = fitted(cls, kind, x, y)
    far = np.where(np.isnan(x.values), x.values, np.sign(x.values) * np.float32(1e6))
    if x.categorical:
        far[:, x.categorical] = x.values[:, x.categorical]
    _valid(kind, model.predict(x))
    _valid(kind, model.predict(Matrix(far.astype(np.float32), x.outputs)))


def budget_is_kept(cls: Any, kind: Kind) -> None:
    """When the clock ends, the learner stops and is usable, or says TimeoutError; a learner of rounds stops between them."""
    x, y = toy_matrix(kind, cls.card.view)
    for seconds in (0.0, 1.0, 12.0):
        clock = HandClock(seconds, tick=1.0)
        try:
            model = make(cls, kind).fit(x, y, valid=(x, y), watch=clock, rounds=500)
        except TimeoutError:
            assert seconds < 12.0, "12 looks at the clock are enough for something usable"
            continue
        _valid(kind, model.predict(x))
        assert clock.at <= seconds + 5, "it must not go on after the clock ended"
        if model.rounds is not None:
            assert model.partial and model.rounds < 500, "a learner cut short says so"
            loaded = make(cls, kind).restore(_through_a_folder(model.state()))
            assert np.array_equal(loaded.predict(x), model.predict(x))


def space_is_usable(cls: Any, kind: Kind) -> None:
    """Points drawn from the space are accepted, stored unchanged, and can be fitted, for small and large problems."""
    x, y = toy_matrix(kind, cls.card.view, rows=60)
    rng = np.random.default_rng(0)
    for rows in (50, 1_000, 200_000):
        facts = Facts(kind=kind, rows=rows, columns=5, classes=CLASSES[kind], categories=1)
        params = sample(cls.space(facts), rng)
        model = make(cls, kind, **params)
        assert {name: getattr(model, name) for name in params} == params
        _valid(kind, model.fit(x, y, watch=Clock(None), rounds=3).predict(x))


def early_stopping_finds_rounds(cls: Any, kind: Kind) -> None:
    """What ``rounds`` says after a fit with validation rows can be given back to a fit without."""
    x, y = toy_matrix(kind, cls.card.view)
    late, early = x.take(slice(80, None)), x.take(slice(0, 80))
    model = fitted(cls, kind, early, y[:80], valid=(late, y[80:]), rounds=40)
    assert not model.partial
    assert model.rounds is None or 1 <= model.rounds <= 40
    again = fitted(cls, kind, x, y, rounds=model.rounds or 5)
    assert again.rounds == model.rounds
    _valid(kind, again.predict(x))


def beats_the_baseline(cls: Any, kind: Kind) -> None:
    """On an easy problem the loss on new rows is clearly below that of a constant answer."""
    x, y = toy_matrix(kind, cls.card.view, rows=400)
    early, late = x.take(slice(0, 300)), x.take(slice(300, None))
    ours = loss(kind, y[300:], fitted(cls, kind, early, y[:300], rounds=60).predict(late))
    naive = loss(kind, y[300:], fitted(MajorityModel, kind, early, y[:300]).predict(late))
    assert ours < 0.8 * naive, f"loss {ours:.4g} against {naive:.4g} of the baseline"


def weights_are_respected(cls: Any, kind: Kind) -> None:
    """Rows without weight do no harm, however wrong they are."""
    x, y = toy_matrix(kind, cls.card.view, rows=300)
    wrong = CLASSES[kind] - 1 - y if CLASSES[kind] else 3_000 - y
    both = Matrix(np.vstack([x.values, x.values]), x.outputs)
    weight = np.repeat([1.0, 0.0], 300)
    model = fitted(cls, kind, both, np.concatenate([y, wrong]), weight=weight)
    clean, weighed = fitted(cls, kind, x, y).predict(x), model.predict(x)
    assert loss(kind, y, weighed) < 1.1 * loss(kind, y, clean) + 0.02


def contributions_add_up(cls: Any, kind: Kind) -> None:
    """A learner that explains itself does so completely: parts and base make the prediction, fresh and loaded alike."""
    if not hasattr(cls, "contributions"):
        return
    x, y = toy_matrix(kind, cls.card.view)
    seen = y != 1 if CLASSES[kind] > 2 else np.ones(len(y), dtype=bool)
    nothing = Matrix(np.zeros((len(y), 0), dtype=np.float32), ())
    for rows, labels in ((x, y), (x.take(seen), y[seen]), (x, np.full_like(y, y[0])), (nothing, y)):
        model = fitted(cls, kind, rows, labels)
        parts = model.contributions(rows)
        assert parts.shape == (len(rows), rows.values.shape[1] + 1, max(CLASSES[kind], 1)) and parts.dtype == np.float64
        assert np.isfinite(parts).all()
        whole = parts.sum(axis=1)
        if kind != "regression":
            whole = np.exp(whole - whole.max(axis=1, keepdims=True))
            whole /= whole.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(whole, model.predict(rows), rtol=1e-6, atol=1e-9)
        loaded = make(cls, kind).restore(_through_a_folder(model.state()))
        np.testing.assert_allclose(loaded.contributions(rows), parts, rtol=1e-9, atol=1e-12)
        assert model.contributions(rows.take(slice(0, 0))).shape[0] == 0, "no row, no parts"


MODEL_CHECKS: dict[str, Callable[[Any, Kind], None]] = {
    check.__name__: check
    for check in (
        card_is_complete, settings_are_kept, same_seed_same_output, inputs_stay_untouched, saving_keeps_predictions,
        one_row_is_enough, one_value_is_learned, absent_classes_keep_their_column, empty_columns_are_no_error,
        unseen_categories_are_no_error, no_features_give_the_prior, probabilities_are_valid, budget_is_kept,
        space_is_usable, early_stopping_finds_rounds, beats_the_baseline, weights_are_respected, contributions_add_up,
    )
}  # fmt: skip
"""Name → promise; the names are what ``exam_skips`` refers to."""


def _valid(kind: Kind, outputs: Floats) -> None:
    assert outputs.dtype == np.float64
    assert np.isfinite(outputs).all(), "outputs must be finite"
    if kind != "regression":
        assert outputs.min() >= 0.0 and outputs.max() <= 1.0, "probabilities lie in [0, 1]"
        np.testing.assert_allclose(outputs.sum(axis=1), 1.0, atol=1e-9)


def _through_a_folder(state: State) -> State:
    """Return the state as it comes back from disk."""
    with tempfile.TemporaryDirectory() as folder:
        bundle.save(Path(folder), {}, {"part": state})
        return bundle.load(Path(folder))[1]["part"]
