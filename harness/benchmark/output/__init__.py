"""Reading what the official programs print and write."""

from harness.benchmark.output.delegation import DelegateOutput
from harness.benchmark.output.operators import read_operators
from harness.benchmark.output.protos import (
    ResultFile,
    ResultFileError,
    delegated_nodes,
    proto_kind,
    read_result_file,
    read_runtime_info,
)
from harness.benchmark.output.reader import BenchmarkOutput, parse_benchmark

__all__ = [
    "BenchmarkOutput",
    "DelegateOutput",
    "ResultFile",
    "ResultFileError",
    "delegated_nodes",
    "parse_benchmark",
    "proto_kind",
    "read_operators",
    "read_result_file",
    "read_runtime_info",
]
