"""Faults that a virtual phone is told to have, from a YAML file: phone index (or "all") → what goes wrong and when.

```yaml
0: {drop_link_at_s: 20, drop_link_for_s: 15}
1: {reboot_at_s: 40}
2: {storage_free_kb: 0}
3: {unauthorized: true, allowed_at_s: 30}
4: {offline: true}
5: {battery_pct: 7, battery_c: 46}
6: {props: {ro.soc.model: null, ro.build.version.sdk: unknown}}
7: {wrong_outputs: {delegate: gpu, how: channel_swap}}
all: {slow_link_kb_s: 4000}
```
Times are seconds of the phone's clock since it started. A property that is null is not there. Wrong outputs are what
the benchmark program writes where that delegate (cpu, gpu, nnapi) took a node; `how` is nan, inf, zero, constant,
noise, channel_swap or stale (those of that model's first run).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import UsageError
from harness.virtual.props import MARK

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone


How = Literal["nan", "inf", "zero", "constant", "noise", "channel_swap", "stale"]


class WrongOutputs(BaseModel):
    """A delegate that computes wrongly; cpu: where no other took a node."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delegate: Literal["cpu", "gpu", "nnapi"]
    how: How


class Faults(BaseModel):
    """What one phone is told to do wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    drop_link_at_s: float | None = Field(default=None, ge=0)
    drop_link_for_s: float = Field(default=5.0, ge=0)
    reboot_at_s: float | None = Field(default=None, ge=0)
    storage_free_kb: int | None = Field(default=None, ge=0)
    slow_link_kb_s: float | None = Field(default=None, gt=0)
    unauthorized: bool = False
    allowed_at_s: float | None = Field(default=None, ge=0)
    offline: bool = False
    battery_pct: float | None = Field(default=None, ge=0, le=100)
    battery_c: float | None = Field(default=None, ge=-20, le=90)
    props: dict[str, str | None] = {}
    wrong_outputs: WrongOutputs | None = None

    def apply(self, phone: VirtualPhone) -> None:
        """The faults that are there from the start."""
        if self.storage_free_kb is not None:
            phone.state.free_kb = self.storage_free_kb
        if self.battery_pct is not None:
            phone.state.machine.set_level(self.battery_pct)
        if self.battery_c is not None:
            phone.state.machine.temperatures.battery_c = self.battery_c
        for name, value in self.props.items():
            if name == MARK:  # whatever else it says of itself, it does not hide that it is virtual
                continue
            if value is None:
                phone.state.props.pop(name, None)
            else:
                phone.state.props[name] = value

    async def delay(self, count: int) -> None:
        """Let `count` bytes take as long as a slow link needs; real time, since bytes travel in it."""
        if self.slow_link_kb_s and count:
            await asyncio.sleep(count / 1024 / self.slow_link_kb_s)

    def timed(self, phone: VirtualPhone) -> Iterator[Coroutine[Any, Any, None]]:
        """The faults that come at their time."""
        if self.drop_link_at_s is not None:
            yield self._drop(phone, self.drop_link_at_s)
        if self.reboot_at_s is not None:
            yield self._reboot(phone, self.reboot_at_s)
        if self.allowed_at_s is not None:
            yield self._allow(phone, self.allowed_at_s)

    async def _drop(self, phone: VirtualPhone, at_s: float) -> None:
        await phone.clock.sleep(at_s)
        phone.online = False
        await phone.drop_links()
        await phone.clock.sleep(self.drop_link_for_s)
        phone.online = True

    async def _allow(self, phone: VirtualPhone, at_s: float) -> None:
        await phone.clock.sleep(at_s)
        await phone.allow()

    async def _reboot(self, phone: VirtualPhone, at_s: float) -> None:
        await phone.clock.sleep(at_s)
        await phone.reboot()


def load_faults(path: Path, count: int) -> list[Faults]:
    """One entry per phone.

    Raises:
        UsageError: the file cannot be read, names a fault that does not exist or a phone that is not there.
    """
    try:
        data = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    if not isinstance(data, dict):
        raise UsageError(f"{path} must map a phone's index (or all) to its faults", advice="as in 0: {reboot_at_s: 40}")
    common = data.pop("all", {})
    for key in data:
        if not isinstance(key, int) or not 0 <= key < count:
            raise UsageError(f"{path} names phone {key!r}", advice=f"there are phones 0 to {count - 1}, and all")
    found = []
    for index in range(count):
        try:
            found.append(Faults.model_validate({**common, **(data.get(index) or {})}))
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(p) for p in first["loc"])
            known = ", ".join(Faults.model_fields)
            raise UsageError(f"{path}: phone {index}: {key}: {first['msg']}", advice=f"known faults: {known}") from None
    return found
