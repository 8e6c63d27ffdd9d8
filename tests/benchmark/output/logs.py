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

#: TensorFlow 1.x: no severities, one line of averages, a table with the column `[start]`.
OLD = """STARTING!
Num runs: [50]
Graph: [own.tflite]
Loaded model own.tflite
resolved reporter
Initialized session in 38.5ms
Running benchmark for at least 1 iterations and at least 0.5 seconds
count=7 first=90000 curr=80100 min=80000 max=90000 avg=81000 std=3000

Running benchmark for at least 50 iterations and at least 1 seconds
count=50 first=80000 curr=79900 min=79000 max=82000 avg=79950.5 std=600

============================== Run Order ==============================
\t             [node type]\t  [start]\t  [first]\t [avg ms]\t     [%]\t  [cdf%]\t  [mem KB]\t[times called]\t[Name]
\t                 CONV_2D\t    0.000\t   10.000\t   10.500\t 52.500%\t 52.500%\t     0.000\t        1\t[a, b]
\t                 SOFTMAX\t   10.500\t    9.000\t    9.500\t 47.500%\t100.000%\t     0.000\t        1\t[c]

Number of nodes executed: 2
============================== Summary by node type ==============================
\t             [Node type]\t  [count]\t  [avg ms]\t    [avg %]\t    [cdf %]\t  [mem KB]\t[times called]
\t                 CONV_2D\t        1\t    10.500\t    52.500%\t    52.500%\t     0.000\t        1
\t                 SOFTMAX\t        1\t     9.500\t    47.500%\t   100.000%\t     0.000\t        1

Timings (microseconds): count=50 first=20100 curr=20000 min=19900 max=20500 avg=20000 std=90
Memory (bytes): count=0
2 nodes observed

Average inference timings in us: Warmup: 81000, Init: 38500, Inference: 79950.5
Peak memory footprint (MB): init=4.5 overall=138.25
"""

OPTIONS = "".join(
    [
        "INFO: STARTING!\nINFO: The list of TFLite runtime options to be benchmarked: [cpu,gpu]\n",
        *(CPU.partition("\n")[2] for _ in range(2)),
        "INFO: \n==============Summary of All Runs w/ Different Performance Options==============\n",
        "INFO:           cpu w/ 2 threads: count=80 first=12500 curr=12310 min=12050 max=15000 avg=12480.1 std=300\n",
        "INFO:  cpu w/ 2 threads (xnnpack): count=80 first=9000 curr=9000 min=8000 max=9900 avg=8800.5 std=100\n",
        "INFO:                gpu-default:  failed!\n",
    ]
)

TIME = "".join(
    f"06-01 10:00:00.{n:03d} I/tflite  ( 4242): {line.split(': ', 1)[-1]}\n" for n, line in enumerate(CPU.splitlines())
)
BRIEF = "".join(f"I/tflite  ( 4242): {line.split(': ', 1)[-1]}\n" for line in CPU.splitlines())
STUDIO = "".join(
    f"2024-06-01 10:00:00.{n:03d}  4242-4250  tflite                  org.tensorflow.lite.benchmark        I  {line.split(': ', 1)[-1]}\n"
    for n, line in enumerate(CPU.splitlines())
)
OLD_STUDIO = "".join(
    f"2020-06-01 10:00:00.{n:03d} 4242-4250/org.tensorflow.lite.benchmark I/tflite: {line.split(': ', 1)[-1]}\n"
    for n, line in enumerate(CPU.splitlines())
)
LONG = "".join(
    f"[ 06-01 10:00:00.{n:03d}  4242: 4250 I/tflite   ]\n{line.split(': ', 1)[-1]}\n\n"
    for n, line in enumerate(CPU.splitlines())
    if line
)
#: The same run in other dresses.
DRESSES = {
    "logcat": LOGCAT,
    "time": TIME,
    "brief": BRIEF,
    "studio": STUDIO,
    "old studio": OLD_STUDIO,
    "long": LONG,
    "windows": CPU.replace("\n", "\r\n"),
    "quoted": "".join(f"> {line}\n" for line in CPU.splitlines()),
    "coloured": "".join(f"\x1b[32m{line}\x1b[0m\n" for line in CPU.splitlines()),
    "bare": CPU.replace("INFO: ", "").replace("VERBOSE: ", ""),
}
FAILED = """INFO: STARTING!
ERROR: Could not open '/data/local/tmp/own.tflite'.
ERROR: Failed to load model /data/local/tmp/own.tflite
ERROR: Benchmarking failed.
"""


def every_log() -> list[str]:
    """Whole logs of every form that is known."""
    return [CPU, GPU, LITERT, OLD, OPTIONS, FAILED, *DRESSES.values()]
