"""Exams that every part of a pantry must pass, and honest fakes for tests. Needs no test framework.

``check_model(MyModel)`` and ``check_feature(MyFeature)`` raise AssertionError with the promise that was broken.
"""

from openglm.testing.chat import ChatServer
from openglm.testing.fakes import HandClock, MajorityModel
from openglm.testing.feature import check_feature
from openglm.testing.model import check_model
from openglm.testing.toys import toy_columns, toy_matrix

__all__ = ["ChatServer", "HandClock", "MajorityModel", "check_feature", "check_model", "toy_columns", "toy_matrix"]
