"""The section `evaluation:` of a recipe: the examples to judge variants with, how, and how much may be lost.

```yaml
evaluation:
  npz: test.npz               # or images:, or factory:
  labels: labels              # the array with the right answers; without one, agreement with float32 is judged
  metric: top1                # top5, mae, mse, iou, map, module:function; or a mapping with name: and options
  max_drop: 1.0               # in the unit of the metric: points of per cent for top1, topK, iou and map
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from harness.variants.fields import FACTORY, RecipePath, Strict

_METRIC = r"^(top[1-9]\d*|mae|mse|iou|map|[A-Za-z_][\w.]*:[A-Za-z_]\w*)$"
_PerChannel = float | list[float]


def _metric_name(name: str) -> str:
    if not re.match(_METRIC, name):
        raise ValueError(f"there is no metric {name!r}; use top1, top5, mae, mse, iou, map, or module:function")
    return name


class MetricSpec(Strict):
    """A metric and its options; an output is named as the model's signature does, or by its place from 0."""

    name: Annotated[str, AfterValidator(_metric_name)] = Field(
        description="top1, top5, mae, mse, iou, map, or module:function."
    )
    output: str | int = Field(default=0, description="The output that is judged (not of map).")
    ignore: int | None = Field(default=255, description="iou: a label that does not count.")
    lower_is_better: bool = Field(default=False, description="module:function: a smaller score is the better one.")
    boxes: str | int = Field(default=0, description="map: the output with boxes (ymin, xmin, ymax, xmax).")
    classes: str | int = Field(default=1, description="map: the output with classes.")
    scores: str | int = Field(default=2, description="map: the output with scores.")
    count: str | int | None = Field(default=3, description="map: the output with the number of boxes; null: all.")
    area: Literal["all", "small", "medium", "large"] = Field(
        default="all", description="map: objects of this size only, as COCO bounds it (32² and 96², labels in pixels)."
    )


class Preprocess(Strict):
    """From an image file to the values that the model takes; in this order."""

    size: tuple[int, int] | None = Field(default=None, strict=False, description="Height and width of the input.")
    fit: Literal["stretch", "crop", "pad"] = Field(
        default="stretch", description="crop: cut the middle out at the input's shape; pad: keep all, black beside it."
    )
    crop_fraction: float = Field(
        default=1.0, gt=0, le=1, description="crop: share of the shorter side that is kept, as 0.875."
    )
    resize: Literal["nearest", "bilinear", "bicubic", "lanczos", "area"] = "bilinear"
    channels: Literal["rgb", "bgr", "grey"] = "rgb"
    mean: _PerChannel = Field(default=0.0, description="Taken off pixels of 0 to 255, one or one a channel.")
    std: _PerChannel = Field(default=1.0, description="Then divided by.")
    scale: _PerChannel = Field(default=1.0, description="Or: multiplied with pixels of 0 to 255.")
    offset: _PerChannel = Field(default=0.0, description="And then added.")
    dtype: Literal["float32", "uint8", "int8"] = "float32"

    @model_validator(mode="after")
    def _one_way(self) -> Preprocess:
        given = self.model_fields_set
        if given & {"mean", "std"} and given & {"scale", "offset"}:
            raise ValueError("give mean and std, or scale and offset")
        stds = self.std if isinstance(self.std, list) else [self.std]
        if 0 in stds:
            raise ValueError("std must not be 0")
        for name in ("mean", "std", "scale", "offset"):
            value = getattr(self, name)
            if isinstance(value, list) and len(value) != (1 if self.channels == "grey" else 3):
                raise ValueError(f"{name} needs one number, or one a channel")
        return self


def _metric(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class Evaluation(Strict):
    """Examples, metric and budget; exactly one of npz, images and factory."""

    npz: RecipePath | None = Field(default=None, description="Arrays by input name and the labels; examples first.")
    images: RecipePath | None = Field(
        default=None, description="A folder of images: one folder a class, or any with labels_csv."
    )
    labels_csv: RecipePath | None = Field(default=None, description="Columns file and label (a class or its number).")
    classes: list[str] = Field(default=[], description="Names in the order of the model's output; default: sorted.")
    label_offset: int = Field(default=0, description="Added to labels, as 1 where the model's class 0 is background.")
    preprocess: Preprocess = Preprocess()
    factory: str | None = Field(
        default=None, pattern=FACTORY, description="A function that returns arrays by input name, labels among them."
    )
    labels: str | None = Field(default=None, description="Name of the labels' array; default: labels, where it exists.")
    lengths: dict[str, str] = Field(
        default={}, description="Input name to the array with each example's length, for inputs padded at their end."
    )
    samples: int | None = Field(default=None, ge=1, description="Examples that are used, from the beginning.")
    metric: Annotated[MetricSpec, BeforeValidator(_metric, json_schema_input_type=str | MetricSpec)] = MetricSpec(
        name="top1"
    )
    max_drop: float | None = Field(default=None, ge=0, description="Largest loss against float32 that is accepted.")

    @model_validator(mode="after")
    def _one_source(self) -> Evaluation:
        if sum(v is not None for v in (self.npz, self.images, self.factory)) != 1:
            raise ValueError("give exactly one of npz, images, factory")
        if self.labels_csv is not None and self.images is None:
            raise ValueError("labels_csv goes with images")
        return self

    def rebased(self, base: Path) -> Evaluation:
        """The same with its paths relative to `base`."""
        paths: Mapping[str, Path | None] = {k: getattr(self, k) for k in ("npz", "images", "labels_csv")}
        return self.model_copy(update={k: base / v for k, v in paths.items() if v is not None})
