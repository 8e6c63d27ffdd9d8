"""Rows, tables, plots and pages from a run."""
