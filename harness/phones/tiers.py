"""Device tiers by rules in YAML; the first rule that holds gives the tier and the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from harness.errors import UsageError
from harness.records import PhoneRecord

_SHIPPED = Path(__file__).parent / "tiers.yaml"


class TierRule(BaseModel):
    """Conditions that must all hold; those left out do not count, and an unknown value meets none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tier: str
    name: str = ""
    models: list[str] | None = None
    soc: list[str] | None = None
    ram_mb_min: float | None = None
    ram_mb_max: float | None = None
    max_khz_min: int | None = None
    cores_min: int | None = None
    performance_class_min: int | None = None
    android_min: int | None = None
    abi64: bool | None = None

    def holds(self, phone: PhoneRecord) -> bool:
        """Whether every condition holds."""
        android = int(phone.android.split(".")[0]) if phone.android and phone.android.split(".")[0].isdigit() else None
        checks: list[tuple[Any, bool]] = [
            (self.models, phone.model in (self.models or ())),
            (self.soc, phone.soc in (self.soc or ())),
            (self.ram_mb_min, phone.ram_mb is not None and phone.ram_mb >= (self.ram_mb_min or 0)),
            (self.ram_mb_max, phone.ram_mb is not None and phone.ram_mb < (self.ram_mb_max or 0)),
            (self.max_khz_min, phone.max_khz is not None and phone.max_khz >= (self.max_khz_min or 0)),
            (self.cores_min, phone.cores is not None and phone.cores >= (self.cores_min or 0)),
            (self.performance_class_min, (phone.performance_class or 0) >= (self.performance_class_min or 0)),
            (self.android_min, android is not None and android >= (self.android_min or 0)),
            (self.abi64, bool(phone.abilist) and any("64" in a for a in phone.abilist) == self.abi64),
        ]
        return all(held for wanted, held in checks if wanted is not None)


TierRules = tuple[TierRule, ...]


def load_rules(path: Path | None) -> TierRules:
    """Rules from a file, or the shipped ones.

    Raises:
        UsageError: the file cannot be read or a rule is wrong.
    """
    source = path or _SHIPPED
    try:
        data = yaml.safe_load(source.read_text(encoding="utf-8"))
        return tuple(TypeAdapter(list[TierRule]).validate_python(data))
    except OSError as error:
        raise UsageError(f"{source} cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{source} is no YAML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        known = ", ".join(TierRule.model_fields)
        raise UsageError(f"{source}: rule {place}: {first['msg']}", advice=f"known keys: {known}") from None


def assign_tier(phone: PhoneRecord, rules: TierRules) -> tuple[str | None, str]:
    """The tier of a phone and why; no tier where no rule holds."""
    for rule in rules:
        if rule.holds(phone):
            return rule.tier, rule.name or f"first rule that holds: {rule.tier}"
    return None, "no tier rule holds for it"
