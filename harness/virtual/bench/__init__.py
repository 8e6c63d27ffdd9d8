"""benchmark_model on a virtual phone."""
