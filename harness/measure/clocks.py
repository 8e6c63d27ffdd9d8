"""Clocks over a session: how long each cluster ran at each, and what it was let have. Pure.

The residency is the difference of `time_in_state`, which the kernel counts exactly in ticks of 10 ms, without any
sampling error. It says how long the whole cluster was at a clock, whoever kept it there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.dumps.time_in_state import time_in_state
from harness.measure.sampler import SamplerLog
from harness.records import FrequencyRecord

_NO_TABLE = "this phone keeps no time_in_state"
_NO_TICKS = "time_in_state did not move, or began anew"


def frequency_record(before: Mapping[str, str], after: Mapping[str, str], log: SamplerLog | None) -> FrequencyRecord:
    """Residency and limits of each cluster; `before` and `after` map file names of a session's dumps to their text.

    The files are `POLICY.tis`, its time_in_state, and `POLICY.cap`: the limit, the maximum, and what the state that is
    held allows, kHz; of the latter's absence the maximum counts.
    """
    means: dict[str, float] = {}
    shares: dict[str, dict[str, float]] = {}
    at_cap: dict[str, float] = {}
    seen: dict[str, tuple[int, ...]] = {}
    of_full, of_allowed = [], []
    for name in sorted(n for n in before if n.endswith(".cap")):
        policy = name.removesuffix(".cap")
        limits = list(_limits(before[name], after.get(name, "")))
        if not limits:
            continue
        _, full, allowed = limits[0]
        caps = [cap for cap, _, _ in limits]
        caps += [round(v) for v in (log.columns.get(f"{policy}.cap", ()) if log else ()) if v is not None]
        seen[policy] = tuple(sorted(set(caps)))
        of_full.append(100 * min(caps) / full)
        of_allowed.append(100 * min(caps) / allowed)
    for name in sorted(n for n in before if n.endswith(".tis")):
        policy = name.removesuffix(".tis")
        spent = _spent(before[name], after.get(name, ""))
        total = sum(spent.values())
        if total <= 0:
            continue
        means[policy] = sum(khz * t for khz, t in spent.items()) / total
        shares[policy] = {str(khz): round(100 * t / total, 2) for khz, t in sorted(spent.items()) if t}
        if policy in seen:
            at_cap[policy] = round(100 * sum(t for khz, t in spent.items() if khz >= seen[policy][0]) / total, 2)
    kept = any(n.endswith(".tis") and text.strip() for n, text in before.items())
    return FrequencyRecord(
        min_cap_pct=min(of_full, default=None),
        mean_khz=means,
        reason=None if means else _NO_TICKS if kept else _NO_TABLE,
        cap_of_allowed_pct=min(of_allowed, default=None),
        share_pct=shares,
        at_cap_pct=at_cap,
        caps_khz=seen,
    )


def _limits(*texts: str) -> Iterator[tuple[int, int, int]]:
    """Cap, maximum and allowed of each text that says them."""
    for words in map(str.split, texts):
        if len(words) in (2, 3) and all(w.isdecimal() and int(w) > 0 for w in words):
            yield int(words[0]), int(words[1]), int(words[2] if len(words) == 3 else words[1])


def _spent(before: str, after: str) -> dict[int, int]:
    """Ticks at each clock between two tables; nothing where a counter fell, since then the phone booted."""
    first, last = dict(time_in_state(before)["states"]), dict(time_in_state(after)["states"])
    spent = {khz: last.get(khz, 0) - ticks for khz, ticks in first.items()}
    return {} if any(t < 0 for t in spent.values()) else spent
