"""Contributions, typical rows, surprises and dominance, in words."""

import numpy as np
import pytest

from openglm.core.evidence import Contribution, RowReason, Term
from openglm.core.schema import Column, Schema
from openglm.explain import _reasons


def _found(*sizes):
    return tuple(Contribution(column=f"c{i}", mean_abs=size, rows=9) for i, size in enumerate(sizes))


def test_means_are_sorted_and_absolute():
    """A column that moves rows up and down counts as much as one that moves them one way."""
    found = _reasons.on_average(["a", "b", "c"], np.array([[1.0, -3.0, 0.0], [1.0, 3.0, 0.0]]))
    assert [(item.column, item.mean_abs, item.rows) for item in found] == [("b", 3.0, 2), ("a", 1.0, 2), ("c", 0.0, 2)]


def test_two_classes_show_the_surest_and_the_closest():
    """Confident right positive, confident right negative, borderline; a confident wrong row is none of them."""
    p = np.array([0.99, 0.9, 0.1, 0.02, 0.52, 0.97])
    y = np.array([1, 1, 0, 0, 1, 0])
    outputs = np.stack([1 - p, p], axis=1)
    assert _reasons.typical_rows(y, outputs, (p >= 0.5).astype(int), 0.5) == [0, 3, 4]
    losses = _reasons.row_losses(y, outputs, classes=True)
    assert _reasons.worst_rows(losses, y, (p >= 0.5).astype(int)) == [5], "right rows are no errors"


def test_values_show_high_low_and_middle_among_the_good_ones():
    """A prediction that is far off is no typical row; it is the surprise."""
    y = np.array([1.0, 2.0, 3.0, 4.0, 100.0])
    outputs = np.array([[1.1], [2.1], [3.1], [4.1], [5.0]])
    assert set(_reasons.typical_rows(y, outputs, None, 0.5)) <= {0, 1, 2, 3}
    assert _reasons.worst_rows(_reasons.row_losses(y, outputs, classes=False), y, None)[0] == 4


def test_many_classes_show_the_frequent_ones():
    """One sure row for each of the three most frequent classes, and the one between two classes; never a row twice."""
    rng = np.random.default_rng(0)
    outputs = rng.dirichlet(np.ones(6), 200)
    codes = outputs.argmax(axis=1)
    found = _reasons.typical_rows(codes, outputs, codes, 0.5)
    assert len(found) == len(set(found)) <= 4


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        (Column(name="x", role="numeric", dtype="float"), 3.0, "3"),
        (Column(name="x", role="numeric", dtype="float"), 0.123456789, "0.123457"),
        (Column(name="x", role="numeric", dtype="float"), float("nan"), "–"),
        (Column(name="x", role="category", dtype="str"), None, "–"),
        (Column(name="x", role="category", dtype="str"), "按月", "按月"),
        (Column(name="x", role="date", dtype="date"), 1_709_596_800.0, "2024-03-05"),
        (Column(name="x", role="date", dtype="datetime"), 1_709_596_800.0 + 5400, "2024-03-05 01:30"),
        (Column(name="x", role="category", dtype="str", personal="phone"), "13800000000", "***"),
        (Column(name="x", role="text", dtype="str"), "x" * 200, "x" * 59 + "…"),
    ],
)
def test_values_are_written_in_the_tables_terms(column, value, text):
    """Dates are dates, whole numbers have no point, personal data is hidden."""
    assert _reasons.as_written(value, column) == text


def test_reasons_read_well_in_both_languages():
    """The largest first, with sign; a gap is called missing."""
    terms = (Term(column="合同类型", value="按月", amount=0.214), Term(column="月费", value="–", amount=-0.051))
    reason = RowReason(row=4, truth="是", prediction="是", output=0.62, base=0.457, loss=0.4, terms=terms)
    said = _reasons.in_words(reason, "是")
    assert said.zh == "是, P(是) 0.62 (平均 0.46): 因为 合同类型=按月, +0.21; 月费=缺失, -0.05"
    assert said.en == "是, P(是) 0.62 (base 0.46): because 合同类型=按月, +0.21; 月费=missing, -0.05"
    assert _reasons.because(terms[0], "zh") == "因为 合同类型=按月, +0.21"
    assert _reasons.in_words(reason.model_copy(update={"terms": ()})).en.endswith("as on average")


def test_terms_leave_out_what_moves_nothing():
    """At most so many columns, the largest first, none of them idle."""
    schema = Schema(columns=tuple(Column(name=n, role="numeric", dtype="float") for n in "abc"), rows=1)
    x = {name: np.array([float(i)]) for i, name in enumerate("abc")}
    found = _reasons.terms_of(schema, x, 0, np.array([0.1, -0.5, 0.0]), top=5)
    assert [(term.column, term.amount) for term in found] == [("b", -0.5), ("a", 0.1)]
    assert len(_reasons.terms_of(schema, x, 0, np.array([0.1, -0.5, 0.2]), top=2)) == 2


def test_one_column_that_is_the_model_is_reported():
    """Above four fifths of all contributions, unless the user named it or there are hardly any columns."""
    finding = _reasons.dominant_column(_found(9.0, 0.5, 0.5), "predict churn")
    assert finding is not None and finding.code == "dominant-column" and finding.column == "c0"
    assert "90 %" in finding.message.en and "90%" in finding.message.zh and finding.fix is not None
    assert _reasons.dominant_column(_found(9.0, 0.5, 0.5), "predict churn from C0") is None
    assert _reasons.dominant_column(_found(4.0, 1.0, 1.0), "predict churn") is None
    assert _reasons.dominant_column(_found(9.0, 0.5), "predict churn") is None
    assert _reasons.dominant_column(_found(0.0, 0.0, 0.0), "predict churn") is None
