"""Accuracy against the size and the seed of the calibration set: each built and judged."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.accuracy.evaluate import Evaluated, evaluate
from harness.errors import UsageError
from harness.explain.building import Bench, changed
from harness.explain.why import Task
from harness.variants.recipe import Variant


@dataclass(frozen=True)
class Drawn:
    """A variant calibrated with `samples` examples drawn by `seed`; judged is None where it failed, for `error`."""

    samples: int
    seed: int
    judged: Evaluated | None
    error: str | None


def study(
    task: Task,
    variant: Variant,
    bench: Bench,
    sizes: Sequence[int],
    seeds: int,
    *,
    on_share: Callable[[str, float], None] = lambda _name, _share: None,
) -> list[Drawn]:
    """Build `variant` from each size, drawn by the seeds 1 to `seeds`, and judge them all.

    Args:
        sizes: of calibration sets; larger ones than there are examples are the caller's fault.

    Raises:
        UsageError: the variant is not calibrated.
        EnvironmentFault: what builds it is not installed.
    """
    plan = [(size, seed) for size in sizes for seed in range(1, seeds + 1)]
    variants = [changed(variant, f"{variant.name}_n{n}_s{s}", samples=n, seed=s) for n, s in plan]
    built = bench.build(variants)
    paths = {b.name: bench.path(b) for b in built if not b.error}
    if not paths:
        raise UsageError(f"none could be built: {built[0].error}", advice="build the variant by itself")
    found = evaluate(
        [task.whole, *paths.values()], task.data, task.metric, task.whole, max_drop=task.max_drop, on_share=on_share
    )
    judged = {e.path: e for e in found}
    return [
        Drawn(n, s, judged[paths[b.name]] if b.name in paths else None, b.error)
        for (n, s), b in zip(plan, built, strict=True)
    ]


def by_size(drawn: Sequence[Drawn]) -> list[dict[str, Any]]:
    """A row a size: samples, seeds (that gave a figure), mean, lowest, highest and spread (standard deviation; None
    below two seeds), in the metric's unit; and failed."""
    rows = []
    for size in dict.fromkeys(d.samples for d in drawn):
        those = [d for d in drawn if d.samples == size]
        values = [v for d in those if d.judged is not None and (v := d.judged.accuracy.value) is not None]
        rows.append(
            {
                "samples": size,
                "seeds": len(values),
                "mean": statistics.fmean(values) if values else None,
                "lowest": min(values, default=None),
                "highest": max(values, default=None),
                "spread": statistics.stdev(values) if len(values) > 1 else None,
                "failed": len(those) - len(values),
            }
        )
    return rows


def sizes_up_to(available: int) -> list[int]:
    """10, 30, 100, 300 and so on as far as there are examples, and all of them."""
    ladder = [n * 10**k for k in range(1, 6) for n in (1, 3)]
    return [*(n for n in ladder if n < available), available]
