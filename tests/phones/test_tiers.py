"""Tiers by the shipped rules and by rules of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.errors import UsageError
from harness.phones.tiers import assign_tier, load_rules
from tests.records import phone


@pytest.mark.parametrize(
    ("fields", "tier"),
    [
        ({"ram_mb": 900.0, "abilist": ("armeabi-v7a",)}, "low"),
        ({"ram_mb": 2800.0, "max_khz": 2_300_000, "abilist": ("arm64-v8a",)}, "low"),
        ({"ram_mb": 5600.0, "max_khz": 2_400_000, "abilist": ("arm64-v8a",)}, "mid"),
        ({"ram_mb": 11600.0, "max_khz": 3_300_000, "abilist": ("arm64-v8a",)}, "high"),
        ({"ram_mb": 7000.0, "performance_class": 34, "abilist": ("arm64-v8a",)}, "high"),
    ],
)
def test_shipped_rules(fields: dict[str, Any], tier: str) -> None:
    found, reason = assign_tier(phone(**fields), load_rules(None))
    assert found == tier and reason


def test_own_rules(tmp_path: Path) -> None:
    path = tmp_path / "tiers.yaml"
    path.write_text("- {tier: gold, models: [Phone], android_min: 13}\n- {tier: rest, soc: [X]}\n")
    rules = load_rules(path)
    assert assign_tier(phone(android="14"), rules)[0] == "gold"
    assert assign_tier(phone(android="12"), rules) == (None, "no tier rule holds for it")
    path.write_text("- {tier: gold, ram: 4}\n")
    with pytest.raises(UsageError, match=r"rule 0.ram.*known keys"):
        load_rules(path)
