"""benchmark_model on a virtual phone: the official command line and output; times by the phone's law, results real."""

from harness.virtual.bench.session import benchmark_model

__all__ = ["benchmark_model"]
