"""Spans of time as people write them."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.rack.span import parse_span


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("30 min", 1800), ("2h", 7200), ("1h30m", 5400), ("3d", 259200)]
)
def test_spans(text: str, seconds: float) -> None:
    assert parse_span(text) == seconds


@pytest.mark.parametrize("text", ["", "2", "2x", "-1h", "1h x", "0s", "9999999d", "h"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(UsageError):
        parse_span(text)
