"""The two programs called benchmark_model, on virtual phones: the official command lines and output.

Times follow the phone's law (law.py) and its present speed; results are real (compute.py).
"""

from harness.virtual.bench.app import benchmark_app
from harness.virtual.bench.litert import litert_benchmark_model
from harness.virtual.bench.session import benchmark_model

__all__ = ["benchmark_app", "benchmark_model", "litert_benchmark_model"]
