"""What is wrong or remarkable about a table: all checks in one order, each column looked at once.

A check accuses by evidence and is quiet about ordinary tables; what only reading a column reveals (gaps, numbers written as
text, copies of rows) is said where it is read, in ``_notes``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from openglm.core.dataset import Raw
from openglm.core.finding import Finding
from openglm.prepare._checks_dates import date_findings, order_findings
from openglm.prepare._checks_levels import spellings
from openglm.prepare._checks_marks import disguised_missing, numbers_of
from openglm.prepare._checks_numbers import number_findings
from openglm.prepare._checks_rows import table_findings
from openglm.prepare._checks_texts import hidden_gaps, near_constant, text_findings
from openglm.prepare._sight import Sight, sights

__all__ = ["disguised_missing", "look", "spellings"]

SILENT = ("id", "constant", "empty")  # roles that are left out anyway


def look(raw: Raw, *, target: str | None = None, without: Collection[str] = ()) -> tuple[Finding, ...]:
    """Return what is wrong or remarkable about the columns of a table and about the table as a whole.

    Parameters
    ----------
    raw : Raw
        As ``load`` returns it.
    target : str or None
        Column to predict: a cut-off or a heavy tail matters more there.
    without : collection of str
        Columns that are not used.
    """
    used = tuple(c.name for c in raw.schema.columns if c.role not in SILENT and c.name not in without)
    found: list[Finding] = []
    for sight in sights(raw, used):
        found.extend(_one(sight, target))
    found.extend(order_findings(raw))
    found.extend(table_findings(raw, tuple(name for name in used if name != target)))
    return tuple(found)


def _one(sight: Sight, target: str | None) -> Iterator[Finding]:
    column = sight.column
    gaps, said = hidden_gaps(sight)
    yield from said
    yield from near_constant(sight) if column.name != target else ()
    if column.role == "numeric":
        values = numbers_of(column, gaps)
        out = set(values[np.isfinite(values)].tolist())
        yield from number_findings(sight, out, target=column.name == target)
    elif column.role == "date":
        yield from date_findings(sight)
    elif not column.personal:
        yield from text_findings(sight, gaps)
