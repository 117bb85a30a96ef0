"""Open-AutoGLM: one sentence, in Chinese or English, and a data set become a model.

Importing this package costs next to nothing: every name below is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openglm.auto import AutoPipeline as AutoPipeline
    from openglm.chat import Chat as Chat
    from openglm.core.budget import Budget as Budget
    from openglm.core.errors import OpenGLMError as OpenGLMError
    from openglm.core.pipeline import Pipeline as Pipeline
    from openglm.core.plan import Plan as Plan
    from openglm.core.result import Result as Result
    from openglm.core.run import Run as Run
    from openglm.core.task import Goal as Goal
    from openglm.core.task import Task as Task
    from openglm.estimator import AutoModel as AutoModel
    from openglm.flow import load as load
    from openglm.flow import run as run

__version__ = "0.1.0"

_HOMES = {
    "AutoModel": "openglm.estimator",
    "AutoPipeline": "openglm.auto",
    "Budget": "openglm.core.budget",
    "Chat": "openglm.chat",
    "Goal": "openglm.core.task",
    "OpenGLMError": "openglm.core.errors",
    "Pipeline": "openglm.core.pipeline",
    "Plan": "openglm.core.plan",
    "Result": "openglm.core.result",
    "Run": "openglm.core.run",
    "Task": "openglm.core.task",
    "load": "openglm.flow",
    "run": "openglm.flow",
}
__all__ = [
    "AutoModel",
    "AutoPipeline",
    "Budget",
    "Chat",
    "Goal",
    "OpenGLMError",
    "Pipeline",
    "Plan",
    "Result",
    "Run",
    "Task",
    "load",
    "run",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'openglm' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*_HOMES, "__version__"])
