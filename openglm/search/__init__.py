"""From a plan to trials to an ensemble, within a budget. Knows learners only by the ids in the plan."""

from openglm.search._check import check
from openglm.search._finish import assemble, refit
from openglm.search._loop import BASELINE_ID, search
from openglm.search._pool import InlinePool, Pool, WorkerPool

__all__ = ["BASELINE_ID", "InlinePool", "Pool", "WorkerPool", "assemble", "check", "refit", "search"]
