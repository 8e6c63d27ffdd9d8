"""Faults drawn by lot: the same ones for the same seed and phone, whatever the phone does."""

from __future__ import annotations

import random
from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from harness.virtual.faults.fault import Fault, kinds, unknown_kind


class Campaign(BaseModel):
    """One fault after the other on each phone: a gap, a fault until its end, a pause. Seconds of the phone's clock.

    It begins when an adb server has connected the phone for the first time.

    Attributes:
        kinds: drawn from; all where empty. As a mapping, with weights.
        count: faults a phone; until_s: none begins later than that after the campaign did. Without either it goes on.
        pause_s: after each, so that a harness can recover.
        patience_s: how long a fault waits for its moment (as the next session); then it is left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 0
    mean_gap_s: float = Field(default=60.0, gt=0)
    pause_s: float = Field(default=30.0, ge=0)
    patience_s: float = Field(default=120.0, gt=0)
    kinds: dict[str, float] = {}
    count: int | None = Field(default=None, ge=1)
    until_s: float | None = Field(default=None, gt=0)

    @field_validator("kinds", mode="before")
    @classmethod
    def _weights(cls, value: object) -> object:
        return dict.fromkeys(value, 1.0) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _known(self) -> Campaign:
        unknown = [name for name in self.kinds if name not in kinds()]
        if unknown:
            raise ValueError(unknown_kind(unknown[0], list(kinds())))
        if self.kinds and not sum(w for w in self.kinds.values() if w > 0):
            raise ValueError("no kind has a weight over 0")
        return self

    def draws(self, index: int) -> Iterator[tuple[float, Fault]]:
        """Gap before each fault and the fault, for the phone of that index."""
        rng = random.Random(f"{self.seed}:{index}")
        known = kinds()
        weights = self.kinds or dict.fromkeys(known, 1.0)
        names = sorted(weights)
        while True:
            gap_s = rng.expovariate(1 / self.mean_gap_s)
            (name,) = rng.choices(names, [weights[n] for n in names])
            # A source of its own, so that a kind that draws more does not move what follows.
            yield gap_s, known[name].draw(random.Random(rng.getrandbits(64)))

    def over(self, struck: int, passed_s: float) -> bool:
        """Whether a phone has had its share."""
        return (self.count is not None and struck >= self.count) or (
            self.until_s is not None and passed_s >= self.until_s
        )
