"""Whether stages, one after the other, give what the whole gives: both run with LiteRT on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.variants.split.cut import Stage

Array = npt.NDArray[Any]
#: The same kernels on either side: LiteRT's own, and those of XNNPACK, which programs use on CPUs by default.
RESOLVERS = ("plain", "xnnpack")
_DRAWS = 3


class Runner:
    """A model that is ready to run.

    Args:
        xnnpack: with that delegate, as shipped; else with LiteRT's own kernels.

    Raises:
        RuntimeError, ValueError: LiteRT refuses the model.
    """

    def __init__(self, path: Path, *, xnnpack: bool) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        kind = OpResolverType.AUTO if xnnpack else OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        self._interpreter = Interpreter(model_path=str(path), experimental_op_resolver_type=kind, num_threads=1)
        self._interpreter.allocate_tensors()

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """LiteRT's details of each input, in the model's order."""
        details: list[dict[str, Any]] = self._interpreter.get_input_details()
        return details

    def __call__(self, values: Sequence[Array]) -> list[Array]:
        """Outputs for these inputs, both in the model's order; inputs are resized to the values' shapes."""
        changed = False
        for detail, value in zip(self.inputs, values, strict=True):
            if tuple(detail["shape"]) != np.shape(value):
                self._interpreter.resize_tensor_input(detail["index"], list(np.shape(value)))
                changed = True
        if changed:
            self._interpreter.allocate_tensors()
        for detail, value in zip(self.inputs, values, strict=True):
            self._interpreter.set_tensor(detail["index"], value)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(d["index"]) for d in self._interpreter.get_output_details()]


def compare(
    whole: Path,
    parts: Sequence[Path],
    stages: Sequence[Stage],
    graph_inputs: Sequence[int],
    graph_outputs: Sequence[int],
    given: Sequence[list[Array]] = (),
) -> dict[str, dict[str, Any]]:
    """Run whole and parts on the same inputs, all zeros and seeded random ones, and `given` ones.

    Args:
        given: further inputs, each an array an input of the model.

    Returns:
        By resolver: `inputs` (how many), `identical` (bit by bit, over all of them) and `max_difference` (the largest
        one of any output value); `identical` is None, with a `reason`, where LiteRT on this machine refuses.
    """
    found = {}
    for resolver in RESOLVERS:
        try:
            found[resolver] = _compare(whole, parts, stages, graph_inputs, graph_outputs, given, resolver == "xnnpack")
        except (RuntimeError, ValueError, TypeError) as error:
            reason = " ".join(str(error).split())[:300]
            found[resolver] = {"inputs": 0, "identical": None, "max_difference": None, "reason": reason}
    return found


def _compare(
    whole: Path,
    parts: Sequence[Path],
    stages: Sequence[Stage],
    graph_inputs: Sequence[int],
    graph_outputs: Sequence[int],
    given: Sequence[list[Array]],
    xnnpack: bool,
) -> dict[str, Any]:
    reference = Runner(whole, xnnpack=xnnpack)
    runners = [Runner(part, xnnpack=xnnpack) for part in parts]
    examples = [*draws(reference.inputs), *given]
    identical, most, ran, refusal = True, 0.0, 0, ""
    for example in examples:
        try:
            expected = reference(example)
        except (RuntimeError, ValueError) as error:  # an input that the model itself refuses says nothing of the split
            refusal = str(error)
            continue
        ran += 1
        held = dict(zip(graph_inputs, example, strict=True))
        for runner, stage in zip(runners, stages, strict=True):
            held.update(zip(stage.outputs, runner([held[t] for t in stage.inputs]), strict=True))
        for value, tensor in zip(expected, graph_outputs, strict=True):
            identical &= _same(value, held[tensor])
            most = max(most, _difference(value, held[tensor]))
    if not ran:
        raise ValueError(f"the model refuses every input: {refusal}")
    return {"inputs": ran, "identical": identical, "max_difference": most, "reason": None}


def draws(details: Sequence[dict[str, Any]]) -> list[list[Array]]:
    """Zeros, and random inputs from a fixed seed: floats in 0..1, small integers over their range, wide ones 0 or 1
    (so that they are valid places of any table)."""
    rng = np.random.default_rng(0)
    return [[np.zeros(d["shape"], d["dtype"]) if _plain(d) else _draw(d, rng) for d in details]] + [
        [_draw(d, rng) for d in details] for _ in range(_DRAWS)
    ]


def _plain(detail: dict[str, Any]) -> bool:
    return np.dtype(detail["dtype"]).kind in "fiubc"


def _draw(detail: dict[str, Any], rng: np.random.Generator) -> Array:
    dtype, shape = np.dtype(detail["dtype"]), tuple(int(n) for n in detail["shape"])
    if dtype.kind in "fc":
        return rng.random(shape).astype(dtype)
    if dtype.kind in "iu" and dtype.itemsize <= 2:
        limits = np.iinfo(dtype)
        return rng.integers(limits.min, limits.max, shape, endpoint=True).astype(dtype)
    if dtype.kind in "iub":
        return rng.integers(0, 2, shape).astype(dtype)
    return np.full(shape, b"a line of text", dtype=object)


def _same(a: Array, b: Array) -> bool:
    if a.dtype == object:
        return bool(np.array_equal(a, b))
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()


def _difference(a: Array, b: Array) -> float:
    if a.shape != b.shape or a.dtype.kind not in "fiub":
        return 0.0 if _same(a, b) else float("inf")
    if _same(a, b) or not a.size:
        return 0.0
    with np.errstate(invalid="ignore"):
        gaps = np.abs(a.astype(np.float64) - b.astype(np.float64))
    return float(np.inf if np.isnan(gaps).any() else gaps.max())
