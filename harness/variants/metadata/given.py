"""metadata.yaml: what a person writes about a model.

```yaml
name: digits
inputs:
  - name: image
    image: rgb                                # or grayscale
    normalization: {mean: [127.5], std: [127.5]}
    min: [-1]
    max: [1]
outputs:
  - name: probability
    labels: labels.txt                        # a label a line, or a list of labels here
```
Inputs and outputs come in the model's order. Paths are relative to the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from harness.errors import UsageError
from harness.yaml_file import YamlFile


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Floats = list[float]


class Normalization(_Strict):
    """The model gets (x − mean) / std; one value, or one a channel (MediaPipe Tasks takes only equal channels)."""

    mean: Floats = Field(min_length=1)
    std: Floats = Field(min_length=1)

    @model_validator(mode="after")
    def _fits(self) -> Normalization:
        if 0 in self.std:
            raise ValueError("std divides, so it cannot be 0")
        if len(self.mean) != len(self.std):
            raise ValueError("mean and std need as many values as each other")
        return self


class Boxes(_Strict):
    """How an output tells bounding boxes."""

    type: Literal["boundaries", "upper_left", "center"]
    coordinates: Literal["ratio", "pixel"] = "ratio"
    order: list[int] = Field(default=[], description="Where left, top, right and bottom (as the type has them) stand.")


class ScoreCalibration(_Strict):
    """A CSV of sigmoid parameters a line, per class."""

    file: Path
    transform: Literal["identity", "log", "inverse_logistic"] = "identity"
    default: float = 0.0


class _Tensor(_Strict):
    name: str = Field(min_length=1)
    description: str = ""
    min: Floats = Field(default=[], description="Least value, one or one a channel.")
    max: Floats = Field(default=[], description="Largest value.")


class Input(_Tensor):
    """One input of the model."""

    image: Literal["rgb", "grayscale"] | None = None
    normalization: Normalization | None = None


class Labels(_Strict):
    """Names of classes: a file with one a line, or the names. `of` says whether places or values are named."""

    file: Path | None = None
    names: list[str] | None = None
    of: Literal["axis", "value"] = "axis"
    locale: str = ""

    @model_validator(mode="after")
    def _one(self) -> Labels:
        if (self.file is None) == (self.names is None):
            raise ValueError("give exactly one of file, names")
        return self


def _labels(value: object) -> object:
    if isinstance(value, str):
        return {"file": value}
    return {"names": value} if isinstance(value, list) else value


class Output(_Tensor):
    """One output of the model."""

    labels: Annotated[Labels, BeforeValidator(_labels)] | None = Field(
        default=None, description="A file with a label a line, a list of labels, or both told in full."
    )
    score_threshold: float | None = None
    score_calibration: ScoreCalibration | None = None
    boxes: Boxes | None = None


class Given(_Strict):
    """A whole metadata.yaml."""

    name: str = ""
    description: str = ""
    version: str = ""
    author: str = ""
    license: str = ""
    inputs: list[Input] = []
    outputs: list[Output] = []
    files: list[Path] = Field(default=[], description="Further files to carry.")


GIVEN = TypeAdapter(Given)


def load_given(path: Path) -> Given:
    """Read and check a metadata.yaml; paths in it become relative to its folder.

    Raises:
        UsageError: naming file, line and key, and what to do.
    """
    file = YamlFile.read(path)
    if file.data is None:
        raise UsageError(f"{path} is empty", advice="begin with inputs:")
    return file.check(GIVEN)
