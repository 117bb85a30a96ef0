"""What came of one step of a goal."""

from __future__ import annotations

from typing import Any, Literal

from openglm.core.schema import Scalar
from openglm.core.task import StepType
from openglm.core.words import Language, Said, Word

OutcomeStatus = Literal["done", "skipped", "not_available", "failed"]
STATUS_NAMES: dict[str, Said] = {
    "done": Said(en="done", zh="完成"),
    "skipped": Said(en="skipped", zh="跳过"),
    "not_available": Said(en="not available", zh="暂不支持"),
    "failed": Said(en="failed", zh="失败"),
}
"""What a person reads."""


class Outcome(Word):
    """What came of one step.

    Parameters
    ----------
    task_id, type : str
        Of the step.
    status : OutcomeStatus
        ``skipped`` because something it waits for is missing, ``not_available`` because this version cannot do it, ``failed``
        with the reason in ``said``.
    said : Said
        What happened, in a sentence or two.
    inputs : tuple of str
        Steps whose results it was given and used.
    artifacts : dict of str to str
        Name → path relative to the run folder, with forward slashes.
    values : dict of str to scalar
        A few numbers or words for programs, such as the score.
    """

    task_id: str
    type: StepType
    status: OutcomeStatus
    said: Said
    inputs: tuple[str, ...] = ()
    artifacts: dict[str, str] = {}
    values: dict[str, Scalar] = {}

    def plain(self, language: Language) -> dict[str, Any]:
        """Return it as plain JSON data with its text in one language: what ``--json`` prints."""
        return {**self.model_dump(mode="json", exclude={"said"}), "said": self.said.text(language)}
