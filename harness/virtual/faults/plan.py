"""Reads a fault file: phone index (or "all") → what goes wrong; and `campaign`, faults by lot on every phone.

```yaml
0: {link_lost: {at_s: 20, for_s: 15}}
1: {reboot: {when: {event: session, nth: 2}, after_s: 3}}
2: {storage_free_kb: 0, props: {ro.soc.model: null}}
3: {unauthorized: {for_s: 30}, link_flap: [{at_s: 60}, {at_s: 300, flaps: 9}]}
4: {offline: true}
all: {slow_link_kb_s: 4000}
campaign: {seed: 7, mean_gap_s: 40, count: 30, kinds: [reboot, suspend]}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from harness.errors import UsageError
from harness.virtual.faults.campaign import Campaign
from harness.virtual.faults.fault import Fault, kinds, unknown_kind
from harness.virtual.faults.standing import Standing

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True)
class PhonePlan:
    """What goes wrong on one phone."""

    standing: Standing = field(default_factory=Standing)
    faults: tuple[Fault, ...] = ()
    campaign: Campaign | None = None


def load_faults(path: Path, count: int) -> list[PhonePlan]:
    """One entry per phone.

    Raises:
        UsageError: the file cannot be read, names a fault that does not exist or a phone that is not there.
    """
    try:
        data = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    if not isinstance(data, dict):
        raise UsageError(
            f"{path} must map a phone's index (or all) to its faults", advice="as in 0: {reboot: {at_s: 40}}"
        )
    campaign = None
    if "campaign" in data:
        campaign = _checked(Campaign, data.pop("campaign") or {}, f"{path}: campaign")
    common = _mapping(data.pop("all", None), f"{path}: all")
    for key in data:
        if not isinstance(key, int) or not 0 <= key < count:
            advice = f"there are phones 0 to {count - 1}, all, and campaign"
            raise UsageError(f"{path} names phone {key!r}", advice=advice)
    plans = []
    for index in range(count):
        where = f"{path}: phone {index}"
        plans.append(_plan({**common, **_mapping(data.get(index), where)}, campaign, where))
    return plans


def _plan(words: dict[str, Any], campaign: Campaign | None, where: str) -> PhonePlan:
    standing = {key: words[key] for key in words if key in Standing.model_fields}
    faults: list[Fault] = []
    for name, value in words.items():
        if name in standing:
            continue
        kind = kinds().get(name)
        if kind is None:
            said = unknown_kind(str(name), [*kinds(), *Standing.model_fields])
            raise UsageError(f"{where}: {said}", advice="harness virtual faults lists them")
        for item in _each(value):
            faults.append(_checked(kind, item, f"{where}: {name}"))
    return PhonePlan(_checked(Standing, standing, where), tuple(faults), campaign)


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UsageError(f"{where} must be a mapping of faults", advice="as in 0: {reboot: {at_s: 40}}")
    return value


def _each(value: Any) -> Iterator[Any]:
    for item in value if isinstance(value, list) else [value]:
        if item is not False:
            yield {} if item is True or item is None else item


def _checked(model: type[_Model], value: Any, where: str) -> _Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(p) for p in first["loc"])
        known = ", ".join(model.model_fields)
        said = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{where}: {key + ': ' if key else ''}{said}", advice=f"it takes {known}") from None
