"""A recipe: one trained model, the data to calibrate with, and the variants to build. Read from YAML.

```yaml
source: {factory: "train:digits"}     # or keras:, saved_model:
representative: {npz: calibration.npz, samples: 200}
variants:
  - float32
  - {int8: {inputs: int8}}
```
Paths are relative to the recipe's file. A factory is `module:function`, imported with the recipe's folder in the path.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter, model_validator

from harness.errors import UsageError
from harness.variants.evaluation import Evaluation
from harness.variants.fields import FACTORY, RecipePath, Strict
from harness.variants.kinds import KINDS
from harness.yaml_file import YamlFile


class Source(Strict):
    """The trained model; exactly one of these."""

    keras: RecipePath | None = Field(default=None, description="A .keras or .h5 file.")
    saved_model: RecipePath | None = Field(default=None, description="A folder with a SavedModel.")
    factory: str | None = Field(default=None, pattern=FACTORY, description="A function that returns a Keras model.")

    @model_validator(mode="after")
    def _one(self) -> Source:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of keras, saved_model, factory")
        return self


class Representative(Strict):
    """Inputs as the model will see them; exactly one of npz and factory."""

    npz: RecipePath | None = Field(default=None, description="Arrays by input name, or one array; examples first.")
    factory: str | None = Field(default=None, pattern=FACTORY, description="A function that returns such arrays.")
    samples: int = Field(default=200, ge=1, description="Examples that are used, from the beginning.")

    @model_validator(mode="after")
    def _one(self) -> Representative:
        if (self.npz is None) == (self.factory is None):
            raise ValueError("give exactly one of npz, factory")
        return self


class Variant(Strict):
    """One variant: its kind, and the options of the kind."""

    kind: str
    name: str
    options: dict[str, Any] = Field(default={})


def _variant(value: Any) -> Any:
    if isinstance(value, str):
        return {"kind": value, "name": value}
    if isinstance(value, dict) and len(value) == 1:
        kind, options = next(iter(value.items()))
        options = dict(options or {}) if isinstance(options, dict | None) else {"": options}
        return {"kind": kind, "name": options.pop("name", kind), "options": options}
    return value


class Recipe(Strict):
    """What to build, from what."""

    source: Source
    representative: Representative | None = None
    evaluation: Evaluation | None = None
    variants: list[Annotated[Variant, BeforeValidator(_variant, json_schema_input_type=str | dict[str, Any])]] = Field(
        min_length=1, description=f"Kinds: {', '.join(KINDS)}; or a mapping of a kind to its options and a name."
    )


RECIPE = TypeAdapter(Recipe)


def load_recipe(path: Path) -> Recipe:
    """Read and check a recipe; paths in it become relative to its folder.

    Raises:
        UsageError: naming file, line and key, and what to do.
    """
    file = YamlFile.read(path)
    if file.data is None:
        raise UsageError(f"{path} is empty", advice="begin with source:")
    recipe = file.check(RECIPE)
    for keys, text, advice in _faults(recipe):
        raise UsageError(f"{file.place(keys)}: {text}", advice=advice)
    return _rebased(recipe, path.parent)


def _faults(recipe: Recipe) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    names = [v.name for v in recipe.variants]
    for index, variant in enumerate(recipe.variants):
        keys = ("variants", index)
        kind = KINDS.get(variant.kind)
        if kind is None:
            yield keys, f"there is no kind of variant {variant.kind!r}", f"choose from {', '.join(KINDS)}"
            continue
        if names.index(variant.name) != index:
            yield keys, f"variant {variant.name!r} is named twice", "give one of them a name"
        if not variant.name or set(variant.name) & set("/\\\0"):
            yield keys, f"{variant.name!r} is no name of a file", "choose a plain name"
        for option, value in variant.options.items():
            allowed = kind.options.get(option)
            if allowed is None:
                known = ", ".join(kind.options) or "none"
                yield keys, f"{variant.kind} has no option {option!r}", f"its options: {known}"
            elif value not in allowed:
                yield keys, f"{variant.kind}: {option} cannot be {value!r}", f"use {', '.join(map(str, allowed))}"
        if kind.calibrates and recipe.representative is None:
            yield keys, f"{variant.kind} needs a representative dataset", "add representative:"


def _rebased(recipe: Recipe, base: Path) -> Recipe:
    source = recipe.source.model_copy(
        update={k: base / v for k in ("keras", "saved_model") if (v := getattr(recipe.source, k)) is not None}
    )
    data = recipe.representative
    if data is not None and data.npz is not None:
        data = data.model_copy(update={"npz": base / data.npz})
    judged = recipe.evaluation.rebased(base) if recipe.evaluation is not None else None
    return recipe.model_copy(update={"source": source, "representative": data, "evaluation": judged})
