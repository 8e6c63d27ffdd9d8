"""What shells, linkers, adb and the system say of a run, and logs of other programs."""

from __future__ import annotations

import pytest

from harness.benchmark.output import parse_benchmark
from tests.benchmark.output.logs import CPU, DRESSES


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ('CANNOT LINK EXECUTABLE "./own": library "libown.so" not found: needed by main executable', "link_error"),
        ('CANNOT LINK EXECUTABLE "./own": "/a/own" is 64-bit instead of 32-bit', "link_error"),
        ("./own: error while loading shared libraries: libown.so: cannot open shared object file", "link_error"),
        ("error: only position independent executables (PIE) are supported.", "link_error"),
        ("/system/bin/sh: ./own: not executable: 32-bit ELF file", "wrong_abi"),
        ("sh: ./own: not executable: 64-bit ELF file", "wrong_abi"),
        ("-bash: ./own: cannot execute binary file: Exec format error", "wrong_abi"),
        ("sh: 1: ./own: Exec format error", "wrong_abi"),
        ("/system/bin/sh: ./own: can't execute: Permission denied", "permission"),
        ("bash: ./own: Permission denied", "permission"),
        ("sh: /sdcard/own: can't execute: Permission denied", "permission"),
        ("/system/bin/sh: ./benchmark_model: inaccessible or not found", "not_found"),
        ("/system/bin/sh: ./benchmark_model: not found", "not_found"),
        ("sh: 1: /data/local/tmp/own: not found", "not_found"),
        ("-bash: ./own: No such file or directory", "not_found"),
        ("error: device not found", "not_found"),
        ("error: device 'emulator-5554' not found", "not_found"),
        ("adb: error: failed to get feature set: no devices/emulators found", "not_found"),
        ("error: no devices/emulators found", "not_found"),
        ("adb.exe: no devices/emulators found", "not_found"),
        ("adb: device 'own' not found", "not_found"),
        ("Segmentation fault", "crash"),
        ("Segmentation fault (core dumped)", "crash"),
        ("[1] + Segmentation fault  ./benchmark_model --graph=own.tflite", "crash"),
        ("bash: line 1:  4242 Segmentation fault      ./benchmark_model --graph=own.tflite", "crash"),
        ("zsh: segmentation fault  ./own", "crash"),
        ("Aborted", "crash"),
        ("Bus error", "crash"),
        ("libc++abi: terminating due to uncaught exception of type own::Error", "crash"),
        ("Killed", "killed"),
        ("zsh: killed     ./own", "killed"),
        ("ERROR: Model provided is schema version 9 not equal to supported version 3.", "model_load_failed"),
        ("ERROR: Node number 8 (TfLiteGpuDelegateV2) failed to prepare.", "delegate_failed"),
        ("ERROR: Failed to apply the default TensorFlow Lite delegate indexed at 0.", "other"),
        ("ERROR: Output mode xml is not supported. Supported values are: 'stdout', 'csv' and 'proto'.", "bad_flag"),
    ],
)
def test_one_line_without_an_exit_code(line: str, outcome: str) -> None:
    assert parse_benchmark(f"$ adb shell\n{line}\n").outcome == outcome
    start = CPU.split("INFO: Initialized session")[0]
    assert parse_benchmark(start + line + "\n").outcome == outcome


@pytest.mark.parametrize("missing", ["OpenCL", "GLES_own"])
def test_a_library_that_a_driver_misses_is_no_refusal_to_start(missing: str) -> None:
    line = f'INFO: Failed to load {missing} library with dlopen: dlopen failed: library "lib{missing}.so" not found.\n'
    start = CPU.split("INFO: Initialized session")[0] + line + "own: /dev/own: Permission denied\n"
    assert parse_benchmark(start + "ERROR: Failed to apply GPU delegate.\n").outcome == "delegate_failed"
    assert parse_benchmark(CPU + line).outcome == "ok"
    assert parse_benchmark(CPU.split("INFO: Initialized session")[0] + line).outcome == "other"


_BOOT = "".join(
    f"06-01 10:00:{n % 60:02d}.000  {500 + n % 90}  900 I init    : starting service {n}, count={n} in {n} ms\n"
    for n in range(500)
)
_PYTEST = "".join(f"tests/own/test_benchmark_model.py::test_{n} PASSED [ {n % 100}%]\n" for n in range(200))


@pytest.mark.parametrize(
    "log",
    [
        _BOOT,
        _BOOT + "06-01 10:01:00.000  501  501 F libc    : Fatal signal 11 (SIGSEGV), code 1 in tid 501 (own)\n",
        _BOOT + "06-01 10:01:00.000  501  501 E own     : open failed: Permission denied\n",
        _BOOT + "06-01 10:01:00.000  501  501 I lowmemorykiller: Kill 'own' (777), uid 10001\n",
        _PYTEST + "E   PermissionError: [Errno 13] Permission denied: '/own'\nFatal Python error: Segmentation fault\n",
        _PYTEST + "E   FileNotFoundError: [Errno 2] No such file or directory: 'own'\nE  TimeoutError: timed out\n",
        _PYTEST + "count=3\ncount=4 items\nKilled\n",
        "[    1.234567] Booting Linux on physical CPU 0x0\n[    9.5] Out of memory: Killed process 12 (own)\n",
    ],
)
def test_logs_of_other_programs(log: str) -> None:
    found = parse_benchmark(log)
    assert (found.outcome, found.runs) == ("other", 0)


_THROUGH = DRESSES["threadtime"]
_DEATH = "06-01 10:00:09.000   901   901 I lowmemorykiller: Kill 'org.tensorflow.lite.benchmark' (4242), uid 10123\n"
_CRASH = "06-01 10:00:09.000  4242  4243 F libc    : Fatal signal 11 (SIGSEGV), code 1 (SEGV_MAPERR) in tid 4243\n"


def test_what_the_system_says_of_the_benchmarks_process() -> None:
    begun = _THROUGH(CPU.split("INFO: count=80")[0])
    assert parse_benchmark(begun + _DEATH).outcome == "killed"
    assert parse_benchmark(begun + _DEATH.replace("4242", "4343")).outcome == "other"
    assert parse_benchmark(begun + _CRASH).outcome == "crash"
    # An app stays after its run, and the system ends it some day.
    assert parse_benchmark(_THROUGH(CPU) + _DEATH).outcome == "ok"


def test_an_app_that_only_uses_the_runtime_is_no_benchmark() -> None:
    lines = (
        "Initialized TensorFlow Lite runtime.\nReplacing 7 out of 9 node(s) with delegate (TfLiteGpuDelegateV2) node\n"
    )
    found = parse_benchmark(_THROUGH(lines).replace(" 4242 ", " 77 ") + _THROUGH(CPU))
    assert found.outcome == "ok" and [d.name for d in found.delegates] == ["TfLiteXNNPackDelegate"]
