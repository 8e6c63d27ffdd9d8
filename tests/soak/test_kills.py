"""The controller is killed again and again; the run ends as if nothing had been."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.racks import MODELS
from tests.soak.drive import drive
from tests.soak.judge import judge, keys
from tests.soak.rig import Rig

SUITE = f"""
models:
  - {{name: int8, path: "{MODELS / "digits_int8.tflite"}"}}
delegates: [cpu, gpu]
sessions: 4
protocol: {{num_runs: 5, min_secs: 2, warmup_min_secs: 0.2, cooldown_timeout_s: 2}}
"""


@pytest.mark.slow
def test_five_kills_and_an_undisturbed_run_end_alike(tmp_path: Path) -> None:
    (tmp_path / "suite.yaml").write_text(SUITE)
    with Rig(tmp_path, 4, rate=4.0) as rig:
        calm = drive(rig, tmp_path / "suite.yaml", tmp_path / "calm", rng=random.Random(1))
        killed = drive(rig, tmp_path / "suite.yaml", tmp_path / "killed", kills=5, rng=random.Random(2), longest_s=3.0)
        rig.ask()
    assert calm.codes == [0] and killed.kills >= 3 and killed.codes[-1] == 0
    assert keys(calm.folder) == keys(killed.folder)
    verdict = judge(killed.folder, rig.ledger)
    assert verdict.wrong == {} and verdict.complete == verdict.jobs == 4
