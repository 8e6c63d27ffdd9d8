"""The stand-in prints what the real program printed, line by line with numbers masked."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.virtual.bench.build import LINUX, LINUX_GPU, Build
from harness.virtual.profile import Profile, profiles
from tests.virtual.bench.cases import RUNS, first_difference, masked, recorded

#: Recorded cases that are not played, and why. Those of other programs are left out by their command.
NOT_PLAYED = {
    "default_dummy": "its model is not among the recorded ones",
    "external_fail": "needs the library of a delegate, which is native code",
    "mem_bigparent_popen": "about the memory of the process that starts it",
    "mem_bigparent_preexec": "about the memory of the process that starts it",
    "mem_bigparent_shell": "about the memory of the process that starts it",
    "op_profiling_stdout_while": "bodies of WHILE are not profiled apart",
    "print_state": "the interpreter's tables are not printed",
    "xnnpack_fp16_cache": "a fault of one version's cache that depends on native code",
}


def _cases() -> list[str]:
    found = []
    for path in sorted(RUNS.glob("*.cmd")):
        words = path.read_text().split(";")[-1].split()
        if words[0].startswith("benchmark_model") and "performance_options" not in words[0]:
            found.append(path.stem)
    return [name for name in found if name not in NOT_PLAYED]


def machine(name: str) -> tuple[Build, Profile]:
    """Build and phone of a recording."""
    # The three machines of the recordings: no GPU delegate built in, built in without a GPU, and with one.
    kind = profiles()["pixel-8-pro"]
    program = (RUNS / f"{name}.cmd").read_text().split(";")[-1].split()[0]
    gpu = kind.speed.gpu
    assert gpu is not None
    there = "softgpu" in program
    gpu = gpu.model_copy(update={"unsupported_ops": ["ATAN2"], "opencl": there, "opengl": False})
    kind = kind.model_copy(update={"speed": kind.speed.model_copy(update={"gpu": gpu})})
    return LINUX if program.endswith(".nogpu") else LINUX_GPU, kind


def _sorted_tables(lines: list[str]) -> list[str]:
    # Which operator takes longest is the machine's: rows may change places within a table.
    out, rows = [], []
    for line in lines:
        if (line.startswith("\t") or line.count(", ") >= 6) and "node type" not in line.lower():
            rows.append(line)
            continue
        out += [*sorted(rows), line]
        rows = []
    return out + sorted(rows)


def _titles(text: str) -> list[str]:
    return [line for line in text.splitlines() if "node type" in line.lower() or line.startswith("====")]


@pytest.mark.skipif(not RUNS.is_dir(), reason="the shared captures are not beside this checkout")
@pytest.mark.parametrize("name", _cases())
def test_prints_what_was_recorded(name: str, tmp_path: Path) -> None:
    build, profile = machine(name)
    played = recorded(name, tmp_path, build, profile)
    profiled = "profil" in name
    for kind, ours in (("out", played.out), ("err", played.err)):
        theirs = (RUNS / f"{name}.{kind}").read_text(errors="replace")
        a, b = (_sorted_tables(masked(t)) if profiled else masked(t) for t in (ours, theirs))
        assert not (found := first_difference(a, b)), f"{kind} {found}"
        # Titles of tables also hold their padding.
        assert _titles(ours) == _titles(theirs)
    assert played.code == int((RUNS / f"{name}.rc").read_text())
