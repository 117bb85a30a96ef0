"""Pantry of feature makers: one transformer for one kind of column in each file, found by scanning."""
