"""What a figure and its interval mean, and what they do not, a sentence each. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from harness.report.words import OUTCOMES, condition, interval, model_name, number, plural


def what_it_is(row: dict[str, Any]) -> str:
    """`0.82 ms: median over 3 sessions of …`, or why there is no figure."""
    latency, where = row["latency_ms"], f"{model_name(row)} on {condition(row)} of {row['device'] or row['phone_id']}"
    if latency["median"] is None:
        return f"No figure: {where}: {OUTCOMES.get(row['outcome'], row['outcome'])} ({latency['reason']})."
    of_run = f" of {row['sessions_run']} that ran" if row["sessions_run"] != row["sessions"] else ""
    text = (
        f"{number(latency['median'], 'ms')}: the median over {plural(row['sessions'], 'session')}{of_run} of the mean "
        f"time of one inference of {where}."
    )
    if row["outcome"] == "fallback":
        text += f" Nothing shows that {row['delegate'].upper()} took a node: this is the CPU's time."
    return text


def what_the_interval_means(row: dict[str, Any]) -> str:
    """How far the median can be trusted; never to be read as a range of runs."""
    latency = row["latency_ms"]
    if latency["median"] is None:
        return "Without a figure there is no interval."
    if latency["ci95"][0] is None:
        return f"No interval ({latency['reason']}), so nothing says how far another try would be from this figure."
    return (
        f"95 % interval {interval(latency['ci95'])} ms: where this phone's true median lies, as far as "
        f"{plural(row['sessions'], 'session')} can tell; of 20 intervals made this way about 19 hold it. It is no "
        "range of runs or sessions: these may lie outside of it."
    )


def what_to_mind(row: dict[str, Any]) -> list[str]:
    """What a reader must know with the figure: where it was taken, and what it says nothing of."""
    found = []
    if row["provenance"] == "virtual":
        found.append("The phone is a virtual one: the figure says nothing about real phones.")
    if row["provenance"] == "emulator":
        found.append("The phone is an emulator: the figure says nothing about real phones.")
    if row["provenance"] == "imported":
        found.append("It was measured elsewhere: the harness did not see the phone.")
    if row["context"] == "shell":
        found.append("It was taken from adb's shell; an app may be scheduled otherwise.")
    found.append("It is of this one phone; another of the same kind may differ.")
    return found


def percent(median: float | None, ci95: Sequence[float | None]) -> str:
    """The wider side of an interval as a share of its median: `± 3.1 %`; empty without one."""
    low, high = ci95
    if not median or low is None or high is None:
        return ""
    share = 100 * max(high - median, median - low) / median
    if not math.isfinite(share):
        return ""
    return f"± {share:.0f} %" if share >= 10 else f"± {share:.1f} %" if share >= 0.1 else "± less than 0.1 %"
