"""Logs of our own in the form of the official programs, for tests that read and damage them."""

from __future__ import annotations

CPU = """INFO: STARTING!
INFO: Log parameter values verbosely: [0]
INFO: Num threads: [2]
INFO: Graph: [/data/local/tmp/own.tflite]
INFO: Signature to run: []
INFO: #threads used for CPU inference: [2]
INFO: Loaded model /data/local/tmp/own.tflite
INFO: Initialized TensorFlow Lite runtime.
INFO: Created TensorFlow Lite XNNPACK delegate for CPU.
VERBOSE: Replacing 30 out of 33 node(s) with delegate (TfLiteXNNPackDelegate) node, yielding 4 partitions for subgraph 0 (main).
INFO: The input model file size (MB): 2.5
INFO: Initialized session in 12.5ms.
INFO: Running benchmark for at least 1 iterations and at least 0.5 seconds but terminate if exceeding 150 seconds.
INFO: count=40 first=21000 curr=12300 min=12000 max=21000 avg=12620.5 std=1400 p5=12010 median=12400 p95=13100

INFO: Running benchmark for at least 50 iterations and at least 1 seconds but terminate if exceeding 150 seconds.
INFO: count=80 first=12500 curr=12310 min=12050 max=1.5e+04 avg=12480.1 std=300 p5=12100 median=12450 p95=12900

INFO: Inference timings in us: Init: 12500, First inference: 21000, Warmup (avg): 12620.5, Inference (avg): 12480.1
INFO: Note: as the benchmark tool itself affects memory footprint, the following is only APPROXIMATE.
INFO: Memory footprint delta from the start of the tool (MB): init=5.5 overall=6.25
"""

GPU = CPU.replace(
    "VERBOSE: Replacing 30 out of 33 node(s) with delegate (TfLiteXNNPackDelegate) node, yielding 4 partitions",
    "INFO: GPU delegate created.\nERROR: Following operations are not supported by GPU delegate:\n"
    "ATAN2: Operation is not supported.\n31 operations will run on the GPU, and the remaining 2 operations will run on "
    "the CPU.\nINFO: Explicitly applied GPU delegate, and the model graph will be partially executed by the delegate w/ "
    "1 delegate kernels.\nVERBOSE: Replacing 31 out of 33 node(s) with delegate (TfLiteGpuDelegateV2) node, yielding 2 "
    "partitions",
)

LITERT = """INFO: [benchmark_litert_model.cc:264] Loading model from: /data/local/tmp/own.tflite
INFO: STARTING!
INFO: count=40 first=2100 curr=1230 min=1200 max=2100 avg=1262.5 std=140
INFO: count=80 first=1250 curr=1231 min=1205 max=1500 avg=1248.1 std=30
INFO: [benchmark_litert_model.h:83]
========== BENCHMARK RESULTS ==========
INFO: [benchmark_litert_model.h:88] Model initialization: 12.50 ms
INFO: [benchmark_litert_model.h:89] Warmup (first):       2.10 ms
INFO: [benchmark_litert_model.h:91] Warmup (avg):         1.26 ms (40 runs)
INFO: [benchmark_litert_model.h:93] Inference (avg):      1.25 ms (80 runs)
INFO: [benchmark_litert_model.h:109] Throughput:           28.71 MB/s
INFO: [benchmark_litert_model.h:119] Init footprint:       20.00 MB
INFO: [benchmark_litert_model.h:121] Overall footprint:    25.00 MB
INFO: [benchmark_litert_model.h:126] Peak memory:          40.00 MB
"""

LOGCAT = "".join(
    f"06-01 10:00:00.{n:03d}  4242  4242 I tflite  : {line.split(': ', 1)[-1]}\n"
    f"06-01 10:00:00.{n:03d}   900   901 I chatty  : count=1 curr=99\n"
    for n, line in enumerate(CPU.splitlines())
    if line
)
