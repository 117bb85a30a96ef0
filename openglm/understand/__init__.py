"""Understands a sentence over a table: intent, target, kind of problem, metric, limits, each with its evidence. Offline."""

from openglm.understand._reader import read

__all__ = ["read"]
