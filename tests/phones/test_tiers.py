"""Tiers by the shipped rules and by rules of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.phones.tiers import TierRule, assign_tier, load_rules, tiers_schema
from tests.records import phone

ARM64 = {"abilist": ("arm64-v8a", "armeabi-v7a"), "abi": "arm64-v8a"}


@pytest.mark.parametrize(
    ("fields", "tier", "reason"),
    [
        ({"ram_mb": 900.0, "abilist": ("armeabi-v7a",), "abi": "armeabi-v7a"}, "low", "a 32-bit phone (armeabi-v7a)"),
        ({**ARM64, "ram_mb": 2800.0, "max_khz": 2_300_000}, "low", "under 3.5 GiB of memory (2.7 GiB)"),
        (
            {**ARM64, "ram_mb": 5600.0, "max_khz": 2_400_000},
            "mid",
            "at least 5 GiB of memory and a core of 2.2 GHz (5.5 GiB, 2.40 GHz)",
        ),
        (
            {**ARM64, "ram_mb": 11600.0, "max_khz": 3_300_000},
            "high",
            "at least 7 GiB of memory and a core of 3 GHz (11.3",
        ),
        ({**ARM64, "ram_mb": 11600.0, "max_khz": 2_900_000}, "mid", "at least 5 GiB"),
        (
            {**ARM64, "ram_mb": 11600.0, "max_khz": 2_914_000, "performance_class": 34},
            "high",
            "media performance class 33 or newer (class 34)",
        ),
        ({**ARM64, "ram_mb": 3800.0, "max_khz": 2_400_000}, "low", "everything else"),
        ({}, "low", "everything else"),
    ],
)
def test_shipped_rules(fields: dict[str, Any], tier: str, reason: str) -> None:
    found, why = assign_tier(phone(**fields), load_rules(None))
    assert found == tier and why.startswith(reason)


def test_own_rules(tmp_path: Path) -> None:
    path = tmp_path / "tiers.yaml"
    path.write_text(
        "- {tier: gold, models: [phone], android_min: 13}\n"
        "- {tier: silver, soc: [SM8550, Tensor G3], cores_min: 8}\n"
        "- {tier: bronze, name: much memory, ram_mb_min: 8000, ram_mb_max: 9000}\n"
    )
    rules = load_rules(path)
    assert assign_tier(phone(android="14"), rules) == ("gold", "Phone, Android 14")
    assert assign_tier(phone(android="12", soc="sm8550", cores=8), rules) == ("silver", "sm8550, 8 cores")
    assert assign_tier(phone(android="Baklava", ram_mb=8192.0), rules) == ("bronze", "much memory (8.0 GiB)")
    assert assign_tier(phone(ram_mb=9000.0), rules) == (None, "no tier rule holds for it")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "this should be a valid list, not None"),
        ("[]", "has no rule"),
        ("- {tier: a}\n- {name: b, ram: 4}\n", r"yaml:2: \[1\].tier is missing"),
        ("- {tier: gold, ram_min: 4}\n", r"yaml:1: there is no key \[0\].ram_min; did you mean ram_mb_min"),
        ("- tier: gold\n  ram_mb_min: much\n", "yaml:2: .*ram_mb_min should be a valid number, not 'much'"),
        ("- tier: low\n- tier: high\n  cores_min: 8\n", "yaml:2: this rule is never reached"),
    ],
)
def test_rules_that_are_wrong(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "tiers.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=what):
        load_rules(path)


@given(
    st.builds(
        phone,
        ram_mb=st.none() | st.floats(256, 32000),
        max_khz=st.none() | st.integers(1_000_000, 5_000_000),
        cores=st.none() | st.integers(1, 16),
        android=st.none() | st.text(max_size=5),
        performance_class=st.none() | st.integers(0, 40),
        abilist=st.sampled_from([(), ("arm64-v8a",), ("armeabi-v7a",)]),
    )
)
def test_every_phone_has_a_tier_and_a_reason(one: Any) -> None:
    tier, reason = assign_tier(one, load_rules(None))
    assert tier in ("high", "mid", "low") and reason


def test_every_condition_counts_and_is_described() -> None:
    properties = tiers_schema()["$defs"]["TierRule"]["properties"]
    assert all(p["description"] for p in properties.values())
    unknown = phone(model=None)
    samples: dict[str, Any] = {"models": ["x"], "soc": ["x"], "abi64": True}
    for name in set(properties) - {"tier", "name"}:
        rule = TierRule(tier="t", **{name: samples.get(name, 1)})
        assert not rule.unconditional() and not rule.holds(unknown) and rule.facts(unknown)
