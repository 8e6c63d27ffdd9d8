"""Phones as they scatter from session to session, each with its true median.

A phone is a law of the logarithm of a session's time. The first are those of facts/stats.md and of the complaints about
real phones: big and little cores, throttling, long tails. The last are the virtual phones' own law, called as it is.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from harness.stats.intervals import Array
from harness.virtual.bench.law import session_factor
from harness.virtual.profile import profiles

Rng = np.random.Generator
#: Draws behind the median of a law that has no formula: it is known to 0.02 % and better.
_MANY = 200_000


@dataclass(frozen=True)
class Phone:
    """A law of sessions: draw(rng, (rows, sessions)) gives times around 1, of which `median` is the true one."""

    name: str
    kind: str
    draw: Callable[[Rng, tuple[int, int]], Array]
    median: float


def mixture(name: str, kind: str, noise: float, share: float = 0.0, factor: float = 1.0) -> Phone:
    """Log-normal noise; a share of sessions is slower by a factor."""

    def draw(rng: Rng, shape: tuple[int, int]) -> Array:
        return np.asarray(np.exp(rng.normal(0, noise, shape)) * np.where(rng.random(shape) < share, factor, 1.0))

    def beyond(x: float) -> float:
        below = (1 - share) * norm.cdf(x / noise) + share * norm.cdf((x - np.log(factor)) / noise)
        return float(below) - 0.5

    return Phone(name, kind, draw, float(np.exp(brentq(beyond, -1, 1 + np.log(factor)))))


def long_tail(name: str, noise: float) -> Phone:
    """Student's t with 3 degrees of freedom on the logarithm."""
    return Phone(name, "heavy-tailed", lambda rng, shape: np.exp(noise * rng.standard_t(3, shape)), 1.0)


def virtual(profile: str) -> Phone:
    """The virtual phones' own law with a profile's noise between sessions."""
    speed = profiles()[profile].speed

    def draw(rng: Rng, shape: tuple[int, int]) -> Array:
        chance = random.Random(int(rng.integers(2**62)))
        count = shape[0] * shape[1]
        return np.fromiter((session_factor(speed, chance) for _ in range(count)), np.float64, count).reshape(shape)

    many = draw(np.random.default_rng(0), (1, _MANY))
    return Phone(f"virtual {profile}", "virtual", draw, float(np.median(many)))


@functools.cache
def racks() -> tuple[Phone, ...]:
    """The phones that coverage is measured on."""
    return (
        mixture("noise 0.5 %", "normal", 0.005),
        mixture("noise 2 %", "normal", 0.02),
        mixture("noise 7 %", "normal", 0.07),
        *(
            mixture(f"{share:.0%} of sessions +{factor - 1:.0%}".replace("%", " %"), "bimodal", 0.01, share, factor)
            for share in (0.05, 0.2, 0.45)
            for factor in (1.08, 1.12)
        ),
        mixture("half of sessions +12 %", "bimodal", 0.01, 0.5, 1.12),
        mixture("one in ten +30 %", "heavy-tailed", 0.015, 0.1, 1.3),
        long_tail("t with 3 degrees", 0.02),
        *(virtual(name) for name in ("pixel-8-pro", "galaxy-a53", "nokia-1")),
    )
