from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar

from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message

DESCRIPTOR: _descriptor.FileDescriptor

class LatencyMetrics(_message.Message):
    __slots__ = (
        "average_warm_up_ms",
        "avg_ms",
        "first_inference_ms",
        "init_ms",
        "max_ms",
        "median_ms",
        "min_ms",
        "p5_ms",
        "p95_ms",
        "stddev_ms",
    )
    AVG_MS_FIELD_NUMBER: _ClassVar[int]
    MIN_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_MS_FIELD_NUMBER: _ClassVar[int]
    STDDEV_MS_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_MS_FIELD_NUMBER: _ClassVar[int]
    P5_MS_FIELD_NUMBER: _ClassVar[int]
    P95_MS_FIELD_NUMBER: _ClassVar[int]
    INIT_MS_FIELD_NUMBER: _ClassVar[int]
    FIRST_INFERENCE_MS_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_WARM_UP_MS_FIELD_NUMBER: _ClassVar[int]
    avg_ms: float
    min_ms: float
    max_ms: float
    stddev_ms: float
    median_ms: float
    p5_ms: float
    p95_ms: float
    init_ms: float
    first_inference_ms: float
    average_warm_up_ms: float
    def __init__(
        self,
        avg_ms: float | None = ...,
        min_ms: float | None = ...,
        max_ms: float | None = ...,
        stddev_ms: float | None = ...,
        median_ms: float | None = ...,
        p5_ms: float | None = ...,
        p95_ms: float | None = ...,
        init_ms: float | None = ...,
        first_inference_ms: float | None = ...,
        average_warm_up_ms: float | None = ...,
    ) -> None: ...

class MemoryMetrics(_message.Message):
    __slots__ = ("init_footprint_kb", "overall_footprint_kb", "peak_mem_mb")
    INIT_FOOTPRINT_KB_FIELD_NUMBER: _ClassVar[int]
    OVERALL_FOOTPRINT_KB_FIELD_NUMBER: _ClassVar[int]
    PEAK_MEM_MB_FIELD_NUMBER: _ClassVar[int]
    init_footprint_kb: int
    overall_footprint_kb: int
    peak_mem_mb: float
    def __init__(
        self,
        init_footprint_kb: int | None = ...,
        overall_footprint_kb: int | None = ...,
        peak_mem_mb: float | None = ...,
    ) -> None: ...

class MiscMetrics(_message.Message):
    __slots__ = ("model_size_mb", "model_throughput_in_mb_per_sec", "num_runs", "num_warmup_runs")
    MODEL_SIZE_MB_FIELD_NUMBER: _ClassVar[int]
    NUM_RUNS_FIELD_NUMBER: _ClassVar[int]
    NUM_WARMUP_RUNS_FIELD_NUMBER: _ClassVar[int]
    MODEL_THROUGHPUT_IN_MB_PER_SEC_FIELD_NUMBER: _ClassVar[int]
    model_size_mb: float
    num_runs: int
    num_warmup_runs: int
    model_throughput_in_mb_per_sec: float
    def __init__(
        self,
        model_size_mb: float | None = ...,
        num_runs: int | None = ...,
        num_warmup_runs: int | None = ...,
        model_throughput_in_mb_per_sec: float | None = ...,
    ) -> None: ...

class BenchmarkResult(_message.Message):
    __slots__ = ("latency_metrics", "memory_metrics", "misc_metrics", "name")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LATENCY_METRICS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_METRICS_FIELD_NUMBER: _ClassVar[int]
    MISC_METRICS_FIELD_NUMBER: _ClassVar[int]
    name: str
    latency_metrics: LatencyMetrics
    memory_metrics: MemoryMetrics
    misc_metrics: MiscMetrics
    def __init__(
        self,
        name: str | None = ...,
        latency_metrics: LatencyMetrics | _Mapping | None = ...,
        memory_metrics: MemoryMetrics | _Mapping | None = ...,
        misc_metrics: MiscMetrics | _Mapping | None = ...,
    ) -> None: ...
