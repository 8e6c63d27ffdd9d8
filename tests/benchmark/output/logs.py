"""Logs of our own in the form of the official programs, for tests that read and damage them.

`make_log` writes a whole log of any version in any dress from a seeded generator; `damage` spoils one.
"""

from __future__ import annotations

import random
from collections.abc import Callable

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

#: 2018: no prefixes, fixed counts, all of it on one stream.
OLD = """STARTING!
Num runs: [50]
Inter-run delay (seconds): [-1]
Num threads: [3]
Graph: [own.tflite]
Use nnapi : [0]
Loaded model own.tflite
resolved reporter
Initialized session in 4.5ms
Running benchmark for 1 iterations
count=1 curr=61000

Running benchmark for 50 iterations
count=50 first=41000 curr=40010 min=40000 max=45000 avg=40500.5 std=900

Average inference timings in us: Warmup: 61000, Init: 4500, no stats: 40500.5
"""

#: 2019: memory by phase.
NEXT = """STARTING!
Min num runs: [50]
Min runs duration (seconds): [1]
Graph: [own.tflite]
Loaded model own.tflite
resolved reporter
INFO: Initialized TensorFlow Lite runtime.
Initialized session in 4.5ms
[Init Phase] - Memory usage: max resident set size = 3.5 MB, total malloc-ed size = 0 MB
Running benchmark for at least 1 iterations and at least 0.5 seconds
count=9 first=61000 curr=60010 min=60000 max=65000 avg=60500.5 std=900

Running benchmark for at least 50 iterations and at least 1 seconds
count=50 first=41000 curr=40010 min=40000 max=45000 avg=40500.5 std=900

[Overall] - Memory usage: max resident set size = 9.25 MB, total malloc-ed size = 0 MB
Average inference timings in us: Warmup: 60500.5, Init: 4500, Inference: 40500.5
"""

_TABLE = """============================== Run Order ==============================
\t             [node type]\t          [start]\t  [first]\t [avg ms]\t     [%]\t  [cdf%]\t  [mem KB]\t[times called]\t[Name]
\t                 CONV_2D\t            0.000\t    7.000\t    7.500\t 75.000%\t 75.000%\t     0.000\t        1\t[a, b]:0

============================== Top by Computation Time ==============================
\t             [node type]\t          [start]\t  [first]\t [avg ms]\t     [%]\t  [cdf%]\t  [mem KB]\t[times called]\t[Name]
\t                 CONV_2D\t            0.000\t    7.000\t    7.500\t 75.000%\t 75.000%\t     0.000\t        1\t[a, b]:0

Number of nodes executed: 3
============================== Summary by node type ==============================
\t             [Node type]\t  [count]\t  [avg ms]\t    [avg %]\t    [cdf %]\t  [mem KB]\t[times called]
\t                 CONV_2D\t        2\t     7.500\t    75.000%\t    75.000%\t     0.000\t        2
\t   Pool (NHWC, F32) MAX\t        1\t     2.500\t    25.000%\t   100.000%\t     0.000\t        1

Timings (microseconds): count=80 first=10100 curr=10010 min=9900 max=10400 avg=10000.5 std=70
Memory (bytes): count=0
3 nodes observed
"""
_INITIAL = (
    _TABLE.replace("CONV_2D", "AllocateTensors")
    .replace("Pool (NHWC, F32) MAX", "ModifyGraphWithDelegate")
    .replace("count=80 first=10100", "count=1 first=9")
)
PROFILE = f"""INFO: Profiling Info for Benchmark Initialization:
{_INITIAL}


INFO: Operator-wise Profiling Info for Regular Benchmark Runs:
{_TABLE}
"""
PROFILE_CSV = """INFO: Operator-wise Profiling Info for Regular Benchmark Runs:
============================== Summary by node type ==============================
node type, count, avg_ms, avg %, cdf %, mem KB, times called
CONV_2D, 2, 7.5, 75%, 75%, 0, 2
Pool (NHWC, F32) MAX, 1, 2.5, 25%, 100%, 0, 1

Timings (microseconds): count=80 first=10100 curr=10010 min=9900 max=10400 avg=10000.5 std=70
"""
SUMMARY = """INFO:
==============Summary of All Runs w/ Different Performance Options==============
INFO:           cpu w/ 1 threads: count=50 first=99 curr=98 min=95 max=101 avg=98.5 std=1
INFO:                   gpu-fp16:  failed!
"""


def _bare(line: str) -> str:
    return line.split(": ", 1)[1] if line.split(": ", 1)[0] in ("INFO", "VERBOSE", "WARN", "WARNING", "ERROR") else line


def _logcat(form: str) -> Callable[[str], str]:
    return lambda log: "\n".join(form % _bare(line) for line in log.splitlines() if line) + "\n"


def _each(before: str, after: str = "") -> Callable[[str], str]:
    return lambda log: "\n".join(before + line + after for line in log.splitlines()) + "\n"


#: What may be around the lines of a log, by name.
DRESSES: dict[str, Callable[[str], str]] = {
    "plain": lambda log: log,
    "threadtime": _logcat("06-01 10:00:00.001  4242  4243 I tflite  : %s"),
    "year": _logcat("2024-06-01 10:00:00.001  4242  4243 I tflite  : %s"),
    "utc": _logcat("2024-06-01 10:00:00.001 +0000  4242  4243 I tflite  : %s"),
    "uid": _logcat("06-01 10:00:00.001  u0_a12  4242  4243 I tflite  : %s"),
    "epoch": _logcat("     1591012345.123  4242  4243 I tflite  : %s"),
    "time": _logcat("06-01 10:00:00.001 I/tflite  ( 4242): %s"),
    "brief": _logcat("I/tflite  ( 4242): %s"),
    "tag": _logcat("I/tflite  : %s"),
    "process": _logcat("I( 4242) %s  (tflite)"),
    "thread": _logcat("I( 4242: 4243) %s"),
    "long": _logcat("[ 06-01 10:00:00.001  4242: 4243 I/tflite   ]\n%s\n"),
    "studio": _logcat("2020-01-01 12:00:00.000 6071-6093/org.tensorflow.lite.benchmark I/tflite: %s"),
    "studio_undated": _logcat("6071-6093/? I/tflite: %s"),
    "studio_columns": _logcat("2023-05-01 12:00:00.000  6071-6093  tflite    org.tensorflow.lite.benchmark   I  %s"),
    "bare": lambda log: "\n".join(_bare(line) for line in log.splitlines()),
    "quoted": _each("> "),
    "indented": _each("    "),
    "fenced": lambda log: f"```\n{log}```\n",
    "listed": lambda log: "\n".join(f"- `{line}`" for line in log.splitlines() if line),
    "coloured": _each("\x1b[32m", "\x1b[0m"),
    "windows": lambda log: log.replace("\n", "\r\n"),
    "terminal": lambda log: log.replace("\n", "\r\r\n"),
    "stamped": _each("2024-01-01T10:00:00.1234567Z "),
    "abseil": _logcat("I0000 00:00:1700000000.123456    1234 own.cc:12] %s"),
}
_RUBBISH = (
    "\x00\xff",
    "count=",
    "nan",
    "\n",
    "INFO: ",
    "9" * 40,
    "]",
    "\ufeff",
    "e+999",
    "=",
    " ",
    "\x1b[",
    "STARTING!\n",
)
_ENDS = (
    "",
    "",
    "",
    "ERROR: Benchmarking failed.\n",
    "Segmentation fault\n",
    "ERROR: Node number 3 (OWN) failed to invoke.\n",
    "Killed\n",
)


def make_log(chance: random.Random) -> str:
    """A whole log of any version, in any dress, of any end."""
    log = chance.choice((CPU, GPU, LITERT, OLD, NEXT))
    if chance.random() < 0.3:
        log += chance.choice((PROFILE, PROFILE_CSV, SUMMARY))
    log = log.replace("avg=1248", f"avg={chance.randint(1, 10**7)}")
    log += chance.choice(_ENDS)
    return chance.choice(list(DRESSES.values()))(log)


def damage(log: str, chance: random.Random) -> str:
    """That log cut, spliced with another, shuffled, repeated or with rubbish in it, once to three times."""
    for _ in range(chance.randint(1, 3)):
        lines = log.splitlines(keepends=True)
        at, to = sorted(chance.randint(0, len(lines)) for _ in range(2))
        kind = chance.randrange(6)
        if kind == 0:
            log = log[: chance.randint(0, len(log))]
        elif kind == 1:
            log = "".join(lines[at:to])
        elif kind == 2:
            other = make_log(chance).splitlines(keepends=True)
            log = "".join(lines[:at] + other[chance.randint(0, len(other)) :])
        elif kind == 3:
            chance.shuffle(lines)
            log = "".join(lines)
        elif kind == 4:
            log = "".join(lines[:to] + lines[at:])
        else:
            place = chance.randint(0, len(log))
            log = log[:place] + chance.choice(_RUBBISH) + log[place + chance.randint(0, 40) :]
    return log
