"""Exact parts turned into the output's unit: they add up, keep their order, and reach the table's own columns."""

import numpy as np
import pytest

from openglm.core import attribution
from openglm.core.attribution import in_unit
from openglm.core.budget import Clock
from openglm.core.pipeline import FeatureView, Member, Pipeline, make_model
from openglm.core.plan import FeatureStep
from openglm.core.registry import is_available, parts
from openglm.core.schema import Column, Schema
from openglm.core.task import Task
from openglm.core.trial import Candidate
from openglm.testing.toys import CLASSES, TOY_ROLES, toy_columns

DTYPES = {"numeric": "float", "date": "datetime"}


def _pipeline(kind, *models, rows=300):
    """Return an ensemble of learners with equal weights on columns of every role, and the columns."""
    x, y = toy_columns(kind, rows=rows)
    columns = tuple(Column(name=name, role=role, dtype=DTYPES.get(role, "str")) for name, role in TOY_ROLES.items())
    task = Task(kind=kind, target="y", metric="rmse" if kind == "regression" else "log_loss")
    classes = tuple("abc"[: CLASSES[kind]])
    views, members = {}, []
    for i, name in enumerate(models):
        view = parts("models")[name].card.view
        if view not in views:
            steps = tuple(
                FeatureStep(part=made, columns=tuple(c.name for c in columns if c.role in maker.card.roles))
                for made, maker in parts("features").items()
                if maker.card.view == view and any(c.role in maker.card.roles for c in columns)
            )
            views[view] = FeatureView.fit(view, steps, x, y, 0)
        candidate = Candidate(id=f"t{i}", model=name, view=view)
        model = make_model(candidate, task, len(classes)).fit(views[view].transform(x), y, watch=Clock(None), rounds=20)
        members.append(Member(candidate, model, 1 / len(models)))
    made = Pipeline(
        task=task, schema=Schema(columns=columns, rows=rows), classes=classes, views=views, members=members,
        background={name: values[:10] for name, values in x.items()},
    )  # fmt: skip
    return made, x


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize(
    "models", [("lightgbm",), ("lightgbm", "linear"), ("catboost", "linear", "lightgbm")], ids="-".join
)
def test_rows_add_up_to_the_prediction(kind, models):
    """Base plus the parts of the table's columns is the ensemble's answer, whatever its members and their views."""
    if not all(is_available(parts("models")[name].card) for name in models):
        pytest.skip("a learner is not installed")
    made, x = _pipeline(kind, *models)
    assert made.explains_itself
    outputs = made.outputs(x)
    focus = made.focus(outputs)
    values, base, full = made.contributions(x, focus=focus)
    assert values.shape == (300, len(x))
    np.testing.assert_allclose(values.sum(axis=1) + base, full, rtol=1e-9, atol=1e-9)
    wanted = outputs[:, 0] if focus is None else outputs[np.arange(300), focus]
    np.testing.assert_allclose(full, wanted, rtol=1e-9, atol=1e-9)
    assert (values[:, list(x).index("constant")] == 0).all(), "a constant moves nothing"


def test_columns_gather_what_was_made_from_them():
    """One linear member and a value: each column's part is the sum over its features, exactly."""
    made, x = _pipeline("regression", "linear")
    matrix = made.views["dense"].transform(x)
    parts_ = made.members[0].model.contributions(matrix)
    values, base, _ = made.contributions(x, focus=None)
    for j, name in enumerate(x):
        own = [i for i, output in enumerate(matrix.outputs) if output.column == name]
        np.testing.assert_allclose(values[:, j], parts_[:, own, 0].sum(axis=1), atol=1e-9)
    np.testing.assert_allclose(base, parts_[:, -1, 0])


def test_a_member_without_exact_parts_leads_to_samples():
    """A forest does not know its parts, so the whole ensemble is sampled, and still adds up."""
    made, x = _pipeline("binary", "lightgbm", "random_forest")
    assert not made.explains_itself
    few = {name: values[:3] for name, values in x.items()}
    values, base, full = made.contributions(few, focus=np.ones(3, dtype=np.int64))
    np.testing.assert_allclose(values.sum(axis=1) + base, full, atol=1e-9)
    sampled = attribution.shapley(made.outputs, few, made.background, focus=np.ones(3, dtype=np.int64))
    np.testing.assert_array_equal(values, sampled[0])


def test_exact_and_sampled_agree_where_the_model_is_a_sum():
    """Of a linear model the sampled values differ from the exact ones only by what "unknown" means: the base."""
    made, x = _pipeline("regression", "linear")
    few = {name: values[:5] for name, values in x.items()}
    values, base, _ = made.contributions(few, focus=None)
    sampled, other, _ = attribution.shapley(made.outputs, few, x, orders=200, seed=1)
    assert np.corrcoef(values.ravel(), sampled.ravel())[0, 1] > 0.98
    assert abs(base[0] - other.mean()) < 20  # 500 draws from answers with a deviation of about 75


def test_no_rows_no_parts():
    """An empty table is explained by an empty table."""
    made, x = _pipeline("binary", "lightgbm")
    values, base, full = made.contributions({k: v[:0] for k, v in x.items()}, focus=np.zeros(0, dtype=np.int64))
    assert values.shape == (0, len(x)) and len(base) == len(full) == 0


# ── the unit of the output ──


def _softmax(scores):
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("scale", [0.0, 0.1, 2.0, 100.0])
def test_probabilities_are_shared_out_completely(classes, scale):
    """Every class of every row, from tiny moves to certainty, adds up."""
    rng = np.random.default_rng(classes)
    parts_ = rng.normal(size=(50, 5, classes)) * scale
    focus = rng.integers(0, classes, 50)
    values, base, full = in_unit(parts_, focus)
    np.testing.assert_allclose(values.sum(axis=1) + base, full, atol=1e-12)
    np.testing.assert_allclose(full, _softmax(parts_.sum(axis=1))[np.arange(50), focus], atol=1e-12)
    assert np.isfinite(values).all()


def test_two_classes_keep_sign_and_order_of_the_log_odds():
    """Parts of a probability are the parts of the log odds times one positive number per row."""
    parts_ = np.zeros((1, 4, 2))
    parts_[0, :, 1] = [1.0, -2.0, 0.5, 0.3]
    values, base, full = in_unit(parts_, np.array([1]))
    slope = (full - base) / (1.0 - 2.0 + 0.5)
    np.testing.assert_allclose(values[0], slope[0] * np.array([1.0, -2.0, 0.5]))
    assert slope[0] > 0
    other, _, _ = in_unit(parts_, np.array([0]))
    np.testing.assert_allclose(other, -values)


def test_moves_that_cancel_are_no_division_by_zero():
    """Log odds that end where they began take the slope of the probability there."""
    parts_ = np.zeros((1, 3, 2))
    parts_[0, :2, 1] = [1.0, -1.0]
    values, base, full = in_unit(parts_, np.array([1]))
    np.testing.assert_allclose(values[0], [0.25, -0.25])
    assert base[0] == full[0] == 0.5


def test_many_classes_follow_the_straight_line():
    """The integral of the gradient, against a sum of many small steps."""
    rng = np.random.default_rng(0)
    parts_ = rng.normal(size=(1, 4, 3))
    values, _, _ = in_unit(parts_, np.array([2]))
    steps = (np.arange(20_000) + 0.5) / 20_000
    moves, start = parts_[0, :-1], parts_[0, -1]
    p = _softmax(start + steps[:, None] * moves.sum(axis=0))
    gradient = -p[:, 2:] * p
    gradient[:, 2] += p[:, 2]
    np.testing.assert_allclose(values[0], moves @ gradient.mean(axis=0), atol=1e-6)


def test_a_value_is_its_own_unit():
    """A regression's parts are left as they are."""
    parts_ = np.arange(12.0).reshape(3, 4, 1)
    values, base, full = in_unit(parts_, None)
    np.testing.assert_array_equal(values, parts_[:, :-1, 0])
    np.testing.assert_array_equal(base, parts_[:, -1, 0])
    np.testing.assert_array_equal(full, parts_.sum(axis=(1, 2)))
