"""The run folder: journal, tables, history."""
