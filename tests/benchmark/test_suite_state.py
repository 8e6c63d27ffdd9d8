"""What a suite holds its phones at."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.benchmark.suite import load_suite, suite_from_flags
from harness.errors import UsageError
from tests.benchmark.test_suite import A, folder, write

__all__ = ["folder"]


def test_yaml_reads_on_and_off_as_it_likes(folder: Path) -> None:
    suite = load_suite(write(folder, A + "state: {fixed_performance: on, screen: dim, radios: 'off', doze: off}\n"))
    assert suite.work_protocol().state == (
        ("doze", "off"), ("fixed_performance", "on"), ("radios", "off"), ("screen", "dim"),
    )  # fmt: skip


def test_flags_make_the_same(folder: Path) -> None:
    file = load_suite(write(folder, A + "state: {screen: dim}\n"))
    flags = suite_from_flags([folder / "a.tflite"], delegates=["cpu"], threads=[4], sessions=3, state={"screen": "dim"})
    assert file.work_protocol().state == flags.work_protocol().state == (("screen", "dim"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("state: {screan: dim}\n", r"suite.yaml:2: there is no key state\.screan; did you mean screen\?"),
        ("state: {screen: bright}\n", r"suite.yaml:2: state\.screen should be 'dim' or 'off', not 'bright'"),
        ("state: {fixed_performance: off}\n", r"suite.yaml:2: state\.fixed_performance should be 'on', not"),
    ],
)
def test_what_is_no_knob_is_told_with_its_place(folder: Path, text: str, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        load_suite(write(folder, A + text))


def test_state_makes_another_measurement(folder: Path) -> None:
    plain, dim = load_suite(write(folder, A)), load_suite(write(folder, A + "state: {screen: dim}\n"))
    assert "state" not in plain.measured() and dim.measured()["state"]["screen"] == "dim"
