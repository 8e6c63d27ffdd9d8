"""Every knob says what it is, and is tried only where it can be held."""

from __future__ import annotations

import subprocess

import pytest

from harness.errors import UsageError
from harness.phones.state import KNOBS, Where, over_wifi, parse_state, plan_state
from tests.device_scripts.box import SHELLS

PLUGGED = Where(sdk=34, plugged=True)
EVERY = [(name, value) for name, knob in KNOBS.items() for value in knob.values]


def test_text_becomes_knobs_and_values() -> None:
    assert parse_state("fixed_performance=on, screen=dim") == {"fixed_performance": "on", "screen": "dim"}
    assert parse_state("") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fixed_perfomance=on", "did you mean fixed_performance"),
        ("wifi=off", "choose from fixed_performance"),
        ("screen=bright", "use dim or off"),
        ("screen", "cannot be held at ''"),
        ("doze=off,doze=off", "given twice"),
    ],
)
def test_what_is_no_knob_is_told_with_the_way_out(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        parse_state(text)
    assert caught.value.message


@pytest.mark.parametrize(
    ("state", "where", "why"),
    [
        ({"fixed_performance": "on"}, Where(sdk=29), "API level 30"),
        ({"radios": "off"}, Where(sdk=34, over_wifi=True), "adb itself"),
        ({"radios": "airplane"}, Where(sdk=28), "API level 30"),
        ({"screen": "off"}, Where(sdk=34, plugged=False), "not plugged in"),
        ({"screen": "off"}, Where(sdk=34, plugged=None), "not plugged in"),
    ],
)
def test_what_cannot_be_held_is_not_tried(state: dict[str, str], where: Where, why: str) -> None:
    plan = plan_state(state, where)
    (name,) = state
    assert why in plan.refused[name]
    assert plan.files["state/refused"] == f"{name} {plan.refused[name]}\n"
    assert not any(f"knob={name} " in text for text in plan.files.values())
    assert any("knob=awake " in text for text in plan.files.values())


def test_a_phone_whose_screen_is_off_is_not_kept_awake() -> None:
    plan = plan_state({"screen": "off"}, PLUGGED)
    assert not plan.refused and not any("knob=awake " in text for text in plan.files.values())


@pytest.mark.parametrize(
    ("serial", "plugged", "expected"),
    [
        ("R58M12", ("usb",), False),
        ("R58M12", None, False),
        ("192.168.1.7:5555", ("usb",), True),
        ("adb-R58M12-abc._adb-tls-connect._tcp", None, True),
        ("127.0.0.1:5555", ("usb",), False),
        ("127.0.0.1:5555", (), True),
        ("127.0.0.1:5555", None, True),
    ],
)
def test_adb_over_wifi(serial: str, plugged: tuple[str, ...] | None, expected: bool) -> None:
    assert over_wifi(serial, plugged) == expected


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(("name", "value"), EVERY)
def test_steps_are_shell_that_both_shells_read(shell: str, name: str, value: str) -> None:
    for file, text in plan_state({name: value}, PLUGGED).files.items():
        if file == "state/refused":
            continue
        asked = f'{text}\necho "$knob|$what|$wanted|$steady|$(hand "$wanted")"'
        done = subprocess.run([shell, "-u", "-c", asked], capture_output=True, text=True, check=True)
        knob, what, wanted, steady, command = done.stdout.strip().split("|")
        assert knob in (name, "awake") and what and wanted and steady in ("0", "1") and command and done.stderr == ""


def test_every_knob_says_what_it_is() -> None:
    for name, knob in KNOBS.items():
        assert knob.name == name and knob.values and knob.help and knob.condition
        assert knob.steps(knob.values[0], PLUGGED)
