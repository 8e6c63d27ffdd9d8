"""Models of a suite, and what their outputs are checked on."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from harness.benchmark.suite.part import ModelPath, Strict
from harness.benchmark.work import OutputsWanted


class SuiteTolerance(Strict):
    """How far the phone's outputs may lie from the host's, in place of the harness's own limits per delegate."""

    error_pct: float | None = Field(default=None, ge=0, description="Largest error, as a share of the host's range.")
    steps: float | None = Field(default=None, ge=0, description="The same in steps of the output's quantization.")
    cosine_min: float | None = Field(default=None, ge=-1, le=1, description="Least cosine with the host's output.")


class SuiteOutputs(Strict):
    """The phone's outputs are held against the host's, for the same file and inputs, after everything is timed."""

    inputs: ModelPath | None = Field(
        default=None, description="An .npz file of real inputs, relative to the suite file; none: random ones."
    )
    samples: int = Field(default=OutputsWanted.samples, ge=1, le=100, description="At most so many inputs.")
    tolerance: SuiteTolerance = SuiteTolerance()

    def wanted(self) -> OutputsWanted:
        """The same as the work takes it."""
        return OutputsWanted(self.inputs, self.samples, **self.tolerance.model_dump())


class SuiteModel(Strict):
    """One model: a path, several variants of it by name, or a folder of built variants."""

    name: str = Field(min_length=1, description="Name in reports.")
    path: ModelPath | None = Field(default=None, description="The .tflite file, relative to the suite file.")
    variants: dict[str, ModelPath] = Field(
        default={}, description="Variant name (float32, int8, …) to .tflite file, relative to the suite file."
    )
    outputs: SuiteOutputs | None = Field(default=None, description="Check its outputs; in place of the suite's.")
    built: ModelPath | None = Field(
        default=None, description="A folder of `harness variants build`: every variant that its variants.json lists."
    )
    accuracy: ModelPath | None = Field(
        default=None, description="An accuracy.json of `harness variants evaluate`; default: one beside the model file."
    )


def rebase(model: SuiteModel, base: Path) -> SuiteModel:
    path = base / model.path if model.path is not None else None
    others = {k: base / v for k in ("built", "accuracy") if (v := getattr(model, k)) is not None}
    variants = {v: base / p for v, p in model.variants.items()}
    outputs = rebase_outputs(model.outputs, base)
    return model.model_copy(update={"path": path, "variants": variants, "outputs": outputs, **others})


def rebase_outputs(outputs: SuiteOutputs | None, base: Path) -> SuiteOutputs | None:
    if outputs is None or outputs.inputs is None:
        return outputs
    return outputs.model_copy(update={"inputs": base / outputs.inputs})
