"""What was noticed about the data, in both languages: validation, cleaning, leakage and fairness all speak it."""

from __future__ import annotations

from typing import Any, Literal

from openglm.core.words import Language, Said, Word

Severity = Literal["blocker", "warning", "note"]
"""``blocker``: no honest model can be learned; ``warning``: look at it; ``note``: done, and said so."""


class Finding(Word):
    """One thing noticed about the data.

    Parameters
    ----------
    severity : Severity
        How much it matters.
    code : str
        Stable, for programs: words joined with "-" or "_", the family first ("leak-copy", "id-dropped", "missing-filled").
    column : str or None
        The column it is about; ``None`` for the whole table.
    message : Said
        What was noticed.
    fix : Said or None
        What was done about it, and how to decide otherwise.
    rows : int or None
        How many rows it touches.
    """

    severity: Severity
    code: str
    column: str | None = None
    message: Said
    fix: Said | None = None
    rows: int | None = None

    def plain(self, language: Language) -> dict[str, Any]:
        """Return it as plain JSON data with its texts in one language: what ``--json`` prints."""
        return {
            "severity": self.severity,
            "code": self.code,
            "column": self.column,
            "message": self.message.text(language),
            "fix": self.fix.text(language) if self.fix else None,
            "rows": self.rows,
        }
