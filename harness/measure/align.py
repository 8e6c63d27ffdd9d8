"""Puts a meter's recording on a phone's clock, by the load that the phone's own markers tell of. Pure.

Method: the sessions of a run make a pattern of load and rest. Its correlation with the meter's power, over every place
in the recording, gives the offset to a tenth of a second (normalised cross-correlation by FFT). Then each edge of a
load is placed within the recording by the area under it, which a noisy sample does not move; a line through all of them
(Theil and Sen) gives offset and drift of the meter's clock, and what the edges scatter around it is the error.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_GRID_S = 0.1
#: A pattern of load that is found at all, and that is told from itself moved by a session.
_LEAST_SCORE, _LEAST_LEAD = 0.6, 0.03
#: Seconds around an edge that are looked at, and how far an edge may lie from the line.
_EDGE_S, _MOST_RESIDUAL_S = 1.5, 0.5
#: Share of all edges that must be found.
_EDGES_SHARE = 0.75
#: Fewer edges say nothing of a drift, and no clock drifts more.
_DRIFT_EDGES, _MOST_DRIFT_PPM = 4, 2000.0
#: Rest around the run that is looked for: more of it would ask for a longer recording, and tells no more.
_MOST_REST_S = 15.0


@dataclass(frozen=True)
class Alignment:
    """meter time = phone time · (1 + drift_ppm / 1e6) + offset_s, both counted from `origin_s` of the phone's clock.

    Attributes:
        residual_s: root mean square of what the edges lie off the line.
        edges: that were placed.
        score: correlation at the best place; second: at the best place elsewhere.
        reason: why it is not aligned; then the rest says how near it came.
    """

    offset_s: float = 0.0
    drift_ppm: float = 0.0
    origin_s: float = 0.0
    residual_s: float = 0.0
    edges: int = 0
    score: float = 0.0
    second: float = 0.0
    reason: str | None = None

    def to_phone(self, meter_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Times of the meter on the phone's clock (CLOCK_BOOTTIME)."""
        return (meter_s - self.offset_s) / (1 + self.drift_ppm / 1e6) + self.origin_s


def align(
    times_s: NDArray[np.float64], power_mw: NDArray[np.float64], loads: Sequence[tuple[float, float]], rest_s: float
) -> Alignment:
    """Find the loads in a recording.

    Args:
        times_s, power_mw: the meter's, ascending.
        loads: start and end of each session, CLOCK_BOOTTIME of one boot, ascending.
        rest_s: how long the phone surely rested before the first load and after the last.
    """
    import numpy as np

    if not loads:
        return Alignment(reason="no session has times")
    origin = loads[0][0]
    pad = min(max(1.0, rest_s), _MOST_REST_S)
    pattern = _pattern([(a - origin, b - origin) for a, b in loads], pad)
    grid = np.arange(times_s[0], times_s[-1], _GRID_S)
    if len(grid) < len(pattern):
        return Alignment(reason="the recording is shorter than the run")
    power = np.interp(grid, times_s, power_mw)
    power = np.clip(power, *np.percentile(power, [0.5, 99.5]))
    scores = _correlate(power, pattern)
    best = int(np.argmax(scores))
    apart = max(1, int(min(b - a for a, b in loads) / 2 / _GRID_S))
    elsewhere = np.concatenate([scores[: max(0, best - apart)], scores[best + apart + 1 :]])
    score, second = float(scores[best]), float(elsewhere.max(initial=-1.0))
    found = Alignment(float(grid[best]) + pad, 0.0, origin, 0.0, 0, score, second)
    if score < _LEAST_SCORE:
        return _refused(found, f"the recording does not show the loads of this run (correlation {score:.2f})")
    if score - second < _LEAST_LEAD:
        return _refused(found, f"the loads fit at several places of the recording ({score:.2f} and {second:.2f})")
    return _refine(found, times_s, power_mw, loads)


def _refused(found: Alignment, reason: str) -> Alignment:
    return replace(found, reason=reason)


def _pattern(loads: Sequence[tuple[float, float]], pad: float) -> NDArray[np.float64]:
    """1 in a load and 0 outside, from `pad` before the first to `pad` after the last."""
    import numpy as np

    moments = np.arange(-pad, loads[-1][1] + pad, _GRID_S)
    inside = np.zeros(len(moments))
    for start, end in loads:
        inside[(moments >= start) & (moments < end)] = 1.0
    return inside


def _correlate(power: NDArray[np.float64], pattern: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson's correlation of the pattern with every stretch of the power that is as long."""
    import numpy as np
    from scipy.signal import fftconvolve

    count = len(pattern)
    centred = pattern - pattern.mean()
    power = power - power.mean()
    sums = np.cumsum(np.concatenate([[0.0], power]))
    squares = np.cumsum(np.concatenate([[0.0], power**2]))
    mean = (sums[count:] - sums[:-count]) / count
    spread = np.sqrt(np.maximum((squares[count:] - squares[:-count]) / count - mean**2, 1e-12))
    product = np.asarray(fftconvolve(power, centred[::-1], mode="valid"), dtype=float)
    # A stretch without any load at all has no correlation, however small its noise.
    floor = 0.02 * float(spread.max())
    return np.asarray(product / (count * np.maximum(spread, floor) * max(centred.std(), 1e-12)), dtype=float)


def _refine(
    found: Alignment, times: NDArray[np.float64], power: NDArray[np.float64], loads: Sequence[tuple[float, float]]
) -> Alignment:
    import numpy as np
    from scipy.stats import theilslopes

    phone, meter = [], []
    gaps = [a[0] - b[1] for b, a in itertools.pairwise(loads)]
    room = min([_EDGE_S, *(g / 3 for g in gaps if g > 0), *((b - a) / 3 for a, b in loads)])
    for edge in (moment - found.origin_s for load in loads for moment in load):
        placed = _edge(times, power, edge + found.offset_s, room)
        if placed is not None:
            phone.append(edge)
            meter.append(placed - edge)
    wanted = 2 * len(loads)
    if len(phone) < max(2, _EDGES_SHARE * wanted):
        return _refused(found, f"{len(phone)} of {wanted} edges of loads stand out where the run's markers have them")
    x, y = np.array(phone), np.array(meter)
    slope, offset = 0.0, float(np.median(y))
    if len(x) >= _DRIFT_EDGES:
        line = theilslopes(y, x)
        # Edges that scatter more than a drift would move them say nothing of it.
        if line.low_slope * line.high_slope > 0:
            slope, offset = float(line.slope), float(line.intercept)
    residual = float(np.sqrt(np.mean((y - slope * x - offset) ** 2)))
    done = Alignment(offset, slope * 1e6, found.origin_s, residual, len(x), found.score, found.second)
    if residual > _MOST_RESIDUAL_S:
        return _refused(done, f"the edges of the loads lie {residual:.1f} s off where the run's markers have them")
    if abs(done.drift_ppm) > _MOST_DRIFT_PPM:
        return _refused(done, f"the meter's clock would be {done.drift_ppm:.0f} ppm off, which no clock is")
    return done


def _edge(times: NDArray[np.float64], power: NDArray[np.float64], guess: float, room: float) -> float | None:
    """When power steps between two levels around `guess`: where a sharp step would leave the same area."""
    import numpy as np

    begin, end = guess - room, guess + room
    low = power[(times >= begin - room) & (times < begin)]
    high = power[(times >= end) & (times < end + room)]
    inside = (times >= begin) & (times < end)
    if min(len(low), len(high), int(inside.sum())) < 3:
        return None
    before, after = float(np.median(low)), float(np.median(high))
    noise = max(float(np.std(low)), float(np.std(high)))
    if abs(after - before) <= noise:
        return None
    share = (float(power[inside].mean()) - before) / (after - before)
    return end - share * (end - begin) if -0.1 <= share <= 1.1 else None
