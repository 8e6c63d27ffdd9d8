"""Affinity and activity of blocks on virtual phones: what was asked for is what the process had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.adb.server import AdbServer
from harness.benchmark.block import command
from harness.dumps.cpufreq import cpu_list
from harness.phones.clean import clean_phone
from tests.benchmark.blocks import QUICK, Bench, block
from tests.racks import rack_server

_WORK = replace(QUICK, min_secs=1.5)
_ALONE, _BUSY = "pixel-8-pro", "galaxy-s23"


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[AdbServer, list[str]]]:
    plan = tmp_path_factory.mktemp("faults") / "faults.yaml"
    plan.write_text("1: {background_load: 0.4}\n")
    with rack_server(2, "--profile", _ALONE, "--profile", _BUSY, "--faults", str(plan)) as found:
        yield found


def bench(rack: tuple[AdbServer, list[str]], number: int, folder: Path) -> Bench:
    server, serials = rack
    return Bench(server.phone(serials[number]), folder)


def test_the_phones_own_cores(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    made = bench(rack, 0, tmp_path)
    words = ("little", "mid", "big", "1f0")
    made.run(block("b-cores", ["cpu", *(f"cpu:affinity={w}" for w in words)], protocol=_WORK))
    found = {s.key.options.get("affinity", "free"): s for s in made.sessions}
    masks = {word: found[word].detail.get("affinity_mask") for word in found}
    assert masks == {"free": None, "little": "f", "mid": "f0", "big": "100", "1f0": "1f0"}
    allowed = {word: found[word].activity.allowed_cpus for word in found}
    assert allowed == {"free": "0-8", "little": "0-3", "mid": "4-7", "big": "8", "1f0": "4-8"}
    for session in found.values():
        assert session.outcome == "ok" and not {"wrong_cores", "others"} & set(session.flags), session.flag_reasons
        assert {int(c) for c in session.activity.last_cpus} <= set(cpu_list(session.activity.allowed_cpus) or ())
        assert session.activity.own_cpu_s and session.activity.sampler_cpu_s is not None
    assert found["little"].inference_avg_us > 1.5 * found["free"].inference_avg_us  # type: ignore[operator]
    little, big = found["little"].frequency, found["big"].frequency
    assert little.at_cap_pct["policy0"] > 50 > little.at_cap_pct["policy8"]
    assert big.at_cap_pct["policy8"] > 50 > big.at_cap_pct["policy0"]
    clean_phone(made.phone)


def test_others_on_the_phone_are_seen(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    made = bench(rack, 1, tmp_path)
    made.run(block("b-busy", ["cpu"], protocol=_WORK))
    (session,) = made.sessions
    assert session.activity.others_busy_pct is not None and session.activity.others_busy_pct > 15
    assert session.flag_reasons["others"].startswith("others had")
    clean_phone(made.phone)


def test_a_phone_of_one_kind_of_cores_refuses(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    made = bench(rack, 0, tmp_path)
    clusters = tuple(replace(c, capacity=1024) for c in made.probe.record.clusters)
    made.probe = replace(made.probe, record=replace(made.probe.record, clusters=clusters))
    made.run(block("b-alike", ["cpu:affinity=big"], protocol=_WORK))
    (session,) = made.sessions
    assert session.outcome == "refused" and "all its 9 cores are alike" in (session.outcome_line or "")


def test_more_cores_than_asked_for_void_a_session(rack: tuple[AdbServer, list[str]], tmp_path: Path) -> None:
    made = bench(rack, 0, tmp_path)
    # As a phone that takes the command and does nothing: the program goes on without its mask.
    shell = "p=${PHONE_ROOT}/data/local/tmp/harness; mkdir -p $p; echo 'shift; exec \"$@\"' >$p/taskset; chmod 755 $p/taskset"
    made.phone.shell(shell)

    def unpinned(*args: Any, **words: Any) -> str:
        return command(*args, **words).replace("exec taskset", 'exec "${PHONE_ROOT}"/data/local/tmp/harness/taskset')

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("harness.benchmark.session.command", unpinned)
        made.run(block("b-wrong", ["cpu:affinity=big"], protocol=_WORK))
    (session,) = made.sessions
    assert session.flag_reasons["wrong_cores"].startswith("it could run on 0-8")
    clean_phone(made.phone)


def test_in_portable_mode(tmp_path: Path) -> None:
    with rack_server(1, "--profile", _ALONE, "--mode", "portable") as (server, serials):
        made = Bench(server.phone(serials[0]), tmp_path)
        made.run(block("b-portable", ["cpu:affinity=mid"], protocol=replace(_WORK, state=(("screen", "dim"),))))
    (session,) = made.sessions
    assert session.activity.allowed_cpus == "4-7" and set(session.activity.last_cpus) <= {"4", "5", "6", "7"}
    assert session.state.held == {"screen": "dim"}
