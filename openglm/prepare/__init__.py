"""Source → Dataset: load, look, validate, find leaks, split, clean. Problems of the data become findings."""

from openglm.prepare._prepare import check as check
from openglm.prepare._prepare import load as load
from openglm.prepare._prepare import prepare as prepare

__all__ = ["prepare", "load", "check"]  # noqa: RUF022 - the room's job first
