"""What memory.sh reads of a process, under the shells that phones have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.measure.memory import memory_record, parse_memory
from harness.records import ProgramMemory
from tests.device_scripts.box import SHELLS, Box

#: A program that prints as benchmark_model does, and has a /proc of its own that grows. Each phase lasts for looks.
PROGRAM = r"""
own="${PHONE_ROOT}/proc/$$"
mkdir -p "$own"
holds() { # KB
  for line in 'Name: benchmark_model' "VmHWM:   $1 kB" "VmRSS: $1 kB" 'RssAnon: 100 kB' 'RssFile: 200 kB' 'VmSwap: 0 kB'; do
    echo "$line"
  done >"$own/part"
  mv "$own/part" "$own/status"
}
seen() { # PHASE: until it was looked at, however loaded this machine is
  tries=0
  until grep -q " $1 $1 benchmark_model" s/0000/memory.tsv || [ $tries -gt 300 ]; do
    tries=$(( tries + 1 ))
    sleep 0.05
  done
}
holds 1024
echo "INFO: Loaded model m"
seen loaded
holds 9216
echo "INFO: Initialized session in 500ms."
echo 'INFO: count=1 curr=5' >&2
echo 'Pss:    4096 kB' >"$own/smaps_rollup"
seen warm
sleep 0.3
echo 'INFO: count=9 first=5 curr=5'
sleep 0.3
"""


@pytest.fixture(params=SHELLS)
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path, request.param)
    yield made
    made.close()


def test_a_process_is_looked_at_in_each_phase(box: Box) -> None:
    box.write("proc/version", "Linux version 5.10.1-own (who) #1\n")
    node = box.write("sys/devices/platform/1f000000.mali/total_gpu_mem", "1048576\n")
    box.plan([f". {box.write('program', PROGRAM)}"], memory_period="0.1", memory_quick="0.02")
    box.write("data/local/tmp/harness/blocks/b1/plan", "0000 memory\n")
    box.run()
    assert box.read("done").strip() == "complete" and node.exists()
    text = box.read("s/0000/memory.tsv")
    log = parse_memory(text)
    assert (log.kernel, log.gpu_total) == ("5.10.1-own", 1048576) and log.pid
    phases = [look.phase for look in log.looks if look.phase]
    assert list(dict.fromkeys(phases)) == [p for p in ("loaded", "ready", "warm", "ran") if p in phases]
    assert {"loaded", "warm"} <= set(phases), text
    assert {(look.anon, look.file, look.swap, look.gpu_total) for look in log.looks} == {(100, 200, 0, 1048576)}
    found = memory_record(log, box.read("s/0000/smaps_rollup"), box.read("s/0000/gpumem"), ProgramMemory("", 8.0, 8.0))
    assert found.phases_mb == {"load": 0.0, "compile": 8.0, "run": 0.0}
    assert (found.vm_hwm_mb.value, found.pss_mb.value, found.gpu_mb.value) == (9.0, 4.0, 0.0)


def test_only_sessions_for_memory_are_looked_at(box: Box) -> None:
    box.plan(["sleep 0.3"] * 2, memory_period="0.1", memory_quick="0.02")
    box.write("data/local/tmp/harness/blocks/b1/plan", "0000 timing\n0001 operators\n")
    box.run()
    for index in ("0000", "0001"):
        names = {p.name for p in (box.block / f"s/{index}").iterdir()}
        assert not {"memory.tsv", "smaps_rollup", "gpumem"} & names
    assert not (box.block / "s/0001/sampler.tsv").exists(), "what is not timed is not sampled"


def test_nodes_that_are_denied_are_unknown(box: Box) -> None:
    box.write("sys/devices/platform/1f000000.mali/total_gpu_mem", "1\n").chmod(0)
    program = box.write("program", "echo 'INFO: Loaded model m'; sleep 0.3; exit 3")
    box.plan([f". {program}"], memory_period="0.1", memory_quick="0.02")
    box.write("data/local/tmp/harness/blocks/b1/plan", "0000 memory\n")
    box.run()
    assert box.read("s/0000/rc").strip() == "3", "the program's own end is told"
    log = parse_memory(box.read("s/0000/memory.tsv"))
    assert log.kernel is None and log.looks == (), "nothing was there to look at"
