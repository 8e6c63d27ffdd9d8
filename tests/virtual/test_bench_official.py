"""The stand-in prints what the real program printed, line by line with numbers masked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.racks import SHARED
from tests.virtual.bench_cases import masked, play

RUNS = SHARED / "benchmark_model_runs"
PRESENT = RUNS.is_dir()

#: Recorded cases that the stand-in does not play, and why.
NOT_PLAYED = {
    "default_dummy": "its model is not among the recorded ones",
    "external_fail": "a delegate library is native code",
    "external_missing": "a delegate library is native code",
    "gpu_ok_none": "the recorded model's dynamic tensor has another number",
    "list_signatures": "signatures are not listed",
    "mem_bigparent_popen": "about the memory of a parent process",
    "mem_bigparent_preexec": "about the memory of a parent process",
    "mem_bigparent_shell": "about the memory of a parent process",
    "multisig_key": "signatures are not run apart",
    "verbose": "a virtual phone has the Android set of parameters",
    "help": "help texts are our own",
    "no_graph": "help texts are our own",
    "bad_bool_value": "help texts are our own",
    "bad_flag_value": "help texts are our own",
    "print_state": "interpreter tables are not printed",
    "gpu_ok_serialize": "no cache of compiled programs",
    "io_files_conv": "an input file of the recording is not kept",
    "io_files": "an input file of the recording is not kept",
    "gpu_ok_io": "an input file of the recording is not kept",
    "xnnpack_fp16": "one line about half precision in XNNPACK",
    "xnnpack_fp16_cache": "a weight cache is native code",
    "xnnpack_weight_cache": "a weight cache is native code",
}
_PREFIXES = ("inference_diff", "perf_options", "op_profiling")


def _cases() -> list[str]:
    if not PRESENT:
        return []
    found = []
    for path in sorted(RUNS.glob("*.cmd")):
        command = path.read_text()
        model = next((w for w in command.split() if w.startswith("--graph=models/")), "")
        kept = not model or (RUNS / model.removeprefix("--graph=")).exists()
        if kept and path.stem not in NOT_PLAYED and not path.stem.startswith(_PREFIXES) and "profile" not in path.stem:
            found.append(path.stem)
    return found


@pytest.mark.skipif(not PRESENT, reason="the shared captures are not beside this checkout")
@pytest.mark.parametrize("name", _cases())
def test_prints_what_was_recorded(name: str, tmp_path: Path) -> None:
    command = (RUNS / f"{name}.cmd").read_text().strip()
    if "gpubuild" in name:
        pytest.skip("a machine without any GPU interface; on a virtual phone the profile says which there is")
    code, out, err = play(command, RUNS, tmp_path, gpu="softgpu" in command)
    assert code == int((RUNS / f"{name}.rc").read_text())
    assert masked(out) == masked((RUNS / f"{name}.out").read_text(errors="replace"))
    assert masked(err) == masked((RUNS / f"{name}.err").read_text(errors="replace"))
