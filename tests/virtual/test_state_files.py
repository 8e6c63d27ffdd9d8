"""The files of a virtual phone, and how they follow its state."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.virtual.profile import Profile, profiles
from tests.virtual.fake_phone import FakePhone, make

ALL = list(profiles().values())
CPU = "/sys/devices/system/cpu"
BATTERY = "/sys/class/power_supply/battery"


@pytest.fixture
def s23(tmp_path: Path) -> Iterator[FakePhone]:
    phone = make("galaxy-s23", tmp_path)
    yield phone
    phone.state.close()


@pytest.mark.parametrize("profile", ALL, ids=lambda p: p.name)
def test_every_kind_of_phone_has_a_whole_tree(profile: Profile, tmp_path: Path) -> None:
    phone = FakePhone(profile, tmp_path)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n", phone.read("/proc/sys/kernel/random/boot_id"))
    assert re.fullmatch(r"\d+\.\d\d \d+\.\d\d\n", phone.read("/proc/uptime"))
    cores = sum(c.cores for c in profile.clusters)
    assert phone.read("/proc/cpuinfo").count("processor\t:") == cores
    assert phone.read(f"{CPU}/online") == f"0-{cores - 1}\n"
    assert len(re.findall(r"^cpu\d", phone.read("/proc/stat"), re.M)) == cores
    assert re.search(rf"^MemTotal: +{profile.ram_kb} kB$", phone.read("/proc/meminfo"), re.M)
    policies = sorted((tmp_path / CPU.lstrip("/") / "cpufreq").iterdir())
    assert len(policies) == len(profile.clusters)
    for policy, cluster in zip(policies, profile.clusters, strict=True):
        folder = f"{CPU}/cpufreq/{policy.name}"
        assert phone.read(f"{folder}/scaling_max_freq") == f"{cluster.khz[-1]}\n"
        assert int(phone.read(f"{folder}/scaling_cur_freq")) in cluster.khz
        assert (policy / "stats/time_in_state").exists() == profile.time_in_state
        first = int(policy.name.removeprefix("policy"))
        assert (tmp_path / CPU.lstrip("/") / f"cpu{first}/cpufreq").resolve() == policy.resolve()
    assert "ro.serialno" not in phone.read("/system/build.prop")
    phone.state.close()


@pytest.mark.parametrize("profile", ALL, ids=lambda p: p.name)
def test_denied_nodes_are_there_and_refuse(profile: Profile, tmp_path: Path) -> None:
    phone = FakePhone(profile, tmp_path)

    def mode(path: str) -> int:
        return (tmp_path / path.lstrip("/")).stat().st_mode & 0o777

    assert (mode(f"{profile.gauge.node}/current_now") == 0) == (not profile.gauge.readable)
    for index in range(len(profile.thermal.zones)):
        assert (mode(f"/sys/class/thermal/thermal_zone{index}/temp") == 0) == (not profile.thermal.zones_readable)
    for path in [*profile.denied, *(p for p, kind in profile.gpu_nodes.items() if kind == "denied")]:
        assert mode(path) == 0, path
    phone.pass_time(5)
    assert mode("/proc/uptime") == 0o444
    phone.state.close()


def test_denied_nodes_go_on_being_written(tmp_path: Path) -> None:
    phone = make("oneplus-8t", tmp_path)
    before = phone.read(f"{BATTERY}/current_now")
    with phone.state.load("cpu", 1.0):
        phone.pass_time(30)
    assert phone.read(f"{BATTERY}/current_now") != before
    phone.state.close()


def test_files_keep_their_inodes_and_never_hold_a_rest(s23: FakePhone) -> None:
    names = ["/proc/uptime", "/proc/stat", f"{BATTERY}/current_now", f"{CPU}/cpufreq/policy7/stats/time_in_state"]
    inodes = [os.stat(s23.root / n.lstrip("/")).st_ino for n in names]  # noqa: PTH116
    with s23.state.load("gpu", 1.0):
        s23.pass_time(200, 10)
    s23.pass_time(400, 10)
    s23.clock.uptime_s = 3.0
    s23.state.boot()
    s23.pass_time(1)
    assert [os.stat(s23.root / n.lstrip("/")).st_ino for n in names] == inodes  # noqa: PTH116
    assert re.fullmatch(r"4\.00 \d+\.\d\d\n", s23.read("/proc/uptime"))
    assert re.fullmatch(r"-?\d+\n", s23.read(f"{BATTERY}/current_now"))


def test_residency_grows_by_ten_millisecond_ticks_where_the_clock_is(s23: FakePhone) -> None:
    def ticks() -> dict[int, int]:
        rows = s23.read(f"{CPU}/cpufreq/policy7/stats/time_in_state").splitlines()
        return {int(k): int(v) for k, v in (row.split() for row in rows)}

    before = ticks()
    with s23.state.load("cpu", 0.2):
        assert s23.state.machine.khz()[2] == 3_360_000
        s23.pass_time(10)
    after = ticks()
    assert after[3_360_000] - before[3_360_000] == pytest.approx(1000, abs=2)
    assert sum(after.values()) - sum(before.values()) == pytest.approx(1000, abs=2)


def test_heat_caps_the_clocks_and_speed_until_the_phone_is_cool(s23: FakePhone) -> None:
    top = f"{CPU}/cpufreq/policy7/scaling_max_freq"
    assert s23.state.speed("cpu") == 1.0
    with s23.state.load("cpu", 1.0):
        s23.pass_time(600, 5)
        assert int(s23.read(top)) < 3_360_000
        assert int(s23.read(f"{CPU}/cpufreq/policy7/scaling_cur_freq")) == int(s23.read(top))
        assert s23.state.speed("cpu") == pytest.approx(int(s23.read(top)) / 3_360_000)
        assert s23.state.speed("gpu") < 1
    s23.pass_time(1200, 5)
    assert int(s23.read(top)) == 3_360_000


def test_loads_add_up_share_and_end(s23: FakePhone) -> None:
    idle = s23.state.machine.power_w
    with s23.state.load("gpu", 1.0), s23.state.load("gpu", 1.0):
        assert s23.state.speed("gpu") == 0.5
        assert s23.state.machine.power_w == pytest.approx(idle + s23.profile.heat.gpu_w)
    assert s23.state.speed("gpu") == 1.0
    assert s23.state.machine.power_w == idle
    with pytest.raises(RuntimeError, match="stopped"), s23.state.load("npu", 0.5):
        raise RuntimeError("stopped")
    assert s23.state.machine.power_w == idle


def test_the_ledger_is_exact_between_ticks(s23: FakePhone) -> None:
    start = s23.clock.now_s()
    s23.clock.uptime_s += 1.25
    with s23.state.load("npu", 1.0):
        s23.clock.uptime_s += 0.5
    s23.clock.uptime_s += 2.0
    heat = s23.profile.heat
    expected = heat.idle_w * 3.75 + heat.npu_w * 0.5
    assert s23.state.ledger.energy_mj(start, s23.clock.now_s()) == pytest.approx(expected * 1000, rel=1e-9)
    assert s23.state.ledger.power_mw(start + 1.5) == pytest.approx((heat.idle_w + heat.npu_w) * 1000)


def test_what_the_nodes_show_agrees_with_the_ledger(s23: FakePhone) -> None:
    """As a sampler would measure: current × voltage at 2 Hz, against the truth and this unit's gain."""
    with s23.state.load("cpu", 0.3):
        s23.pass_time(20)
        start, measured = s23.clock.now_s(), 0.0
        for _ in range(600):
            s23.pass_time(0.5)
            amps = -int(s23.read(f"{BATTERY}/current_now")) / 1000
            measured += amps * int(s23.read(f"{BATTERY}/voltage_now")) / 1e6 * 0.5 * 1000
    true = s23.state.ledger.energy_mj(start, s23.clock.now_s())
    assert measured == pytest.approx(true * s23.state.machine.gauge.gain, rel=0.01)


def test_a_reboot_is_a_new_boot_and_keeps_heat_and_charge(s23: FakePhone) -> None:
    old = s23.read("/proc/sys/kernel/random/boot_id")
    with s23.state.load("cpu", 1.0):
        s23.pass_time(300, 5)
        warm, charge = s23.state.machine.temperatures.skin_c, s23.state.machine.cell.charge_mah
        s23.clock.uptime_s = 0.5
        s23.state.boot()
        assert s23.state.machine.busy["cpu"] == 0
    assert s23.read("/proc/sys/kernel/random/boot_id") != old
    assert s23.state.machine.temperatures.skin_c == warm
    assert s23.state.machine.cell.charge_mah == charge
    assert s23.state.ledger.energy_mj(0, 1000) == 0
    assert int(s23.read(f"{CPU}/cpufreq/policy0/stats/total_trans")) == 0


def test_cutting_the_supply_shows_everywhere(tmp_path: Path) -> None:
    phone = make("pixel-8-pro", tmp_path)
    assert phone.read("/sys/class/power_supply/usb/online") == "1\n"
    assert phone.read(f"{BATTERY}/status") == "Charging\n"
    assert int(phone.read(f"{BATTERY}/current_now")) > 0
    phone.state.machine.plugged = "none"
    phone.pass_time(5)
    assert phone.read("/sys/class/power_supply/usb/online") == "0\n"
    assert phone.read(f"{BATTERY}/status") == "Discharging\n"
    assert int(phone.read(f"{BATTERY}/current_now")) < 0
    assert "POWER_SUPPLY_STATUS=Discharging\n" in phone.read(f"{BATTERY}/uevent")
    phone.state.close()


def test_programs_of_ours_take_from_what_is_available(s23: FakePhone) -> None:
    free = s23.state.mem_available_kb
    with s23.state.process(77, "benchmark_model") as process:
        process.resident_mb = 100.0
        s23.pass_time(1)
        assert s23.state.mem_available_kb == free - 102_400
        assert f"{free - 102_400} kB" in s23.read("/proc/meminfo").splitlines()[2]
    assert s23.state.mem_available_kb == free


def test_the_same_seed_is_the_same_phone(tmp_path: Path) -> None:
    texts = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        phone = FakePhone(profiles()["redmi-6a"], tmp_path / name, seed=9)
        phone.pass_time(50)
        texts.append([phone.read(p) for p in (f"{BATTERY}/uevent", "/proc/sys/kernel/random/boot_id", "/proc/stat")])
        phone.state.close()
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("name", "path", "shown"),
    [
        ("oneplus-8t", "/sys/class/kgsl/kgsl-3d0/gpubusy", r" 500000 1000000\n"),
        ("galaxy-a53", "/sys/devices/platform/18500000.mali/utilization", r"50\n"),
        ("galaxy-a53", "/sys/devices/platform/18500000.mali/time_in_state", r"800000 \d+\n260000 \d+\n"),
        ("pixel-8-pro", "/sys/devices/platform/1f000000.mali/total_gpu_mem", r"\d{9}\n"),
        ("oneplus-8t", "/sys/class/kgsl/kgsl-3d0/gpu_model", r"Adreno650v2\n"),
    ],
)
def test_graphics_nodes_follow_the_load(name: str, path: str, shown: str, tmp_path: Path) -> None:
    phone = make(name, tmp_path)
    with phone.state.load("gpu", 0.5):
        phone.pass_time(2)
        assert re.fullmatch(shown, phone.read(path))
    phone.state.close()
