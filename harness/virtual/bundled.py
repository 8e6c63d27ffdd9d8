"""A kind of virtual phone after a probe bundle: what the probe saw, with speed and heat of the nearest kind shipped.

A probe says nothing of speed, so such a phone's figures are as invented as any virtual phone's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from harness.errors import UsageError
from harness.virtual.profile import Cluster, Profile, profiles


def complete(data: Mapping[str, Any]) -> Profile:
    """A profile of the fields that a bundle knows (see harness/phones/bundle_profile.py).

    Raises:
        UsageError: a field cannot be; it is named.
    """
    values = dict(data)
    gpu = values.pop("gpu")
    try:
        clusters = [Cluster.model_validate(c) for c in values["clusters"]]
        near = nearest(clusters, values.get("soc_model"))
        values["tier_hint"], values["heat"] = near.tier_hint, near.heat
        values["speed"] = _speed(near, clusters, gpu)
        return Profile.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(p) for p in first["loc"])
        raise UsageError(f"{values['name']}: {key}: {first['msg']}", advice="run harness probe again") from None


def nearest(clusters: list[Cluster], soc_model: str | None) -> Profile:
    """The shipped kind of the same SoC, else the one whose cores do nearly as much."""
    known = list(profiles().values())
    same = [p for p in known if soc_model and p.soc_model == soc_model]
    return min(same or known, key=lambda p: abs(math.log(_work(p.clusters) / _work(clusters))))


def _work(clusters: list[Cluster]) -> float:
    """What all cores do at full clock: those of the past ten years differ by their part, newer numbers being larger."""
    return sum(c.cores * c.khz[-1] * (1.0 if int(c.part, 16) < 0xD08 else 2.0) for c in clusters)


def _speed(near: Profile, clusters: list[Cluster], gpu: Mapping[str, Any] | None) -> dict[str, Any]:
    speed = near.speed.model_dump()
    ratio = _work(clusters) / _work(near.clusters)
    for key in ("gmacs_f32", "gmacs_int8", "gmacs_f16"):
        speed["cpu"][key] *= ratio
    if gpu is None:
        speed["gpu"] = None
    elif speed["gpu"] is not None:
        speed["gpu"] |= gpu
    return speed
