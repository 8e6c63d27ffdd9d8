"""How far a phone's outputs may lie from the host's before they are wrong: one table, with reasons. Pure.

The reference is the same file on the host's CPU, so what is allowed for is arithmetic alone: another order of sums,
half precision, another rounding of integers. What a broken driver computes (another layout, a buffer that was never
written) lies far beyond any of it, and what a variant loses against its original is no matter of this table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from harness.variants.model_file import GraphInfo, ModelInfo

#: How a model multiplies: in floats, integers, or floats with weights in integers (dynamic range).
Arithmetic = Literal["float", "hybrid", "integer"]

_INTEGERS = frozenset({"INT8", "UINT8", "INT16", "INT4", "UINT4", "INT2"})


@dataclass(frozen=True)
class Tolerance:
    """The largest error of a value: the larger of the two limits.

    Attributes:
        error_pct: share of the range of the host's outputs over all inputs; of integers without quantization, and of
            booleans, share of the values that may differ.
        steps: of the output's quantization, where it has one.
        reason: why so much.
        cosine_min: where the user asks for it; by default the largest error alone decides, since the cosine of a flat
            output follows the rounding.
    """

    error_pct: float
    steps: float
    reason: str
    cosine_min: float | None = None

    def words(self, *, on_grid: bool) -> str:
        """What is allowed, as in `13 steps or 5 % (integers …)`."""
        limit = f"{self.steps:g} steps or {self.error_pct:g} %" if on_grid and self.steps else f"{self.error_pct:g} %"
        angle = f", cosine {self.cosine_min:g}" if self.cosine_min is not None else ""
        return f"{limit}{angle} ({self.reason})"


#: Float32 kernels sum in another order on each instruction set: 1e-7 a sum, some 1e-5 after a hundred layers.
_EXACT = Tolerance(0.1, 0, "float32 on both sides, sums in another order")
#: GPUs compute exp, division and square root by shorter series than the CPU's.
_GPU_FLOAT32 = Tolerance(0.5, 0, "float32 on a GPU, whose functions are less exact than the CPU's")
#: Half precision rounds by 2^-11 = 0.05 %; after a hundred layers 0.5 % where errors cancel, 5 % where they add up.
_HALF = Tolerance(5.0, 0, "half precision, 0.05 % an operation")
#: The host's kernels round activations to 8 bits for weights in integers; who computes in floats does not.
_HYBRID = Tolerance(5.0, 0, "weights in integers, activations rounded to 8 bits on one side only")
#: Requantization rounds a half up or to even, by kernel: one step a layer, of which few reach the output.
_INTEGER = Tolerance(0.1, 3, "integers on both sides, rounded otherwise by a step")
#: GPU delegates compute quantized models in floats and round where a tensor was quantized; NNAPI's drivers may. As much
#: as for half precision: 13 of 255 steps are 5 %.
_INTEGER_AS_FLOAT = Tolerance(5.0, 13, "integers computed in floats by the delegate")
#: Behind a float operator the steps are no longer seen.
_INTEGER_OFF_GRID = Tolerance(5.0, 0, "integers inside, floats at the end: a step may be enlarged on the way")


def arithmetic(model: ModelInfo) -> Arithmetic:
    """How the operators that multiply do it; one in integers makes the whole model one of integers."""
    kinds = {_kind(graph, op.inputs) for graph in model.graphs for op in graph.ops if op.macs and len(op.inputs) > 1}
    return "integer" if "integer" in kinds else "hybrid" if "hybrid" in kinds else "float"


def _kind(graph: GraphInfo, inputs: tuple[int, ...]) -> Arithmetic:
    values, weights = (graph.tensors[t].type for t in inputs[:2])
    return "integer" if values in _INTEGERS else "hybrid" if weights in _INTEGERS else "float"


def default_tolerance(
    kind: Arithmetic, delegate: str, options: dict[str, str], *, on_grid: bool, half: bool = False
) -> Tolerance:
    """What the table allows.

    Args:
        delegate, options: as asked for.
        half: the program was told that half precision will do.
        on_grid: the output lies on a grid of quantization: it is quantized, or was just dequantized.
    """
    if kind == "hybrid":
        return _HYBRID
    if kind == "integer":
        if not on_grid:
            return _INTEGER_OFF_GRID
        return _INTEGER if delegate == "cpu" else _INTEGER_AS_FLOAT
    if delegate == "cpu":
        return _HALF if half else _EXACT
    # NNAPI and NPU drivers compute float32 in half precision where their unit knows nothing else.
    return _GPU_FLOAT32 if delegate == "gpu" and options.get("precision") == "fp32" else _HALF


def with_own(
    found: Tolerance, *, error_pct: float | None = None, steps: float | None = None, cosine_min: float | None = None
) -> Tolerance:
    """The table's tolerance with what the user asks for in its place."""
    own = {"error_pct": error_pct, "steps": steps, "cosine_min": cosine_min}
    given = {k: v for k, v in own.items() if v is not None}
    # A limit that is not named would let through what the named one forbids.
    rest = {"steps": 0.0} if "error_pct" in given else {"error_pct": 0.0} if "steps" in given else {}
    return replace(found, **{**rest, **given}, reason="as the suite asks") if given else found
