"""A recording is found by its loads, or refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness.measure.align import align

Recording = tuple[NDArray[np.float64], NDArray[np.float64]]


def loads(count: int, seed: int) -> list[tuple[float, float]]:
    """Sessions of about 20 s with rests of about 15 s, from uptime 500 on."""
    rng = np.random.default_rng(seed)
    at, found = 500.0, []
    for _ in range(count):
        end = at + 20 + rng.uniform(0, 2)
        found.append((at, end))
        at = end + 15 + rng.uniform(0, 2)
    return found


def record(
    found: list[tuple[float, float]], *, offset: float, ppm: float, noise: float, seed: int, load_mw: float = 2500
) -> Recording:
    """What a meter at 50 Hz would show whose clock is off."""
    rng = np.random.default_rng(seed)
    uptime = np.arange(found[0][0] - 60, found[-1][1] + 80, 0.02)
    power = np.full(len(uptime), 900.0)
    for start, end in found:
        power[(uptime >= start) & (uptime < end)] += load_mw
    power *= rng.normal(1, noise, len(power))
    return (uptime - found[0][0]) * (1 + ppm / 1e6) + offset, power


@settings(max_examples=30)
@given(
    count=st.integers(1, 8),
    offset=st.floats(-5000, 5000),
    ppm=st.floats(-150, 150),
    noise=st.floats(0, 0.1),
    seed=st.integers(0, 50),
)
def test_offset_and_drift_are_found(count: int, offset: float, ppm: float, noise: float, seed: int) -> None:
    found = loads(count, seed)
    times, power = record(found, offset=offset, ppm=ppm, noise=noise, seed=seed)
    fit = align(times, power, found, 12.0)
    assert fit.reason is None
    assert fit.edges == 2 * count
    for moment in (edge for load in found for edge in load):
        meter = (moment - found[0][0]) * (1 + ppm / 1e6) + offset
        assert float(fit.to_phone(np.array([meter]))[0]) == pytest.approx(moment, abs=0.1)


def test_a_recording_of_something_else_is_refused() -> None:
    found = loads(4, 1)
    times, _ = record(found, offset=0, ppm=0, noise=0, seed=1)
    noise = np.random.default_rng(1).normal(1500, 300, len(times))
    assert "does not show the loads" in str(align(times, noise, found, 12.0).reason)
    other, power = record(loads(4, 1), offset=0, ppm=0, noise=0.05, seed=1, load_mw=0)
    assert align(other, power, found, 12.0).reason is not None


def test_loads_that_fit_at_two_places_are_refused() -> None:
    one = [(500.0, 520.0)]
    times, power = record([(500.0, 520.0), (560.0, 580.0)], offset=0, ppm=0, noise=0.02, seed=1)
    assert "several places" in str(align(times, power, one, 12.0).reason)


def test_a_short_recording_is_refused() -> None:
    found = loads(3, 1)
    times, power = record(found, offset=0, ppm=0, noise=0.02, seed=1)
    assert "shorter than the run" in str(align(times[:2000], power[:2000], found, 12.0).reason)
    assert align(times, power, [], 12.0).reason == "no session has times"


def test_edges_that_the_markers_have_elsewhere_are_refused() -> None:
    found = loads(5, 2)
    times, power = record([(a, b - 4.0) for a, b in found], offset=0, ppm=0, noise=0.02, seed=1)
    assert "5 of 10 edges" in str(align(times, power, found, 12.0).reason)
    times, power = record([(a, b - 1.4) for a, b in found], offset=0, ppm=0, noise=0.02, seed=1)
    assert "off where the run's markers have them" in str(align(times, power, found, 12.0).reason)
