"""Energy of an inference on a virtual phone over adb, against the phone's own ledger."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from harness.adb.phone import Phone
from harness.adb.server import AdbServer
from harness.benchmark.work import Protocol
from harness.phones.calibrations import keep_gauges, known_gauges
from harness.phones.probe import probe_phone
from harness.phones.sampling import watch_gauge
from harness.records import SessionRecord
from harness.virtual.phone import VirtualPhone
from harness.virtual.profile import profiles
from harness.virtual.rack import Rack
from tests.benchmark.blocks import Bench, block

#: Phone seconds per real second; a sample each half a second of the phone's is the host's limit then.
RATE = 16.0
#: As long as this phone's gauge needs: a new value every 3 s, and 6 to 9 s until it has followed a load.
PROTOCOL = Protocol(
    num_runs=5, min_secs=210, max_secs=400, warmup_min_secs=0.1, session_timeout_s=900, cooldown_timeout_s=2,
    sample_period_s=0.5, idle_s=75,
)  # fmt: skip


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[VirtualPhone, Phone]]:
    """A phone on battery, in this process, so that its ledger can be read."""
    started: Future[VirtualPhone] = Future()
    loop, done = asyncio.new_event_loop(), asyncio.Event()

    async def live() -> None:
        async with Rack([profiles()["redmi-6a"]], seed=3, rate=RATE) as rack:
            started.set_result(rack.phones[0])
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()), daemon=True)
    thread.start()
    virtual = started.result(timeout=60)
    with AdbServer.private(tmp_path_factory.mktemp("adb")) as server:
        server.connect(virtual.serial)
        yield virtual, server.phone(virtual.serial)
    loop.call_soon_threadsafe(done.set)
    thread.join(timeout=20)
    loop.close()


def true_mj(virtual: VirtualPhone, session: SessionRecord) -> float:
    """Of one inference, over the idle phone."""
    start, end = session.start_uptime_s, session.end_uptime_s
    assert start is not None and end is not None and session.energy.inferences
    ledger, idle_mw = virtual.state.ledger, virtual.profile.heat.idle_w * 1000
    return (ledger.energy_mj(start, end) - idle_mw * (end - start)) / session.energy.inferences


@pytest.mark.slow
def test_energy_is_that_of_the_ledger_up_to_the_gauge_s_gain(
    phone: tuple[VirtualPhone, Phone], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_STATE", str(tmp_path / "state"))
    virtual, link = phone
    probe = probe_phone(link)
    assert probe.battery.charging is None and known_gauges(probe.record) == ()
    learnt = watch_gauge(link, probe.nodes, 90, busy=True).gauges(None)
    assert [g.doubt for g in learnt] == [None], learnt
    gauge = virtual.profile.gauge
    assert (learnt[0].unit, learnt[0].discharge_sign) == (gauge.unit, gauge.discharge_sign)
    assert learnt[0].refresh_s == pytest.approx(gauge.refresh_s, abs=0.6)
    assert learnt[0].lag_s is not None and 0.8 * gauge.lag_s <= learnt[0].lag_s <= gauge.lag_s + 2 * gauge.refresh_s
    keep_gauges(probe.record, learnt)
    assert known_gauges(probe.record) == learnt
    assert known_gauges(replace(probe.record, provenance="real")) == ()

    bench = Bench(link, tmp_path)
    bench.run(block("e", ["cpu", "gpu"], protocol=PROTOCOL))
    gain = virtual.state.machine.gauge.gain
    ratios = []
    for session in bench.sessions:
        record = session.energy
        assert session.energy_mj.value is not None, (session.energy_mj, session.flags)
        assert record.source == "battery gauge" and record.absolute == "uncalibrated" and record.u_mj
        truth = true_mj(virtual, session) * gain
        assert session.energy_mj.value == pytest.approx(truth, abs=max(2 * record.u_mj, 0.03 * truth))
        ratios.append(session.energy_mj.value / truth)
    assert ratios[0] / ratios[1] == pytest.approx(1, abs=0.06)
