"""Device tiers by rules in YAML; the first rule that holds gives the tier and the reason. Pure but for the file.

The shipped rules are `tiers.yaml` beside this module; `--tiers FILE` replaces them. A rule's conditions must all hold
and an unknown value meets none, so a phone that does not say what it is falls through to the last rule.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from harness.errors import UsageError
from harness.records import PhoneRecord
from harness.yaml_file import YamlFile

_SHIPPED = Path(__file__).parent / "tiers.yaml"


class TierRule(BaseModel):
    """Conditions that must all hold; those left out do not count, and an unknown value meets none."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    tier: str = Field(min_length=1, description="The tier that it gives.")
    name: str = Field(default="", description="The rule in words; the reason shown for a phone.")
    models: list[str] | None = Field(default=None, description="Names as ro.product.model, any of them.")
    soc: list[str] | None = Field(
        default=None, description="Names of SoCs as `harness devices` shows them, any of them."
    )
    ram_mb_min: float | None = Field(default=None, description="MiB of MemTotal, which is less than what is sold.")
    ram_mb_max: float | None = Field(default=None, description="Less than this many MiB of MemTotal.")
    cores_min: int | None = Field(default=None, description="CPU cores.")
    max_khz_min: int | None = Field(default=None, description="Clock of the fastest core.")
    performance_class_min: int | None = Field(default=None, description="Media performance class.")
    android_min: int | None = Field(default=None, description="Major version of Android.")
    abi64: bool | None = Field(default=None, description="Whether it runs 64-bit programs.")

    def holds(self, phone: PhoneRecord) -> bool:
        """Whether every condition holds."""
        return all(c.holds(wanted, phone) for c, wanted in self._conditions())

    def facts(self, phone: PhoneRecord) -> str:
        """What the phone has of what the conditions ask."""
        return ", ".join(dict.fromkeys(c.fact(phone) for c, _ in self._conditions()))

    def unconditional(self) -> bool:
        """True where it holds for every phone."""
        return not self._conditions()

    def _conditions(self) -> list[tuple[_Condition, Any]]:
        wanted = ((c, getattr(self, name)) for name, c in _CONDITIONS.items())
        return [(c, value) for c, value in wanted if value is not None]


class _Condition(NamedTuple):
    holds: Callable[[Any, PhoneRecord], bool]
    fact: Callable[[PhoneRecord], str]


def _named(field: str) -> _Condition:
    return _Condition(
        lambda wanted, p: (getattr(p, field) or "").lower() in {w.lower() for w in wanted},
        lambda p: getattr(p, field) or f"{field} unknown",
    )


def _least(field: str, fact: Callable[[PhoneRecord], str]) -> _Condition:
    def holds(wanted: float, phone: PhoneRecord) -> bool:
        have = getattr(phone, field)
        return have is not None and have >= wanted

    return _Condition(holds, fact)


def _ram(p: PhoneRecord) -> str:
    return "memory unknown" if p.ram_mb is None else f"{p.ram_mb / 1024:.1f} GiB"


def _clock(p: PhoneRecord) -> str:
    return "clock unknown" if p.max_khz is None else f"{p.max_khz / 1e6:.2f} GHz"


def _major(p: PhoneRecord) -> int | None:
    head = (p.android or "").partition(".")[0]
    return int(head) if head.isdecimal() else None


_CONDITIONS: dict[str, _Condition] = {
    "models": _named("model"),
    "soc": _named("soc"),
    "ram_mb_min": _least("ram_mb", _ram),
    "ram_mb_max": _Condition(lambda wanted, p: p.ram_mb is not None and p.ram_mb < wanted, _ram),
    "cores_min": _least("cores", lambda p: f"{p.cores} cores"),
    "max_khz_min": _least("max_khz", _clock),
    "performance_class_min": _least("performance_class", lambda p: f"class {p.performance_class}"),
    "android_min": _Condition(lambda wanted, p: (_major(p) or 0) >= wanted, lambda p: f"Android {p.android}"),
    "abi64": _Condition(
        lambda wanted, p: bool(p.abilist) and any("64" in a for a in p.abilist) == wanted, lambda p: p.abi or "?"
    ),
}

TierRules = tuple[TierRule, ...]
_RULES = TypeAdapter(list[TierRule])


def load_rules(path: Path | None) -> TierRules:
    """Rules from a file, or the shipped ones.

    Raises:
        UsageError: the file cannot be read, a rule is wrong, or one stands behind a rule that every phone meets.
    """
    file = YamlFile.read(path or _SHIPPED)
    rules = file.check(_RULES)
    if not rules:
        raise UsageError(f"{file.path} has no rule", advice="begin with - tier: high")
    for index, rule in enumerate(rules[:-1]):
        if rule.unconditional():
            raise UsageError(
                f"{file.place((index + 1,))}: this rule is never reached: the one before holds for every phone",
                advice="move the rule without conditions to the end",
            )
    return tuple(rules)


def assign_tier(phone: PhoneRecord, rules: TierRules) -> tuple[str | None, str]:
    """The tier of a phone and why; no tier where no rule holds."""
    for rule in rules:
        if rule.holds(phone):
            facts = rule.facts(phone)
            if not rule.name:
                return rule.tier, facts or "every phone"
            return rule.tier, f"{rule.name} ({facts})" if facts else rule.name
    return None, "no tier rule holds for it"


def tiers_schema() -> dict[str, Any]:
    """The JSON Schema of a file of tier rules, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_RULES.json_schema(),
        "title": "Tier rules of phone-rack-harness",
    }
