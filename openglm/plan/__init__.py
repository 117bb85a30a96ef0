"""From a task and its data to a plan: one file per kind of problem, the best claim wins. Trains nothing."""

from openglm.plan._make import check_plan, make_plan

__all__ = ["check_plan", "make_plan"]
