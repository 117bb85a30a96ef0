"""Understands a sentence over a table: intent, target, kind of problem, metric, limits, each with its evidence. Offline."""

from openglm.understand._dialogue import Dialogue
from openglm.understand._reader import read
from openglm.understand._refine import SECONDS, refine

__all__ = ["SECONDS", "Dialogue", "read", "refine"]
