"""Runs a plan on many phones at once."""
