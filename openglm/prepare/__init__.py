"""Source → Dataset: load, look, validate, find leaks, split, clean. Problems of the data become findings."""

from openglm.prepare._apply import Cleaned as Cleaned
from openglm.prepare._clean import clean as clean
from openglm.prepare._divide import fold_again as fold_again
from openglm.prepare._expect import expectations as expectations
from openglm.prepare._expect import hold as hold
from openglm.prepare._like import compare as compare
from openglm.prepare._prepare import check as check
from openglm.prepare._prepare import load as load
from openglm.prepare._prepare import prepare as prepare
from openglm.prepare._profile import profile as profile

__all__ = ["prepare", "load", "check", "clean", "Cleaned", "profile", "compare", "expectations", "hold", "fold_again"]  # noqa: RUF022 - the room's job first
