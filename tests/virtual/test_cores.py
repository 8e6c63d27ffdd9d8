"""Virtual phones' cores: pinned work is slower where its cores are weaker, shows where it runs, and leaves others be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.dumps.cpufreq import cpu_list
from harness.virtual.nodes.threads import cpu_list as kernel_list
from harness.virtual.nodes.threads import threads
from harness.virtual.physics.cpufreq import Pinned, capacity, cores_of, strongest, with_pinned
from harness.virtual.profile import profiles
from tests.racks import rack_server
from tests.virtual.fake_phone import FakePhone

PIXEL = profiles()["pixel-8-pro"]
LITTLE, MID, BIG = frozenset(range(4)), frozenset(range(4, 8)), frozenset({8})


@pytest.fixture
def pixel(tmp_path: Path) -> Iterator[FakePhone]:
    phone = FakePhone(PIXEL, tmp_path)
    yield phone
    phone.state.close()


def speed(phone: FakePhone, cpus: frozenset[int] | None, threads_: int = 4) -> float:
    with phone.state.process(7, "x", cpus) as process:
        process.threads = threads_
        with phone.state.load("cpu", 0.9, 7):
            return phone.state.speed("cpu", 7)


def test_weaker_cores_are_slower(pixel: FakePhone) -> None:
    free, little, mid, big = (speed(pixel, cpus) for cpus in (None, LITTLE, MID, BIG))
    assert little < big < mid < free <= 1.0, "one strong core does less than four of the middle"
    assert speed(pixel, BIG, 1) == pytest.approx(1.0), "one thread has the strongest core either way"


def test_pinned_work_moves_its_clocks_alone(pixel: FakePhone) -> None:
    pixel.pass_time(5)
    before = [pixel.state.machine.residency.ticks(n) for n in range(3)]
    with pixel.state.process(7, "x", LITTLE) as process, pixel.state.load("cpu", 1.0, 7):
        pixel.pass_time(10)
    after = [pixel.state.machine.residency.ticks(n) for n in range(3)]
    top = [c.khz[-1] for c in PIXEL.clusters]
    moved = [after[n][top[n]] - before[n][top[n]] for n in range(3)]
    assert moved[0] > 900 and moved[1:] == [0, 0]
    assert process.cpu_s == pytest.approx(10 * 4 * 1.05, rel=0.01)


def test_other_programs_show_in_proc_stat(tmp_path: Path) -> None:
    busy = []
    for share in (0.0, 0.5):
        phone = FakePhone(PIXEL, tmp_path / str(share))
        phone.state.background = share
        phone.state.boot()
        first = _busy(phone)
        phone.pass_time(10)
        busy.append(_busy(phone) - first)
        phone.state.close()
    assert busy[0] < 0.05 * 10 * 9 * 100 and busy[1] > busy[0] + 1000


def _busy(phone: FakePhone) -> int:
    words = [int(w) for w in phone.read("proc/stat").splitlines()[0].split()[1:]]
    return sum(words) - words[3]


def test_other_programs_slow_ours_down_where_cores_run_out(pixel: FakePhone) -> None:
    alone = speed(pixel, None)
    pixel.state.background = 0.5
    assert speed(pixel, None) < 0.8 * alone


def test_the_fixed_mode_lowers_every_clock_until_a_boot(pixel: FakePhone) -> None:
    pixel.state.set_fixed_performance(on=True)
    pixel.pass_time(0.5)
    root = "sys/devices/system/cpu/cpufreq/policy8"
    assert int(pixel.read(f"{root}/scaling_max_freq")) < 0.75 * int(pixel.read(f"{root}/cpuinfo_max_freq"))
    assert pixel.state.speed("cpu") < 0.75
    pixel.state.boot()
    pixel.pass_time(0.5)
    assert pixel.read(f"{root}/scaling_max_freq") == pixel.read(f"{root}/cpuinfo_max_freq")


def test_a_maker_that_has_not_wired_it_takes_the_command(tmp_path: Path) -> None:
    phone = FakePhone(profiles()["galaxy-s23"], tmp_path)
    phone.state.set_fixed_performance(on=True)
    assert phone.state.speed("cpu") == 1.0
    phone.state.close()


some_profile = st.sampled_from(sorted(profiles().values(), key=lambda p: p.name))


@given(some_profile, st.data(), st.floats(0, 1), st.floats(0, 1))
def test_no_core_is_more_than_busy(profile: object, data: st.DataObject, free: float, share: float) -> None:
    clusters = PIXEL.clusters if profile is None else profile.clusters  # type: ignore[attr-defined]
    total = sum(c.cores for c in clusters)
    cpus = data.draw(st.frozensets(st.integers(0, total - 1), min_size=1))
    cores = cores_of(clusters, cpus)
    assert sum(cores) == len(cpus) and capacity(clusters, cores) <= capacity(clusters)
    busy = with_pinned(clusters, free, [Pinned(share, cores)])
    assert all(0 <= b <= 1 for b in busy)
    assert strongest(clusters, 4, cores) <= strongest(clusters, 4) <= capacity(clusters)


@given(st.frozensets(st.integers(0, 15), min_size=1))
def test_the_kernels_list_is_read_back(cpus: frozenset[int]) -> None:
    assert cpu_list(kernel_list(sorted(cpus))) == sorted(cpus)


def test_threads_of_a_process() -> None:
    files = dict(threads(PIXEL.clusters, 70, "benchmark_model", 4, MID, 12.0, 1))
    assert sorted(files) == [f"{n}/{name}" for n in range(70, 74) for name in ("stat", "status")]
    for n in range(70, 74):
        fields = files[f"{n}/stat"].rpartition(")")[2].split()
        assert len(fields) == 50 and int(fields[36]) in MID and int(fields[11]) + int(fields[12]) == 300
        assert "Cpus_allowed_list:\t4-7\n" in files[f"{n}/status"]


def test_taskset_and_proc_over_adb() -> None:
    script = "taskset f sh -c 'echo $$; exec \"${PHONE_ROOT}\"/data/local/tmp/b --graph=x'"
    with rack_server(1, "--profile", "pixel-8-pro") as (server, serials):
        phone = server.phone(serials[0])
        assert phone.shell("taskset f echo went").stdout == "went\n"
        assert phone.shell("taskset -p 1").exit_code == 1
        assert re.fullmatch(r"\d+\n?", phone.shell(script).stdout.splitlines()[0])
