"""Climbs from cheap to dear ways of making a model small, and stops at the first that is good enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.accuracy.dataset import Dataset
from harness.accuracy.evaluate import Evaluated, evaluate
from harness.accuracy.metrics import Metric
from harness.explain.building import Bench, calibrates, changed, named_or
from harness.explain.mixture import base_recipe
from harness.explain.prepare import calibration_of
from harness.explain.remedy import build_remedies
from harness.explain.why import Progress, Task, find_out
from harness.variants.recipe import Variant

#: Draws of other examples that the calibration rung tries.
_DRAWS = 3


@dataclass(frozen=True)
class Goal:
    """What is good enough. max_drop: in the metric's unit; max_size: share of float32's file, None: any."""

    max_drop: float
    max_size: float | None = None


@dataclass(frozen=True)
class Rung:
    """One way.

    Attributes:
        why: why it was climbed to.
        judged: its models, the best first; empty where it was left out, for `left_out`.
        failed: variants that could not be built, to why.
        entries: of a recipe, by the models' names.
        met: whether the best is good enough; `short` says why not.
    """

    name: str
    why: str
    judged: list[Evaluated]
    failed: dict[str, str]
    entries: dict[str, dict[str, Any]]
    met: bool = False
    short: str | None = None
    left_out: str | None = None


class _LeftOut(Exception):
    """A rung that this recipe cannot have, and why."""


class Ladder:
    """The rungs of one recipe; each sees what those below it built.

    Args:
        bench: of the recipe.
        whole: its float32 file.
    """

    def __init__(
        self, bench: Bench, whole: Path, data: Dataset, metric: Metric, goal: Goal, progress: Progress
    ) -> None:
        self._bench, self._whole, self._goal, self._progress = bench, whole, goal, progress
        self._data, self._metric = data, metric
        self._int8 = named_or(bench.recipe, "int8")
        self._best8: tuple[Variant, Evaluated] | None = None
        self.base: Evaluated | None = None

    def climb(self) -> list[Rung]:
        """The rungs as far as was climbed, that are left out among them.

        Raises:
            EnvironmentFault: what builds variants is not installed.
            UsageError: data and model do not fit together.
        """
        rungs: list[Rung] = []
        why = "it is the cheapest: half the size, and nothing to calibrate"
        ways: list[tuple[str, Callable[[str, str], Rung]]] = [
            ("float16", self._float16), ("int8", self._eight_bits), ("calibration", self._calibration),
            ("mixed", self._mixed), ("qat", self._qat),
        ]  # fmt: skip
        for name, way in ways:
            self._progress(f"rung {name}", 0.0)
            try:
                rung = way(name, why)
            except _LeftOut as reason:
                rungs.append(Rung(name, why, [], {}, {}, left_out=str(reason)))
                continue
            rungs.append(rung)
            if rung.met:
                break
            why = f"{name}: {rung.short}"
        return rungs

    def _float16(self, name: str, why: str) -> Rung:
        return self._rung(name, why, [named_or(self._bench.recipe, "float16")])

    def _eight_bits(self, name: str, why: str) -> Rung:
        if self._bench.recipe.representative is None:
            raise _LeftOut("the recipe has no representative dataset")
        return self._rung(name, why, [self._int8])

    def _calibration(self, name: str, why: str) -> Rung:
        """All examples, then as many as before but others; where there are no others, halves of them."""
        recipe = self._bench.recipe
        if self._best8 is None or recipe.representative is None:
            raise _LeftOut("int8 could not be built")
        used, available = calibration_of(recipe, self._bench.folder, self._int8)
        variants = []
        if available > used.count:
            variants.append(changed(self._int8, f"{self._int8.name}_all", samples=available, seed=None))
        size = used.count if available > used.count else available // 2
        variants += [
            changed(self._int8, f"{self._int8.name}_n{size}_s{s}", samples=size, seed=s) for s in range(1, _DRAWS + 1)
        ]
        if size < 1:
            raise _LeftOut("there is only one example to calibrate with")
        return self._rung(name, why, variants)

    def _mixed(self, name: str, why: str) -> Rung:
        if self._best8 is None:
            raise _LeftOut("int8 could not be built")
        variant, judged = self._best8
        used, _ = calibration_of(self._bench.recipe, self._bench.folder, variant)
        task = Task(self._whole, judged.path, self._data, self._metric, self._goal.max_drop, used)
        found = find_out(task, self._progress)
        if not found.search.keep:
            raise _LeftOut("leaving layers out of 8 bits does not help" if found.fell else "no layer needs it")
        if base_recipe(found.pair) is None:
            raise _LeftOut("the quantized model mixes 8 and 16 bits already")
        options = {k: v for k in ("samples", "seed") if (v := variant.options.get(k)) is not None}
        remedies = build_remedies(found, self._bench, options)
        made = [r.judged for r in remedies if r.judged is not None]
        failed = {r.name: r.error for r in remedies if r.error}
        return self._finish(name, why, made, failed, {r.name: r.entry for r in remedies})

    def _qat(self, name: str, why: str) -> Rung:
        recipe = self._bench.recipe
        if not recipe.source.trainable:
            raise _LeftOut("a model that cannot be trained further; give keras or factory as the source")
        if recipe.training is None:
            raise _LeftOut("the recipe has no section training")
        return self._rung(name, why, [named_or(recipe, "qat")])

    def _rung(self, name: str, why: str, variants: Sequence[Variant]) -> Rung:
        built = self._bench.build(variants)
        paths = {b.name: self._bench.path(b) for b in built if not b.error}
        found = evaluate(
            [self._whole, *paths.values()], self._data, self._metric, self._whole, max_drop=self._goal.max_drop,
            names=["float32", *paths], on_share=self._progress,
        )  # fmt: skip
        self.base, *judged = found
        by_name = {v.name: v for v in variants}
        for one in judged:
            if calibrates(by_name[one.name]) and one.scores is not None:
                self._best8 = _better(self._best8, (by_name[one.name], one))
        failed = {b.name: b.error for b in built if b.error}
        entries = {v.name: {v.kind: {"name": v.name, **v.options}} for v in variants}
        return self._finish(name, why, judged, failed, entries)

    def _finish(
        self, name: str, why: str, judged: list[Evaluated], failed: dict[str, str], entries: dict[str, dict[str, Any]]
    ) -> Rung:
        ordered = sorted(judged, key=lambda e: (self._short(e) is not None, e.fails, _drop(e)))
        short = self._short(ordered[0]) if ordered else next(iter(failed.values()), "nothing was built")
        return Rung(name, why, ordered, failed, entries, short is None, short)

    def _short(self, model: Evaluated) -> str | None:
        """What it lacks; None where it is good enough."""
        if model.accuracy.drop is None:
            return model.accuracy.reason or model.accuracy.drop_reason or "it has no figure"
        if model.fails:
            return f"loses {model.accuracy.drop:.3g}, and {self._goal.max_drop:g} is accepted"
        size = self.size(model)
        if self._goal.max_size is not None and (size is None or size > self._goal.max_size):
            return f"is {100 * (size or 1):.0f} % of float32's size, and {100 * self._goal.max_size:.0f} % is accepted"
        return None

    def size(self, model: Evaluated) -> float | None:
        """Its file's share of float32's."""
        return None if model.file_bytes is None else model.file_bytes / self._whole.stat().st_size


def _better(one: tuple[Variant, Evaluated] | None, other: tuple[Variant, Evaluated]) -> tuple[Variant, Evaluated]:
    return other if one is None or _drop(other[1]) < _drop(one[1]) else one


def _drop(model: Evaluated) -> float:
    return float("inf") if model.accuracy.drop is None else model.accuracy.drop


def ladder_of(bench: Bench, data: Dataset, metric: Metric, goal: Goal, progress: Progress) -> Ladder:
    """Build float32, and the ladder on it.

    Raises:
        HostError: float32 cannot be built.
        EnvironmentFault: what builds it is not installed.
    """
    progress("float32", 0.0)
    (built,) = bench.build([named_or(bench.recipe, "float32")])
    return Ladder(bench, bench.path(built), data, metric, goal, progress)
