"""What `harness variants evaluate` is given: recipes, folders of built variants, and models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from harness.errors import UsageError
from harness.variants.evaluation import Evaluation
from harness.variants.listing import read_list
from harness.variants.recipe import load_recipe
from harness.yaml_file import explain


@dataclass(frozen=True)
class Targets:
    """Models to judge, and how.

    Attributes:
        names, models: of the variants that have a file; base: the original, None where there is nothing to compare.
        unbuilt: names of variants without a file, to why.
        spec: how they are judged; folder: where its factories are looked for.
        out: where the answers go unless said otherwise; None where no folder of variants was given.
    """

    names: tuple[str, ...]
    models: tuple[Path, ...]
    base: Path | None
    unbuilt: dict[str, str]
    spec: Evaluation
    folder: Path
    out: Path | None


def find_targets(
    given: Sequence[Path],
    *,
    out: Path | None,
    dataset: Path | None = None,
    base: Path | None = None,
    overrides: dict[str, Any] | None = None,
) -> Targets:
    """The models that were meant, and their evaluation.

    Args:
        given: recipes (their variants are looked for in `out`, else in variants/), folders of variants, models.
        dataset: an .npz file or a folder of images, instead of the recipe's.
        base: the original; else the variant of kind float32, else the first of several models.
        overrides: of `evaluation:`, those that are not None.

    Raises:
        UsageError: something is missing, or two models have one name.
    """
    listed: list[tuple[str, Path, str]] = []
    unbuilt: dict[str, str] = {}
    spec: Evaluation | None = None
    folder, place = Path(), out
    for path in given:
        if path.suffix.lower() in (".yaml", ".yml"):
            recipe = load_recipe(path)
            spec, folder = recipe.evaluation or spec, path.parent
            variants = out or Path("variants")
        elif path.is_dir():
            variants = path
        else:
            listed.append((path.stem, path, ""))
            continue
        place = place or variants
        for variant in read_list(variants):
            if variant.path is None:
                unbuilt[variant.name] = f"not built: {variant.error}"
            else:
                listed.append((variant.name, variant.path, variant.kind))
    if not listed:
        raise UsageError("no variant was built", advice="see the reasons in variants.json")
    names = [name for name, _, _ in listed]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"two models are called {name!r}", advice="evaluate them apart, or rename a file")
    return Targets(
        tuple(names), tuple(path for _, path, _ in listed), base or _original(listed), unbuilt,
        _spec(spec, dataset, overrides or {}), folder, place,
    )  # fmt: skip


def _original(listed: Sequence[tuple[str, Path, str]]) -> Path | None:
    whole = next((path for _, path, kind in listed if kind == "float32"), None)
    if whole is None and len(listed) > 1 and not any(kind for _, _, kind in listed):
        return listed[0][1]
    return whole


def _spec(spec: Evaluation | None, dataset: Path | None, overrides: dict[str, Any]) -> Evaluation:
    values = spec.model_dump(exclude_unset=True) if spec is not None else {}
    if dataset is not None:
        for source in ("npz", "images", "factory", "labels_csv"):
            values.pop(source, None)
        values["images" if dataset.is_dir() else "npz"] = dataset
    elif spec is None:
        advice = "give --dataset test.npz, or a recipe with a section evaluation:"
        raise UsageError("there is no dataset to evaluate with", advice=advice)
    values |= {key: value for key, value in overrides.items() if value is not None}
    adapter = TypeAdapter(Evaluation)
    try:
        return adapter.validate_python(values)
    except ValidationError as error:
        raise explain(error, adapter.json_schema(), lambda _keys: "the command line") from None
