"""harness meter: a recording made of what a virtual phone truly drew, by a meter whose clock is off."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from harness.records import SessionRecord
from harness.results.folder import load_run
from harness.virtual.ledger_reader import read_ledger
from harness.virtual.physics.ledger import Ledger
from tests.racks import MODELS, harness


def recording(power: Ledger, path: Path, *, seed: int = 1) -> None:
    """As a Monsoon's tool would write it at 50 Hz, with 5 % of noise and a clock that is 80 ppm fast."""
    rng = np.random.default_rng(seed)
    first = at = power.series[0][0]
    lines = ["Time (s),Main (mA),Main Voltage (V)"]
    while (drawn := power.power_mw(at)) is not None:
        at += 0.02
        lines.append(f"{(at - first) * 1.00008 + 321.5:.4f},{drawn / 4.0 * rng.normal(1, 0.05):.3f},4.000")
    path.write_text("\n".join(lines) + "\n")


def true_mj(power: Ledger, session: SessionRecord) -> float:
    """Energy of one inference over the idle phone."""
    start, end = session.start_uptime_s or 0, session.end_uptime_s or 0
    assert session.timed_run and session.warmup_run
    idle_mw = (power.energy_mj(start - 20, start - 1) + power.energy_mj(end + 1, end + 20)) / 38
    net = power.energy_mj(start - 1, end + 1) - idle_mw * (end - start + 2)
    return net / (session.timed_run.count + session.warmup_run.count)


def contents(run: Path) -> dict[str, str]:
    """Every file of a run by its digest, but what was added."""
    files = [p for p in run.rglob("*") if p.is_file() and "added" not in p.parts]
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.slow
def test_energy_by_a_meter_is_the_true_one(tmp_path: Path) -> None:
    protocol = {"num_runs": 5, "min_secs": 62, "max_secs": 90, "idle_s": 30, "session_timeout_s": 300}
    suite = {
        "models": [{"name": "int8", "path": str(MODELS / "digits_int8.tflite")}],
        "delegates": ["cpu"],
        "sessions": 2,
        "protocol": {**protocol, "cooldown_timeout_s": 0},
    }
    (tmp_path / "suite.yaml").write_text(yaml.safe_dump(suite))
    options = ["--profile", "redmi-note-10-5g", "--rate", "6", "--ledger", str(tmp_path / "ledger")]
    done = harness("run", str(tmp_path / "suite.yaml"), *options, "--out", str(tmp_path / "out"), timeout=300)
    assert done.code == 0, done.err
    (run,) = (tmp_path / "out").iterdir()
    before, phone_id = contents(run), load_run(run).sessions[0].phone_id
    power = read_ledger(tmp_path / "ledger").states[phone_id].power
    recording(power, tmp_path / "bench.csv")
    added = harness("meter", str(run), str(tmp_path / "bench.csv"), "--json")
    assert added.code == 0, added.err
    fit = json.loads(added.out)["alignment"]
    assert fit["edges"] == 4 and fit["residual_s"] < 0.5 and fit["score"] > 0.8
    sessions = load_run(run).sessions
    for session in sessions:
        assert session.energy_mj.source == "meter bench.csv"
        assert session.energy.absolute == "calibrated: external meter"
        assert session.energy_mj.value == pytest.approx(true_mj(power, session), rel=0.01)
        assert (run / session.evidence["meter.csv"]).is_file()
    assert contents(run) == before, "the run itself was edited"
    # A report has the meter's figures, and none of the phone's own beside them.
    row = json.loads(harness("report", str(run), "--format", "json").out)["rows"][0]
    assert row["energy_mj"]["value"] == pytest.approx(np.median([s.energy_mj.value or 0 for s in sessions]))
    # Another phone's recording is refused, and so is a phone that is not there.
    (tmp_path / "else.csv").write_text(
        "Time (s),P (mW)\n" + "".join(f"{i / 50:.2f},{900 + i % 7}\n" for i in range(40_000))
    )
    refused = harness("meter", str(run), str(tmp_path / "else.csv"))
    assert refused.code == 2 and "does not fit" in refused.err
    assert harness("meter", str(run), str(tmp_path / "bench.csv"), "--phone", "X").code == 2
    # What cannot be read is told, and the phone's own figures come back.
    next(iter((run / "added").glob("*.json"))).write_text("{")
    loaded = load_run(run)
    assert any("cannot be read" in line for line in loaded.damage)
    assert loaded.sessions[0].energy_mj.source != "meter bench.csv"
