"""Heat and charge while a block runs on virtual phones: what runs is ended, what is left says why."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.adb.server import AdbServer
from harness.benchmark.watch import Ending
from harness.benchmark.work import Protocol
from harness.phones.clean import clean_phone
from tests.benchmark.blocks import Bench, block
from tests.racks import rack_server

#: On a fast clock, so that a battery has the time to warm up; sampled seldom, since the sampler keeps phone time too.
LONG = Protocol(
    num_runs=5, min_secs=900.0, max_secs=900.0, warmup_min_secs=0.1, cooldown_timeout_s=2, session_timeout_s=1000,
    sample_period_s=10,
)  # fmt: skip
#: The battery's own node can be read on the first, and is denied on the second.
PROFILES = ("pixel-8-pro", "oneplus-8t")


@pytest.fixture(scope="module")
def rack() -> Iterator[tuple[AdbServer, list[str]]]:
    options = [word for name in PROFILES for word in ("--profile", name)]
    with rack_server(2, "--rate", "60", *options) as (server, serials):
        yield server, serials


@pytest.fixture(params=[0, 1], ids=PROFILES)
def bench(rack: tuple[AdbServer, list[str]], tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
    server, serials = rack
    made = Bench(server.phone(serials[request.param]), tmp_path)
    yield made
    made.phone.shell("dumpsys battery reset")
    clean_phone(made.phone)


def test_a_battery_that_warms_up_ends_the_session_and_the_block(bench: Bench) -> None:
    celsius = bench.probe.battery.temperature_c
    assert celsius is not None
    limit_c = celsius + 0.5
    began = time.monotonic()
    report = bench.run(block("b-hot", ["cpu", "cpu"], protocol=replace(LONG, hard_stop_c=limit_c)))
    assert time.monotonic() - began < 40
    (session,) = bench.sessions
    assert session.outcome == "killed" and session.signal == "SIGKILL"
    assert "ended by the harness: the battery reached" in (session.outcome_line or "")
    assert session.inference_avg_us is None and "hot" in session.evidence
    assert report.missing == (1,) and report.ending is Ending.HOT
    assert bench.setting() == "0", "it is restored"
    assert "benchmark_model" not in bench.phone.shell("ps -A -o ARGS | grep -v grep").stdout


def test_a_battery_below_the_floor_starts_nothing(bench: Bench) -> None:
    level = bench.probe.battery.level_pct
    assert level is not None
    report = bench.run(block("b-low", ["cpu"], protocol=replace(LONG, battery_floor_pct=level + 2)))
    assert bench.sessions == [] and report.missing == (0,)
    assert report.ending is Ending.LOW and bench.setting() == "0"
