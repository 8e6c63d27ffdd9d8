"""What is wrong with a virtual phone from its start, and stays so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.virtual.props import MARK

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone

How = Literal["nan", "inf", "zero", "constant", "noise", "channel_swap", "stale"]


class WrongOutputs(BaseModel):
    """A delegate that computes wrongly; cpu: where no other took a node."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delegate: Literal["cpu", "gpu", "nnapi"]
    how: How


class Standing(BaseModel):
    """A property that is null is not there. Wrong outputs are what the benchmark program writes where that delegate
    took a node; stale ones are those of that model's first run.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    storage_free_kb: int | None = Field(default=None, ge=0)
    slow_link_kb_s: float | None = Field(default=None, gt=0)
    battery_pct: float | None = Field(default=None, ge=0, le=100)
    battery_c: float | None = Field(default=None, ge=-20, le=90)
    props: dict[str, str | None] = {}
    wrong_outputs: WrongOutputs | None = None
    background_load: float = Field(default=0.0, ge=0, le=1)  # share of the CPU that other programs have all the time

    def apply(self, phone: VirtualPhone) -> None:
        """Make it so, before the phone boots."""
        if self.storage_free_kb is not None:
            phone.state.free_kb = self.storage_free_kb
        phone.state.background = self.background_load
        phone.links.kb_s = self.slow_link_kb_s
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
