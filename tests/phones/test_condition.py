"""What sections say of a phone's condition, in the forms that Androids print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.dumps.thermal import thermal
from harness.phones.condition import Condition, read_condition

HOME = "priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=true\nnet.example.start/.Main\n"


def read(sdk: int | None = 34, heat: str = "", props: dict[str, str] | None = None, **sections: str) -> Condition:
    """The condition of sections."""
    return read_condition(sections, props or {}, thermal(heat), sdk=sdk, cores=8, host_epoch_s=1000.0)


@pytest.mark.parametrize(
    ("focus", "home", "expected"),
    [
        ("  mCurrentFocus=Window{5f1c u0 com.example.game/com.example.game.Main}", HOME, "com.example.game"),
        ("mCurrentFocus=Window{41dff5a com.example.game/com.example.game.Main}", HOME, "com.example.game"),
        ("  mCurrentFocus=Window{5f1c u0 com.example.game/com.example.game.Main}", "", None),
        ("  mCurrentFocus=Window{5f1c u0 net.example.start/net.example.start.Main}", HOME, None),
        ("  mCurrentFocus=Window{5f1c u0 com.sec.android.app.launcher/com.x.Y}", "", None),
        ("  mCurrentFocus=Window{5f1c u0 NotificationShade}", "", None),
        ("  mCurrentFocus=Window{5f1c u0 com.android.systemui/com.android.systemui.usb.UsbDebuggingActivity}", HOME, None),
        ("  mCurrentFocus=null", HOME, None),
        # Two home screens and none chosen: which is one cannot be told.
        ("  mCurrentFocus=Window{5f1c u0 com.example.game/com.example.game.Main}",
         "priority=0\nandroid/com.android.internal.app.ResolverActivity\n", None),
        ("", "", None),
    ],
)  # fmt: skip
def test_the_app_in_front(focus: str, home: str, expected: str | None) -> None:
    assert read(front=f"{focus}\n{home}").front_app == expected


@pytest.mark.parametrize(
    ("sdk", "said", "days"),
    [(34, "null", 7.0), (34, "0", 0.0), (30, "86400000", 1.0), (29, "null", None), (34, "", None), (None, "null", None),
     (34, "Failed", None)],
)  # fmt: skip
def test_adb_keys(sdk: int | None, said: str, days: float | None) -> None:
    assert read(sdk, adb_keys=f"{said}\n").adb_key_days == days


def test_load() -> None:
    before, after = "cpu  100 0 50 800 10 0 5 0 0 0", "cpu  180 0 60 820 10 0 5 0 0 0"
    found = read(load=f"12.00 6.10 3.00 4/1200 999\n{before}\n{after}\n")
    assert found.load_per_core == 1.5 and found.busy_share == pytest.approx(90 / 110)
    denied = read(load=f"\n{before}\n{after}\n")
    assert denied.load_per_core is None and denied.busy_share is not None
    assert read(load="12.00 6.10 3.00 4/1200 999\n\n\n").busy_share is None
    assert read(load=f"1 2 3 4 5\n{before}\n{before}\n").busy_share is None, "no time passed"


def test_the_clock_is_compared_where_it_can_be() -> None:
    assert read(now="1700\n").clock_ahead_s == 700.0
    assert read(now="Mon Jan 1\n").clock_ahead_s is None
    assert read(now="1700\n", props={"ro.harness.virtual.rate": "50"}).clock_ahead_s is None
    unknown = read_condition({"now": "1700"}, {}, thermal(""), sdk=34, cores=8, host_epoch_s=None)
    assert unknown.clock_ahead_s is None


def test_the_status_of_heat_counts_only_where_it_can_move() -> None:
    status = "Thermal Status: 2\nHAL Ready: true\n"
    assert read(heat=status).thermal_status is None
    limits = "Temperature static thresholds from HAL:\n\tTemperatureThreshold{mType=3, mName=skin}\n"
    found = read(heat=status + limits)
    assert found.thermal_status == 2 and found.thermal_ready is True


def test_programs() -> None:
    assert read(exec="runs\n").exec_refused == ""
    assert read(exec="").exec_refused is None, "storage was full"
    assert read(exec="sh: cannot execute\nexit code 126\n").exec_refused == "sh: cannot execute"


@given(st.dictionaries(st.sampled_from(["now", "load", "front", "updates", "adb_keys", "exec"]), st.text(max_size=80)))
def test_any_text_is_read(sections: dict[str, str]) -> None:
    read_condition(sections, {}, thermal(""), sdk=34, cores=8, host_epoch_s=0.0)
