"""Intervals and comparisons. Pure; each docstring names its method."""
