"""Sources of power on virtual phones, held against what they truly drew."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from harness.benchmark.work import Protocol
from harness.records import SessionRecord
from harness.virtual.ledger_reader import read_ledger
from tests.benchmark.blocks import QUICK, Bench, block
from tests.racks import rack_server

ENERGY = replace(QUICK, idle_s=40, min_secs=64, max_secs=90, session_timeout_s=300, cooldown_timeout_s=0)
ENERGY = replace(ENERGY, sample_period_s=0.5)


def true_mj(ledger: Path, session: SessionRecord) -> float:
    """Energy of one inference over the idle phone, from the start of the program to its end."""
    power = read_ledger(ledger).states[session.phone_id].power
    start, end = session.start_uptime_s or 0, session.end_uptime_s or 0
    assert session.timed_run and session.warmup_run
    idle_mw = (power.energy_mj(start - 20, start - 1) + power.energy_mj(end + 1, end + 20)) / 38
    # The program's load begins and ends within the markers of run.sh.
    return (power.energy_mj(start - 1, end + 1) - idle_mw * (end - start + 2)) / (
        session.timed_run.count + session.warmup_run.count
    )


def run(protocol: Protocol, folder: Path, *profiles: str) -> dict[str, SessionRecord]:
    """One session on a phone of each profile, all at the same time; by profile."""
    names = [word for name in profiles for word in ("--profile", name)]
    with rack_server(len(profiles), *names, "--rate", "6", "--ledger", str(folder / "ledger")) as (server, serials):

        def one(name: str, serial: str) -> SessionRecord:
            (folder / name).mkdir()
            bench = Bench(server.phone(serial), folder / name)
            bench.run(block(f"b-{name}", ["cpu"], protocol=protocol))
            left = bench.phone.shell('ls "${PHONE_ROOT}/data/misc/perfetto-traces"').stdout
            assert left == "", "a trace was left on the phone"
            return bench.sessions[0]

        with ThreadPoolExecutor() as pool:
            return dict(zip(profiles, pool.map(one, profiles, serials), strict=True))


@pytest.mark.slow
def test_the_best_source_of_each_phone_is_used_and_near_the_truth(tmp_path: Path) -> None:
    found = run(ENERGY, tmp_path, "pixel-8-pro", "redmi-note-10-5g", "redmi-6a", "oneplus-8t")
    # Rails stand behind the battery, so that a charger does not disturb them.
    rails = found["pixel-8-pro"]
    assert "charging" in rails.flags
    assert rails.energy_mj.source == "power rails (4, not the whole phone)"
    assert rails.energy_mj.value == pytest.approx(true_mj(tmp_path / "ledger", rails), rel=0.03)
    # On a fast clock a busy machine lets the gauge look slow; then it is refused for that, and for nothing else. What
    # it gives in simulated time is held against the truth in tests/measure/test_sources.py.
    gauge = found["redmi-note-10-5g"]
    assert gauge.evidence["power.pftrace"]
    told = gauge.energy_mj.reason or ""
    assert gauge.energy_mj.source == "perfetto battery counters" or "perfetto battery counters" in told
    # Android 9 takes no text config.
    assert found["redmi-6a"].energy_mj.source == "battery gauge" or found["redmi-6a"].energy_mj.reason
    assert "power.pftrace" not in found["redmi-6a"].evidence
    assert found["oneplus-8t"].energy_mj.reason == "charging over USB"
