"""What is made of looks at a process: parts kept apart, phases only where they are known, reasons elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measure.memory import MemoryLog, memory_record, parse_memory
from harness.records import MEMORY_PARTS, ProgramMemory

HEAD = "#v1 kernel=5.10.1-android gpu_total=104857600\n#cols …\n#pid 77\n"
SHELL = "M 9.0 start start sh 3000 3000 1000 2000 0 0 104857600\n"
LOADED = "M 10.0 loaded loaded benchmark_model 10240 10240 4096 6144 0 0 104857600\n"
CHANGED = "M 10.5 loaded ready benchmark_model 40960 40960 4096 36864 0 0 104857600\n"
READY = "M 11.0 warm warm benchmark_model 61440 51200 40960 10240 0 512 138412032\n"
TORN = "M 11.5 warm warm benchm"
TEXT = HEAD + SHELL + LOADED + CHANGED + READY + TORN
#: 60 MiB at the end, and so 9.5 before initialisation: the model took half a MiB.
TOLD = ProgramMemory("label", 45.0, 50.5, None)
ROLLUP = "5555-7fff ---p 0 00:00 0 [rollup]\nRss:  61440 kB\nPss:   30720 kB\nPss_Anon: 1 kB\n"


def test_parts_are_kept_apart_and_name_their_sources() -> None:
    found = memory_record(parse_memory(TEXT), ROLLUP, "", TOLD)
    values = {part: getattr(found, f"{part}_mb").value for part in MEMORY_PARTS}
    assert values == {"vm_hwm": 60.0, "anon": 40.0, "file": 36.0, "swap": 0.5, "pss": 30.0, "gpu": 32.0}
    assert [look.phase for look in parse_memory(TEXT).looks] == ["loaded", None, "warm"], "a change belongs to neither"
    assert found.reads == 3, "neither the shell before it nor a torn line"
    assert found.gpu_mb.source == "growth of total_gpu_mem over all processes"
    assert found.phases_mb == {"load": 0.5, "compile": 44.5, "run": 5.5} and not found.phases_reason


def test_load_and_compile_are_parted_only_by_a_look_between_them() -> None:
    log = parse_memory(TEXT)
    for looks in (log.looks[1:], ()):
        found = memory_record(replace(log, looks=looks), "", "", TOLD)
        assert found.phases_mb == {"run": 5.5}
        assert "both together are init" in found.phases_reason["load"] == found.phases_reason["compile"]
    late = replace(log.looks[0], hwm=30720)
    found = memory_record(replace(log, looks=(late, *log.looks[1:])), "", "", TOLD)
    assert "load" not in found.phases_mb and "at most 20.5 MiB" in found.phases_reason["load"]
    silent = memory_record(log, "", "", None)
    assert silent.phases_mb == {} and set(silent.phases_reason) == {"load", "compile", "run"}


@pytest.mark.parametrize(
    ("kernel", "phase", "reason"),
    [
        ("4.9.117+", "warm", "kernel 4.9.117+ has no smaps_rollup, which came with 4.14"),
        ("3.18.79+", "warm", "kernel 3.18.79+ has no smaps_rollup, which came with 4.14"),
        ("4.14.186", "warm", "the phone does not let the shell read smaps_rollup"),
        (None, "ran", "the phone does not let the shell read smaps_rollup"),
        ("5.10.1", "ready", "the process was gone before its PSS was read"),
    ],
)
def test_without_pss_it_says_why(kernel: str | None, phase: str, reason: str) -> None:
    log = parse_memory(TEXT)
    log = MemoryLog(77, kernel, None, (replace(log.looks[0], phase=phase),))
    assert memory_record(log, "", "", TOLD).pss_mb.reason == reason


def test_an_old_kernel_does_not_part_memory() -> None:
    text = "#v1 kernel=3.18.79+ gpu_total=NA\n#pid 7\nM 1.0 warm warm x 2048 2048 NA NA NA 0 NA\n"
    found = memory_record(parse_memory(text), "", "", TOLD)
    assert found.vm_hwm_mb.value == 2.0 and found.anon_mb.value is None
    assert found.anon_mb.reason == "the phone's kernel (3.18.79+) does not count RssAnon"


@pytest.mark.parametrize(
    ("gpumem", "value", "words"),
    [
        ("Memory snapshot for GPU 0:\nGlobal total: 9\nProc 640 total: 5\nProc 77 total: 3145728\n", 3.0, "gpumem"),
        ("Memory snapshot for GPU 0:\nGlobal total: 9\nProc 640 total: 5\n", 0.0, "lists none for it"),
        ("GPU memory total usage map is empty\n", None, "'GPU memory total usage map is empty'"),
        ("", None, "came with Android 12"),
    ],
)
def test_the_gpus_memory(gpumem: str, value: float | None, words: str) -> None:
    log = parse_memory(TEXT.replace("104857600", "NA").replace("138412032", "NA"))
    found = memory_record(log, "", gpumem, TOLD).gpu_mb
    assert found.value == value and words in str(found.source or found.reason)


def test_a_process_that_was_not_seen_has_no_figures() -> None:
    found = memory_record(parse_memory(HEAD + SHELL), "", "", TOLD)
    assert all(getattr(found, f"{p}_mb").value is None and getattr(found, f"{p}_mb").reason for p in MEMORY_PARTS)


words = st.sampled_from(["M", "#pid", "#v1", "kernel=4.9", "warm", "loaded", "x", "12", "NA", "-1", "9" * 30, ""])


@given(st.lists(st.lists(words, max_size=13).map(" ".join), max_size=8).map("\n".join), st.text(), st.text())
def test_damaged_files_never_raise(text: str, rollup: str, gpumem: str) -> None:
    found = memory_record(parse_memory(text), rollup, gpumem, TOLD)
    for part in MEMORY_PARTS:
        quantity = getattr(found, f"{part}_mb")
        assert (quantity.value is None) == bool(quantity.reason)
