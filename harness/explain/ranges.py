"""What the calibration set shows each layer, against what the layer meets later. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.explain.distance import finite, span
from harness.explain.pair import Carrier, Pair
from harness.variants.dataset import Array

#: A share of clipped values, a widening by one example, and a share of unused steps from which on it is worth a word.
CLIPPED_PCT, WIDENED, UNUSED_PCT = 0.1, 1.5, 50.0
_NAMED = 3


@dataclass
class Seen:
    """The values of one tensor, example by example: extremes, and how many lie beyond what its 8 bits hold."""

    carrier: Carrier
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    clipped: list[float] = field(default_factory=list)

    def add(self, values: Array) -> None:
        """One more example."""
        low, high = span(self.carrier.quantization, self.carrier.type)
        step = self.carrier.quantization.scale[0]
        self.lows.append(float(values.min()))
        self.highs.append(float(values.max()))
        outside = np.count_nonzero((values < low - step / 2) | (values > high + step / 2))
        self.clipped.append(100 * float(outside) / max(values.size, 1))

    @property
    def width(self) -> float:
        """Of the range over all examples."""
        return max(self.highs) - min(self.lows)

    def widened_by(self) -> tuple[int, float] | None:
        """The example without which the range would shrink most, and how many times it is wider for it."""
        if len(self.lows) < 3:
            return None
        lows, highs = np.sort(self.lows), np.sort(self.highs)
        found = None
        for place in {int(np.argmin(self.lows)), int(np.argmax(self.highs))}:
            low = lows[1] if self.lows[place] == lows[0] else lows[0]
            high = highs[-2] if self.highs[place] == highs[-1] else highs[-1]
            times = self.width / (high - low) if high > low else float("inf")
            if found is None or times > found[1]:
                found = (place, times)
        return found


def look(pair: Pair, runs: Iterable[Mapping[int, Array]]) -> dict[int, Seen]:
    """What each quantized tensor held; a run is the float model's values by tensor for one example."""
    found = {tensor: Seen(carrier) for tensor, carrier in pair.carriers.items()}
    for run in runs:
        for tensor, seen in found.items():
            seen.add(run[tensor])
    return found


def compare(pair: Pair, calibration: Mapping[int, Seen] | None, later: Mapping[int, Seen]) -> list[dict[str, Any]]:
    """What each tensor holds, met in calibration and met later, and what is wrong with that, in the graph's order.

    Tensors that only pass on what another holds are left out.

    Args:
        calibration: None where its examples are not known; then only clipping and unused steps can be told.

    Returns:
        Keys layer, holds, calibration, evaluation ([low, high] each), clipped_pct, clipped_examples (indices of the
        evaluation's examples with the largest share), unused_pct, widened_by (`example` of the calibration, `times`),
        and findings: a list of clipped, unused, widened.
    """
    passed_on = {layer.tensor for layer in pair.layers if layer.passes_on}
    rows = []
    for tensor, met in later.items():
        if tensor in passed_on:
            continue
        carrier = met.carrier
        low, high = span(carrier.quantization, carrier.type)
        seen = calibration[tensor] if calibration else None
        clipped = float(np.mean(met.clipped))
        order = np.argsort(met.clipped, kind="stable")[::-1]
        used = max(0.0, min(max(met.highs), high) - max(min(met.lows), low))
        unused = 100 * (1 - used / (high - low)) if high > low else 0.0
        widened = seen.widened_by() if seen else None
        findings = [
            name
            for name, found in (
                ("clipped", clipped >= CLIPPED_PCT),
                ("unused", unused >= UNUSED_PCT),
                ("widened", widened is not None and widened[1] >= WIDENED),
            )
            if found
        ]
        rows.append(
            {
                "layer": pair.graph.tensors[tensor].name,
                "holds": [low, high],
                "calibration": [finite(min(seen.lows)), finite(max(seen.highs))] if seen else None,
                "evaluation": [finite(min(met.lows)), finite(max(met.highs))],
                "clipped_pct": clipped,
                "clipped_examples": [int(i) for i in order[:_NAMED] if met.clipped[i] > 0],
                "unused_pct": unused,
                "widened_by": {"example": widened[0], "times": finite(widened[1])} if widened else None,
                "findings": findings,
            }
        )
    return rows


def outside(calibration: Mapping[int, Seen], later: Mapping[int, Seen]) -> list[dict[str, Any]]:
    """Examples of the evaluation that leave the calibration's ranges, those that do so in most tensors first.

    Keys example, tensors (in how many), clipped_pct (mean over tensors).
    """
    count = len(next(iter(later.values())).lows) if later else 0
    rows = []
    for place in range(count):
        beyond = sum(
            met.lows[place] < min(seen.lows) or met.highs[place] > max(seen.highs)
            for met, seen in ((later[t], calibration[t]) for t in later)
        )
        if beyond:
            share = float(np.mean([met.clipped[place] for met in later.values()]))
            rows.append({"example": place, "tensors": beyond, "clipped_pct": share})
    return sorted(rows, key=lambda r: (-r["tensors"], -r["clipped_pct"], r["example"]))
