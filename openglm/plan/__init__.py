"""From a task and its data to a plan: one file per kind of problem, the best claim wins. Trains nothing."""

from openglm.plan._make import check_plan, make_plan
from openglm.plan._script import Cleaning

__all__ = ["Cleaning", "check_plan", "make_plan"]
