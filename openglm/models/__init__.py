"""Pantry of learners: one in each file, found by scanning."""
