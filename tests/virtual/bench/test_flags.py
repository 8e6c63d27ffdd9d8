"""The lenient command line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.virtual.bench.flags import FlagError, known_flags, parameter_lines, parse_flags, usage

ALL = known_flags({"gpu", "nnapi", "hexagon"})
_ROW = re.compile(r"^\t--([a-z0-9_-]+)=(\S*)\s*\t(int32|int64|float|bool|string)\t(optional|required)\t(.+)$")


@pytest.mark.parametrize(
    ("value", "read"),
    [("5", 5), ("5x", 5), ("1e3", 1), ("", 0), ("-", 0), ("+7", 7), (" 8", 8), ("99999999999", 2**31 - 1)],
)
def test_integers_are_read_as_a_stream_does(value: str, read: int) -> None:
    assert parse_flags([f"--num_runs={value}"], ALL)["num_runs"] == read


@pytest.mark.parametrize("value", ["abc", "x5", "--", ".5"])
def test_what_is_no_integer_at_all_is_refused(value: str) -> None:
    with pytest.raises(
        FlagError, match=re.escape(f"Failed to parse flag 'num_runs' against argv '--num_runs={value}'")
    ):
        parse_flags([f"--num_runs={value}"], ALL)


@pytest.mark.parametrize("value", ["yes", "TRUE", "", "2"])
def test_bools_are_strict(value: str) -> None:
    with pytest.raises(FlagError):
        parse_flags([f"--use_gpu={value}"], ALL)


def test_only_the_first_counts_and_only_with_an_equals_sign() -> None:
    parsed = parse_flags(["--num_runs=3", "--num_runs=7", "-min_secs=1", "--graph", "m", "--no=1"], ALL)
    assert parsed["num_runs"] == 3
    assert parsed.unconsumed == ["--num_runs=7", "-min_secs=1", "--graph", "m", "--no=1"]
    assert parsed.given == ["num_runs"]


def test_a_build_has_the_flags_of_its_parts() -> None:
    assert parse_flags(["--use_nnapi=true"], known_flags({"gpu"})).unconsumed == ["--use_nnapi=true"]
    assert parse_flags(["--use_nnapi=true"], ALL)["use_nnapi"] is True


def test_the_usage_table_can_be_read_by_the_documented_pattern() -> None:
    rows = usage("b", ALL).splitlines()[2:]
    names = [found[1] for row in rows if (found := _ROW.match(row))]
    assert len(names) == len(rows) == len(ALL)
    assert {"enable_op_profiling", "use_nnapi", "use_hexagon", "gpu_backend"} <= set(names)


def test_verbose_logs_everything_once_in_its_place() -> None:
    lines = list(parameter_lines(parse_flags(["--verbose=true", "--use_nnapi=true"], ALL), ALL, {}))
    assert lines.index("Graph: []") + 1 == lines.index("Signature to run: []")
    assert "Disable NNAPI cpu: [1]" in lines
    assert len(lines) == len(set(lines))
    assert not any(line.startswith("List signatures") for line in lines)


@given(st.lists(st.text(max_size=20)))
def test_no_argument_breaks_it(argv: list[str]) -> None:
    try:
        parsed = parse_flags(argv, ALL)
    except FlagError as error:
        assert any(f"'{arg}'" in str(error) for arg in argv)
    else:
        assert len(parsed.given) + len(parsed.unconsumed) == len(argv)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_floats_survive(value: float) -> None:
    assert parse_flags([f"--min_secs={value!r}"], ALL)["min_secs"] == value
