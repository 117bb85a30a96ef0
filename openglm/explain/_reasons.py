"""Why the model says what it says: each column's part on average, in a few typical rows and in the worst errors, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openglm.core.evidence import Contribution, RowReason, Term
from openglm.core.finding import Finding
from openglm.core.parts import Columns, Floats
from openglm.core.schema import Column, Schema
from openglm.core.words import Language, Said

TERMS = 8
"""Columns named for one row: more than people weigh against each other; the rest is one line."""
SURPRISES = 5
"""Worst errors shown: as many as one reads one by one."""
CLASSES_SHOWN = 3
"""With many classes, the most frequent ones get a typical row each."""
DOMINANT = 0.8
"""Share of all mean contributions above which one column is the model. Our own choice: by then the other columns together
move a prediction by a quarter of what this one does, which honest tables with several columns rarely show and leaks do."""
FEWEST_COLUMNS = 3
"""With fewer columns one of them carries the model by nature."""
LONGEST = 60
"""Characters of a text that are shown."""
MISSING = "–"
HIDDEN = "***"
"""Stands for personal data."""


def row_losses(y: NDArray[Any], outputs: Floats, *, classes: bool) -> Floats:
    """Return how wrong each row is: log loss for classes, absolute error for values."""
    if not classes:
        return np.asarray(np.abs(outputs[:, 0] - y), dtype=np.float64)
    p = outputs[np.arange(len(y)), y.astype(np.int64)]
    return np.asarray(-np.log(np.clip(p, 1e-15, 1.0)), dtype=np.float64)


def typical_rows(y: NDArray[Any], outputs: Floats, codes: NDArray[np.int64] | None, threshold: float) -> list[int]:
    """Return positions of a few rows that show how the model decides.

    Two classes: the surest right positive and negative, and the row closest to the threshold. More: the surest right row of
    the most frequent classes, and the one whose best two classes are closest. Values: a high, a low and a middle prediction
    among those that are right to half the usual error.
    """
    if not len(y):
        return []
    found: list[int] = []
    if codes is None:
        error = np.abs(outputs[:, 0] - y)
        good = np.flatnonzero(error <= np.median(error))
        order = good[np.argsort(outputs[good, 0], kind="stable")]
        found = [int(order[-1]), int(order[0]), int(order[len(order) // 2])]
    else:
        often = np.argsort(-np.bincount(y.astype(np.int64), minlength=outputs.shape[1]), kind="stable")
        shown = (1, 0) if outputs.shape[1] == 2 else often[:CLASSES_SHOWN]
        for code in shown:
            right = np.flatnonzero((y == code) & (codes == code))
            if len(right):
                found.append(int(right[np.argmax(outputs[right, code])]))
        if outputs.shape[1] == 2:
            found.append(int(np.argmin(np.abs(outputs[:, 1] - threshold))))
        else:
            best = np.sort(outputs, axis=1)
            found.append(int(np.argmin(best[:, -1] - best[:, -2])))
    return list(dict.fromkeys(found))


def worst_rows(losses: Floats, y: NDArray[Any], codes: NDArray[np.int64] | None) -> list[int]:
    """Return positions of the largest losses, worst first; for classes only rows that are decided wrongly."""
    order = np.argsort(-losses, kind="stable")
    if codes is not None:
        order = order[codes[order] != y[order]]
    return [int(row) for row in order[:SURPRISES]]


def on_average(names: Sequence[str], values: Floats) -> tuple[Contribution, ...]:
    """Return the mean absolute contribution of each column, largest first; ``values`` has shape (rows, columns)."""
    if not len(values):
        return ()
    mean = np.abs(values).mean(axis=0)
    order = np.argsort(-mean, kind="stable")
    return tuple(Contribution(column=names[j], mean_abs=float(mean[j]), rows=len(values)) for j in order)


def terms_of(schema: Schema, x: Columns, row: int, amounts: Floats, top: int = TERMS) -> tuple[Term, ...]:
    """Return the columns that move one row most, largest first; those that do not move it are left out.

    Parameters
    ----------
    schema : Schema
        Of the columns.
    x : Columns
        Typed columns.
    row : int
        Position in them.
    amounts : ndarray of shape (columns,)
        In the order of ``x``.
    top : int
        Most columns to name.
    """
    names = list(x)
    order = np.argsort(-np.abs(amounts), kind="stable")[:top]
    return tuple(
        Term(column=names[j], value=as_written(x[names[j]][row], schema[names[j]]), amount=float(amounts[j]))
        for j in order
        if amounts[j] != 0
    )


def as_written(value: Any, column: Column) -> str:
    """Return a typed value in the table's own terms: a date as a date, a whole number without a point, a gap as "–"."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return MISSING
    if column.personal:
        return HIDDEN
    if column.role == "date":
        at = datetime.fromtimestamp(float(value), UTC)
        return at.strftime("%Y-%m-%d" if float(value) % 86_400 == 0 else "%Y-%m-%d %H:%M")
    if isinstance(value, str):
        return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.6g}"


def because(term: Term, language: Language) -> str:
    """Return one reason in words.

    Examples
    --------
    >>> because(Term(column="合同类型", value="按月", amount=0.2101), "zh")
    '因为 合同类型=按月, +0.21'
    """
    word = "因为" if language == "zh" else "because"
    return f"{word} {_bare(term, language)}"


def in_words(reason: RowReason, label: str = "") -> Said:
    """Return why one row got its answer, as one line: the answer, the base, and the columns that moved it.

    Parameters
    ----------
    reason : RowReason
        Of one row.
    label : str
        For classes: the one whose probability is explained.
    """

    def line(language: Language) -> str:
        zh = language == "zh"
        told = [_bare(term, language) for term in reason.terms]
        why = ("因为 " if zh else "because ") + "; ".join(told) if told else ("与平均相同" if zh else "as on average")
        answer = f"{reason.prediction}, P({label}) {_short(reason.output)}" if label else _short(reason.output)
        return f"{answer} ({'平均' if zh else 'base'} {_short(reason.base)}): {why}"

    return Said(en=line("en"), zh=line("zh"))


def dominant_column(found: Sequence[Contribution], sentence: str) -> Finding | None:
    """Return a finding when one column that the sentence does not name moves the predictions nearly alone."""
    total = sum(item.mean_abs for item in found)
    if len(found) < FEWEST_COLUMNS or total <= 0 or found[0].mean_abs <= DOMINANT * total:
        return None
    name, share = found[0].column, 100 * found[0].mean_abs / total
    if name.strip().casefold() in sentence.casefold():
        return None
    return Finding(
        severity="warning",
        code="dominant-column",
        column=name,
        message=Said(
            en=f"“{name}” alone makes {share:.0f} % of what moves the predictions. That is rare without a leak.",
            zh=f"仅“{name}”一列就占预测变化的 {share:.0f}%，没有泄露时很少如此。",
        ),
        fix=Said(
            en=f"Nothing was changed. Is “{name}” known when you predict? If not, leave it out and train again: its score "
            "would not last.",
            zh=f"未做改动。预测时能否得到“{name}”？若不能，请去掉该列重新训练，否则得分无法保持。",
        ),
    )


def _bare(term: Term, language: Language) -> str:
    value = {"zh": "缺失", "en": "missing"}[language] if term.value == MISSING else term.value
    return f"{term.column}={value}, {_short(term.amount, signed=True)}"


def _short(value: float, *, signed: bool = False) -> str:
    """Return two digits after the point below 10, else three that count."""
    size = abs(value)
    text = f"{size:.2f}" if 0.005 <= size < 10 else f"{size:,.0f}" if size >= 1000 else f"{size:.3g}"
    sign = "-" if value < 0 else "+" if signed else ""
    return sign + text
