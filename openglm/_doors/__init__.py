"""One door for each type of step: what :mod:`openglm.flow` opens when a step's turn has come.

A step is given the outcomes of all steps it waits for and takes from them what it needs; what it took is written down. The
learning itself is not done here: a learning step's door only says what the search brought.
"""

from __future__ import annotations

from collections.abc import Callable

from openglm._doors import data, model, onward
from openglm._doors.onward import file_in
from openglm._doors.work import Work
from openglm.core import graph
from openglm.core.errors import OpenGLMError
from openglm.core.outcome import Outcome
from openglm.core.task import StepType
from openglm.core.words import Said

__all__ = ["DOORS", "Work", "carry_out", "file_in"]

_MADE_OF: dict[str, int] = {"compress": 1, "export": 2, "predict": 2, "deploy": 3, "monitor": 4}
"""Steps that hand the model on, in the order in which one works on what the other made."""
_NO_MODEL = Said(
    en="That needs a model, and the sentence does not say what to predict.",
    zh="这一步需要模型,而这句话没有说明要预测什么。",
)


def carry_out(work: Work) -> Outcome:
    """Open the door of the step; whatever goes wrong behind it is its outcome and ends no run."""
    held = _held_up(work)
    if held is not None:
        name, why = graph.NAMES[held.type], held.said
        said = Said(
            en=f"Not done, because '{name.en}' before it is missing: {why.en}",
            zh=f"未执行: 前面的“{name.zh}”没有完成。{why.zh}",
        )
        return work.end("skipped", said)
    if not work.goal.tasks and work.step.type not in graph.DATA:
        return work.end("not_available", _NO_MODEL)
    try:
        return DOORS[work.step.type](work)
    except OpenGLMError as error:
        return work.end("failed", Said(en=error.text("en"), zh=error.text("zh")))
    except Exception as error:  # a step beside the model must never cost the model
        detail = " ".join(f"{type(error).__name__}: {error}".split())
        return work.end("failed", Said(en=f"Unexpected: {detail}", zh=f"意外错误: {detail}"))


def _held_up(work: Work) -> Outcome | None:
    """Return the step for want of which this one cannot be done.

    A step needs what was to be made of the model before it came to it; that "deploy it, then export it" cannot deploy keeps
    nobody from exporting. Everything up to the report needs only the table or the model.
    """
    place = _MADE_OF.get(work.step.type, 0)
    missing = [item for item in work.before if item.status != "done" and _MADE_OF.get(item.type, place) < place]
    return missing[0] if missing else None


DOORS: dict[StepType, Callable[[Work], Outcome]] = {
    "validate_data": data.validate, "clean_data": data.clean, "describe_data": data.describe,
    "engineer_features": data.features, "build_model": model.build, "tune": model.again, "retrain": model.again,
    "compare": model.compare, "evaluate": model.evaluate, "explain": model.explain, "report": model.report,
    "predict": onward.predict, "compress": onward.compress, "export": onward.export, "deploy": onward.deploy,
    "monitor": onward.monitor,
}  # fmt: skip
