"""From what `harness variants explain` is given to what is explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.accuracy.dataset import Dataset, load_dataset
from harness.accuracy.metrics import Metric, make_metric
from harness.accuracy.targets import chosen_evaluation
from harness.errors import UsageError
from harness.explain.building import Bench, calibrates, from_files, named_or, quantized_variant
from harness.explain.why import Task
from harness.variants.dataset import drawn, read_npz
from harness.variants.evaluation import Evaluation
from harness.variants.recipe import Recipe, Variant, load_recipe
from harness.variants.sources import load_arrays

#: Points of per cent that may be lost where nothing is said.
MAX_DROP_PCT = 1.0


@dataclass(frozen=True)
class Prepared:
    """What to explain.

    Attributes:
        bench: where mixtures and other calibrations can be built; None, with `no_bench`, where they cannot.
        variant: the quantized one as a recipe has it.
        available: examples that there are to calibrate with.
    """

    task: Task
    bench: Bench | None
    no_bench: str | None
    variant: Variant | None
    available: int = 0


def from_recipe(
    path: Path,
    out: Path,
    scratch: Path,
    *,
    name: str | None,
    dataset: Path | None,
    overrides: Mapping[str, Any],
    examples: int,
) -> Prepared:
    """Build the float32 and the quantized variant of a recipe, if they are not there.

    Args:
        scratch: a folder for decoded images.
        name: of the quantized variant; see `quantized_variant`.
        dataset, overrides: see `chosen_evaluation`.

    Raises:
        UsageError: recipe and data do not fit together.
        HostError: one of the two cannot be built.
        EnvironmentFault: what builds them is not installed.
    """
    recipe = load_recipe(path)
    variant = quantized_variant(recipe, name)
    data, metric, max_drop = judging(recipe.evaluation, path.parent, scratch, dataset, overrides)
    bench = Bench(recipe, path.parent, out)
    whole, quantized = (bench.path(b) for b in bench.build([named_or(recipe, "float32"), variant]))
    used, available = calibration_of(recipe, path.parent, variant) if calibrates(variant) else (None, 0)
    task = Task(whole, quantized, data, metric, max_drop, used, examples)
    return Prepared(task, bench, None, variant, available)


def from_pair(
    whole: Path,
    quantized: Path,
    out: Path,
    scratch: Path,
    *,
    calibration: Path | None,
    dataset: Path | None,
    overrides: Mapping[str, Any],
    examples: int,
) -> Prepared:
    """Take two files as they are; with `calibration`, mixtures can be built from the float one.

    Raises:
        UsageError: files and data do not fit together.
    """
    data, metric, max_drop = judging(None, Path(), scratch, dataset, overrides)
    if calibration is None:
        task = Task(whole, quantized, data, metric, max_drop, None, examples)
        return Prepared(task, None, "it is not known what to calibrate with; give --calibration", None)
    arrays = read_npz(calibration)
    used = Dataset(str(calibration), arrays)
    task = Task(whole, quantized, data, metric, max_drop, used, examples)
    options = {"recipe": "static_wi8_ai8"}
    variant = Variant(kind="quantizer", name="int8", options=options)
    return Prepared(task, from_files(whole, calibration, used.count, out), None, variant, used.count)


def judging(
    spec: Evaluation | None, folder: Path, scratch: Path, dataset: Path | None, overrides: Mapping[str, Any]
) -> tuple[Dataset, Metric, float]:
    """Examples, metric and budget.

    Raises:
        UsageError: there is none of them.
    """
    chosen = chosen_evaluation(spec, dataset, dict(overrides))
    metric = make_metric(chosen.metric, folder)
    if chosen.max_drop is None and metric.unit != "pct":
        raise UsageError(f"how much {metric.name} may be lost is not said", advice="give --max-drop")
    max_drop = MAX_DROP_PCT if chosen.max_drop is None else chosen.max_drop
    return load_dataset(chosen, folder, scratch), metric, max_drop


def calibration_of(recipe: Recipe, folder: Path, variant: Variant) -> tuple[Dataset, int]:
    """The examples that `variant` is calibrated with, in their order, and how many there are to choose from.

    Raises:
        UsageError: they cannot be read.
    """
    data = recipe.representative
    assert data is not None, "checked with the recipe"
    arrays, where = load_arrays(data.named, folder)
    count = min(len(a) for a in arrays.values())
    options: Any = variant.checked
    chosen = drawn(count, options.samples or data.samples, options.seed)
    return Dataset(where, {name: array[chosen] for name, array in arrays.items()}), count
