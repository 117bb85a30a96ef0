"""Pantry of language models: one in each file, found by scanning. Optional everywhere."""
