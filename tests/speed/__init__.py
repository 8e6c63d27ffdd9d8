"""Benchmarks of the harness itself; run by hand, never judged by the suite."""
