"""Builds variants beside those of a recipe: what explaining needs, by the one way that builds variants."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import HostError, UsageError
from harness.variants.build import Built, build_variants
from harness.variants.kinds import KINDS
from harness.variants.kinds.post_training import Float16, Float32
from harness.variants.recipe import Recipe, Representative, Source, Variant

#: Folder within that of the variants, so that its list of variants stays as the recipe has it.
PLACE = "explain"


@dataclass(frozen=True)
class Bench:
    """Where variants of one source are built.

    Attributes:
        recipe: with paths as they are to be opened.
        folder: of the recipe, where factories are looked for.
        out: of the recipe's variants; these ones go into a folder within.
    """

    recipe: Recipe
    folder: Path
    out: Path
    on_built: Callable[[Built], None] = lambda _: None

    @property
    def place(self) -> Path:
        """Where they go."""
        return self.out / PLACE

    def build(self, variants: Sequence[Variant]) -> list[Built]:
        """Build variants, or keep those that are there for the same content, from the recipe's own folder too.

        Raises:
            As `build_variants`.
        """
        self._take_over([v.name for v in variants])
        recipe = self.recipe.model_copy(update={"variants": list(variants)})
        return build_variants(recipe, self.folder, self.place, on_built=self.on_built)

    def path(self, built: Built) -> Path:
        """The file of a built variant.

        Raises:
            HostError: it could not be built.
        """
        if built.error:
            raise HostError(f"{built.name} could not be built: {built.error}", advice="build it by itself to see why")
        return self.place / str(built.values["file"])

    def _take_over(self, names: Sequence[str]) -> None:
        """Its content is checked when it is built; a copy saves only time."""
        try:
            self.place.mkdir(parents=True, exist_ok=True)
            for path in [
                *self.out.glob(".source-*"),
                *(self.out / f"{n}{s}" for n in names for s in (".tflite", ".json")),
            ]:
                target = self.place / path.name
                if path.is_file() and not target.exists():
                    shutil.copyfile(path, target)
        except OSError as error:
            raise HostError(
                f"{self.place} cannot be written: {error.strerror}", advice="choose another --out"
            ) from None


def from_files(whole: Path, calibration: Path, samples: int, out: Path) -> Bench:
    """A bench for a float `.tflite` file and what to calibrate it with."""
    recipe = Recipe(
        source=Source(tflite=whole),
        representative=Representative(npz=calibration, samples=samples),
        variants=[Variant(kind="float32", name="float32")],
    )
    return Bench(recipe, Path(), out)


def named_or(recipe: Recipe, kind: str) -> Variant:
    """The recipe's first variant of a kind, or one made with the kind's defaults."""
    return next((v for v in recipe.variants if v.kind == kind), Variant(kind=kind, name=kind))


def quantized_variant(recipe: Recipe, name: str | None) -> Variant:
    """The variant called `name`, else the first that is calibrated, else the first that is not in float.

    Raises:
        UsageError: there is none.
    """
    if name is not None:
        found = next((v for v in recipe.variants if v.name == name), None)
        if found is None:
            known = ", ".join(v.name for v in recipe.variants)
            raise UsageError(f"the recipe has no variant {name!r}", advice=f"choose from {known}")
        return found
    others = [v for v in recipe.variants if not isinstance(KINDS[v.kind].conversion, Float32 | Float16)]
    calibrated = [v for v in others if calibrates(v)]
    if not others:
        raise UsageError("the recipe has no quantized variant", advice="add int8 to its variants")
    return (calibrated or others)[0]


def calibrates(variant: Variant) -> bool:
    """Whether it needs a representative dataset."""
    return KINDS[variant.kind].conversion.calibrates(variant.checked)


def changed(variant: Variant, name: str, **options: Any) -> Variant:
    """The same under another name with other options; None takes one away."""
    merged = {**variant.options, **options}
    return Variant(kind=variant.kind, name=name, options={k: v for k, v in merged.items() if v is not None})
