"""Builds what the search proposes, and sees whether it restores the accuracy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.accuracy.evaluate import Evaluated, evaluate
from harness.explain.building import Bench
from harness.explain.mixture import STORED, base_recipe, entry
from harness.explain.why import Found
from harness.variants.recipe import Variant


@dataclass(frozen=True)
class Remedy:
    """One mixture as it was really built.

    Attributes:
        entry: for the `variants:` of a recipe.
        path: None where it could not be built, for `error`.
    """

    name: str
    entry: dict[str, Any]
    path: Path | None
    error: str | None
    judged: Evaluated | None = None

    @property
    def restores(self) -> bool:
        """Whether its drop is one that is accepted."""
        return self.judged is not None and self.judged.accuracy.drop is not None and not self.judged.fails


def build_remedies(
    found: Found,
    bench: Bench,
    calibration: Mapping[str, Any],
    *,
    on_share: Callable[[str, float], None] = lambda _name, _share: None,
) -> list[Remedy]:
    """The proposed layers left in float, and with activations in 16 bits; each built and judged.

    Args:
        calibration: options of the quantized variant that say with what it was calibrated.

    Returns:
        Those that restore the accuracy first; empty where nothing is to be kept.

    Raises:
        EnvironmentFault: what builds them is not installed.
    """
    base = base_recipe(found.pair)
    if base is None or not found.search.keep:
        return []
    # Without quantized activations, 16 bits of them are no remedy.
    kinds = list(STORED) if base == "static_wi8_ai8" else ["none"]
    entries = [entry(base, found.kept(), stored, calibration if base.startswith("static") else {}) for stored in kinds]
    variants = []
    for made in entries:
        options = dict(made["quantizer"])
        variants.append(Variant(kind="quantizer", name=options.pop("name"), options=options))
    built = bench.build(variants)
    remedies = []
    paths = [bench.path(b) for b in built if not b.error]
    task = found.task
    judged = {
        e.path: e
        for e in evaluate(
            [task.whole, *paths], task.data, task.metric, task.whole, max_drop=task.max_drop, on_share=on_share
        )
    }
    for variant, made, one in zip(variants, entries, built, strict=True):
        path = None if one.error else bench.path(one)
        remedies.append(Remedy(variant.name, made, path, one.error, judged[path] if path else None))
    return sorted(remedies, key=lambda r: not r.restores)
