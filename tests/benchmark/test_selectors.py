"""Selectors choose phones, and say why not."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.benchmark.selectors import parse_selectors, why_not
from harness.errors import UsageError
from tests.records import phone

ONE = dataclasses.replace(
    phone("ID1", tier="high", soc="SM8550", ram_mb=7500.5, android="13", sdk=33, performance_class=None),
    serial="127.0.0.1:5555",
)


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["ID1"],
        ["127.0.0.1:5555"],
        [" ID1 "],
        ["tier=high,soc=sm8550"],
        ["tier = high , soc != SM8650"],
        ["ram_mb>=7500.5"],
        ["ram_mb<7501"],
        ["other", "tier=low", "sdk>32"],
        ["phone_id=ID1"],
        ["serial=127.0.0.1:5555"],
    ],
)
def test_what_matches(texts: list[str]) -> None:
    assert why_not(parse_selectors(texts), ONE) is None


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["ID2"], "it is not ID2"),
        (["tier=low"], "not tier=low: its tier is high"),
        (["tier=high,android>=14"], "not android>=14: its android is 13"),
        (["performance_class>=30"], "not performance_class>=30: its performance_class is unknown"),
        (["performance_class!=30"], "not performance_class!=30: its performance_class is unknown"),
        (["ID2", "sdk<30"], "it is not ID2, and not sdk<30: its sdk is 33"),
    ],
)
def test_why_not(texts: list[str], reason: str) -> None:
    assert why_not(parse_selectors(texts), ONE) == reason


@pytest.mark.parametrize(
    ("text", "labels", "reason"),
    [
        ("label=Bench3", {"bench3", "new"}, None),
        ("label!=bench3", {"new"}, None),
        ("label!=bench3", set(), None),
        ("label=bench3", {"old", "new"}, "not label=bench3: its labels are new, old"),
        ("label!=bench3", {"bench3"}, "not label!=bench3: its labels are bench3"),
        ("label=bench3,tier=high", set(), "not label=bench3: it has no label"),
    ],
)
def test_labels_stand_beside_the_record(text: str, labels: set[str], reason: str | None) -> None:
    assert why_not(parse_selectors([text]), ONE, labels) == reason


@pytest.mark.parametrize(
    ("text", "version", "holds"),
    [
        ("android=8", "8.1.0", True),
        ("android>=8.1", "8.1.0", True),
        ("android>=8.1", "8.0.0", False),
        ("android>=13.0", "13", True),
        ("android>8", "8.1.0", False),
        ("android<10", "9", True),
        ("android>=12", "Baklava", False),
    ],
)
def test_versions_of_android(text: str, version: str, holds: bool) -> None:
    assert (why_not(parse_selectors([text]), phone(android=version)) is None) == holds


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ("tier=high,colour=red", "no 'colour'; use tier"),
        ("teir=high", "did you mean tier"),
        ("high,soc=SM8550", "'high' is no term"),
        ("tier=", "has no value"),
        ("tier=high,", "is no term"),
        ("sdk=many", "sdk needs a number"),
        ("ram_mb>=nan", "ram_mb needs a number"),
        ("android>=R", "android needs a number"),
        ("tier>=high", "tier is a name"),
        ("label>x", "label is a name"),
    ],
)
def test_what_is_no_selector(text: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        parse_selectors([text])


@given(st.text(max_size=40))
def test_any_text_is_a_selector_or_a_usage_error(text: str) -> None:
    try:
        selectors = parse_selectors([text])
    except UsageError:
        return
    why_not(selectors, ONE)
