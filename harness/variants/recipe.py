"""A recipe: one trained model, the data to calibrate and to fine-tune with, and the variants to build. Read from YAML.

```yaml
source: {factory: "train:digits"}     # or keras:, saved_model:, tflite:, torch:
representative: {npz: calibration.npz, samples: 200}
training: {npz: training.npz, epochs: 4}
variants:
  - float32
  - {int8: {inputs: float32}}
  - {pruned+int8: {sparsity: 0.6}}
```
Paths are relative to the recipe's file. A factory is `module:function`, imported with the recipe's folder in the path.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from harness.errors import UsageError
from harness.variants.evaluation import Evaluation
from harness.variants.fields import FACTORY, RecipePath, Strict
from harness.variants.kinds import KINDS
from harness.variants.kinds.base import Options
from harness.yaml_file import YamlFile, explain

Factory = Annotated[str, Field(pattern=FACTORY)]


class Source(Strict):
    """The trained model; exactly one of keras, saved_model, tflite, factory, torch."""

    keras: RecipePath | None = Field(default=None, description="A .keras or .h5 file.")
    saved_model: RecipePath | None = Field(default=None, description="A folder with a SavedModel.")
    tflite: RecipePath | None = Field(default=None, description="A float .tflite file.")
    factory: Factory | None = Field(default=None, description="A function that returns a Keras model.")
    torch: Factory | None = Field(
        default=None, description="A function that returns a PyTorch module and a tuple of example inputs."
    )
    batch: int | None = Field(
        default=1, ge=1, description="Batch that Keras models are built for; null leaves it free."
    )

    @model_validator(mode="after")
    def _one(self) -> Source:
        if len(self.named) != 1:
            raise ValueError(f"give exactly one of {', '.join(SOURCES)}")
        return self

    @property
    def named(self) -> dict[str, str]:
        """What is given, by its key."""
        return {name: str(getattr(self, name)) for name in SOURCES if getattr(self, name) is not None}

    @property
    def trainable(self) -> bool:
        """Whether steps that train can follow from it."""
        return self.keras is not None or self.factory is not None


SOURCES = ("keras", "saved_model", "tflite", "factory", "torch")


class _Data(Strict):
    npz: RecipePath | None = Field(default=None, description="Arrays by input name, or one array; examples first.")
    factory: Factory | None = Field(default=None, description="A function that returns such arrays.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.npz is None) == (self.factory is None):
            raise ValueError("give exactly one of npz, factory")
        return self

    @property
    def named(self) -> dict[str, str]:
        """What is given, by its key."""
        return {"npz": str(self.npz)} if self.npz is not None else {"factory": str(self.factory)}


class Representative(_Data):
    """Inputs as the model will see them, to calibrate with; exactly one of npz and factory."""

    samples: int = Field(default=200, ge=1, description="Examples that are used, from the beginning.")


class Training(_Data):
    """Inputs and labels to fine-tune with, and how; exactly one of npz and factory."""

    labels: str = Field(default="labels", description="Name of the array that holds the labels.")
    loss: str = Field(
        default="sparse_categorical_crossentropy", description="A loss of Keras, or a function as module:function."
    )
    epochs: int = Field(default=3, ge=1)
    batch: int = Field(default=32, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0, strict=False)
    validation: float = Field(default=0.1, ge=0, lt=1, strict=False, description="Share that is held out.")
    seed: int = Field(default=1, ge=0)


class Variant(Strict):
    """One variant: its kind, and the options of the kind."""

    kind: str
    name: str
    options: dict[str, Any] = Field(default={})

    @property
    def checked(self) -> Options:
        """The options with their defaults; checked when the recipe was read."""
        return KINDS[self.kind].options.model_validate(self.options)


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
    training: Training | None = None
    evaluation: Evaluation | None = None
    variants: list[Annotated[Variant, BeforeValidator(_variant), WithJsonSchema({})]] = Field(
        min_length=1, description="Kinds, or mappings of a kind to its options and a name."
    )


RECIPE = TypeAdapter(Recipe)


def recipe_schema() -> dict[str, Any]:
    """JSON Schema of a recipe file, for editors."""
    schema = RECIPE.json_schema()
    name = {"name": {"type": "string", "description": "Of the file; the kind's where not given."}}
    kinds = {}
    for kind, found in KINDS.items():
        options = found.options.model_json_schema()
        schema["$defs"].update(options.pop("$defs", {}))
        kinds[kind] = {**options, "title": kind, "properties": {**name, **options.get("properties", {})}}
        kinds[kind].pop("description", None)
    one = {"type": "object", "properties": kinds, "additionalProperties": False, "minProperties": 1, "maxProperties": 1}
    schema["properties"]["variants"]["items"] = {"anyOf": [{"enum": list(KINDS)}, one]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def load_recipe(path: Path) -> Recipe:
    """Read and check a recipe; paths in it become relative to its folder.

    Raises:
        UsageError: naming file, line and key, and what to do.
    """
    file = YamlFile.read(path)
    if file.data is None:
        raise UsageError(f"{path} is empty", advice="begin with source:")
    recipe = file.check(RECIPE)
    _check_options(recipe, file)
    for keys, text, advice in _faults(recipe):
        raise UsageError(f"{file.place(keys)}: {text}", advice=advice)
    return _rebased(recipe, path.parent)


def _faults(recipe: Recipe) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    names = [v.name for v in recipe.variants]
    (source,) = recipe.source.named
    for index, variant in enumerate(recipe.variants):
        keys = ("variants", index)
        kind = KINDS.get(variant.kind)
        if kind is None:
            near = difflib.get_close_matches(variant.kind, KINDS, n=1)
            advice = f"did you mean {near[0]}?" if near else f"choose from {', '.join(KINDS)}"
            yield keys, f"there is no kind of variant {variant.kind!r}", advice
            continue
        if names.index(variant.name) != index:
            yield keys, f"variant {variant.name!r} is named twice", "give one of them a name"
        if not variant.name or variant.name.startswith(".") or set(variant.name) & set("/\\\0"):
            yield keys, f"{variant.name!r} is no name of a file", "choose a plain name"
        if kind.trains and not recipe.source.trainable:
            yield keys, f"{variant.kind} cannot follow from {source}: it trains", "give keras or factory as the source"
        if kind.trains and recipe.training is None:
            yield keys, f"{variant.kind} needs examples to train with", "add training:"
        if kind.conversion.calibrates(variant.checked) and recipe.representative is None:
            yield keys, f"{variant.kind} needs a representative dataset", "add representative:"


def _check_options(recipe: Recipe, file: YamlFile) -> None:
    for index, variant in enumerate(recipe.variants):
        kind = KINDS.get(variant.kind)
        if kind is None:
            continue
        try:
            kind.options.model_validate(variant.options)
        except ValidationError as error:
            place = file.place(("variants", index, variant.kind, *error.errors()[0]["loc"]))
            schema = kind.options.model_json_schema()
            raise explain(error, schema, lambda _: place, within=[variant.kind]) from None  # noqa: B023


def _rebased(recipe: Recipe, base: Path) -> Recipe:
    files = {k: base / v for k in ("keras", "saved_model", "tflite") if (v := getattr(recipe.source, k)) is not None}
    changes: dict[str, Any] = {"source": recipe.source.model_copy(update=files)}
    for section in ("representative", "training"):
        data = getattr(recipe, section)
        if data is not None and data.npz is not None:
            changes[section] = data.model_copy(update={"npz": base / data.npz})
    if recipe.evaluation is not None:
        changes["evaluation"] = recipe.evaluation.rebased(base)
    return recipe.model_copy(update=changes)
