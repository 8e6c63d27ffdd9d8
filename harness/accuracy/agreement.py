"""Compares a phone's outputs with the host's, element by element. Pure, numpy only.

Errors are of the values that the outputs stand for: quantized ones are dequantized first. Values where the host itself
gives no number are left out. NaN and Inf where the host has a number are wrong whatever is allowed; all-zero, constant
and stale outputs (those of another input) are named where the error is beyond what is allowed, as they explain it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.accuracy.tolerance import Tolerance

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Output:
    """One output of a model.

    Attributes:
        shape, dtype: as the host gives it; dtype as numpy calls it.
        scale, zero_point: of its own quantization; scale None where it has none.
        step: distance of two neighbouring values: its scale, or, of a float output, that of the tensor which was
            dequantized last; None where there is no such grid.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float | None = None
    zero_point: int = 0
    step: float | None = None

    @property
    def countable(self) -> bool:
        """Values that are equal or not, with no distance between: indices, counts, booleans."""
        return self.scale is None and np.dtype(self.dtype).kind in "iub"

    def values(self, stored: Array) -> Floats:
        """What the stored values stand for."""
        plain = stored.astype(np.float64)
        return plain if self.scale is None else (plain - self.zero_point) * self.scale


@dataclass(frozen=True)
class Difference:
    """One output for one input.

    Attributes:
        wrong: why it is wrong; None where it is within what is allowed.
        excess: the largest error as a multiple of what is allowed; infinite where nothing is.
        signs, max_abs, mean_abs, pct, steps, cosine, top1: see harness.records.Agreement; None where nothing could be
            compared.
    """

    wrong: str | None
    excess: float
    signs: tuple[str, ...] = ()
    max_abs: float | None = None
    mean_abs: float | None = None
    pct: float | None = None
    steps: float | None = None
    cosine: float | None = None
    top1: bool | None = None


def value_range(output: Output, references: Sequence[Array]) -> float:
    """Span of the host's values over all inputs; of a constant its size, and 1 where that is 0. Always above 0."""
    found = np.concatenate([output.values(r).ravel() for r in references]) if references else np.zeros(1)
    found = found[np.isfinite(found)]
    if not found.size:
        return 1.0
    span = float(found.max() - found.min())
    return span or float(np.abs(found).max()) or 1.0


def compare(output: Output, phone: Array, host: Array, span: float, tolerance: Tolerance) -> Difference:
    """Hold one output against the host's.

    Args:
        phone, host: stored values, of the same number.
        span: of `value_range`.
        tolerance: what is allowed.
    """
    ours, theirs = output.values(phone).ravel(), output.values(host).ravel()
    known = np.isfinite(theirs)
    strange = _strange(output, ours[known])
    if strange is not None:
        return strange
    ours, theirs = ours[known], theirs[known]
    if not theirs.size:
        return Difference(None, 0.0)
    errors = np.abs(ours - theirs)
    if output.countable:
        most, pct, allowed = float(errors.max()), 100 * float((errors > 0).mean()), tolerance.error_pct
        excess = _ratio(pct, allowed)
    else:
        most = float(errors.max())
        pct, allowed = 100 * most / span, max(tolerance.error_pct / 100 * span, tolerance.steps * (output.step or 0.0))
        excess = _ratio(most, allowed * (1 + 1e-6))  # so many steps are allowed, whatever the scale's rounding
    steps = most / output.step if output.step else None
    cosine = cosine_of(ours, theirs)
    signs = _signs(ours, theirs) if excess > 1 else ()
    wrong = _wrong(output, excess, pct, steps, signs, tolerance)
    if wrong is None and tolerance.cosine_min is not None and cosine < tolerance.cosine_min:
        wrong = f"output {output.name!r} has a cosine of {cosine:.4f}, and {tolerance.cosine_min:g} is asked for"
        excess = max(excess, 1 + tolerance.cosine_min - cosine)
    same = _same_class(ours, theirs) if _is_scores(output, known) else None
    return Difference(wrong, excess, signs, most, float(errors.mean()), pct, steps, cosine, same)


def cosine_of(a: Floats, b: Floats) -> float:
    """Cosine of two vectors, −1 to 1; 1 where both are all zero, 0 where one is."""
    # Scaled first: squares of very small or large values leave the range of float64.
    sizes = (float(np.abs(a).max(initial=0.0)), float(np.abs(b).max(initial=0.0)))
    if not all(sizes):
        return float(not any(sizes))
    x, y = a / sizes[0], b / sizes[1]
    return float(np.clip(x @ y / np.sqrt((x @ x) * (y @ y)), -1.0, 1.0))


def _strange(output: Output, ours: Floats) -> Difference | None:
    nan, inf = int(np.isnan(ours).sum()), int(np.isinf(ours).sum())
    if not nan and not inf:
        return None
    signs = tuple(name for name, count in (("nan", nan), ("inf", inf)) if count)
    counts = " and ".join(f"{word} in {n}" for word, n in (("NaN", nan), ("Inf", inf)) if n)
    return Difference(f"output {output.name!r} holds {counts} of {ours.size} values", float("inf"), signs)


def _signs(ours: Floats, theirs: Floats) -> tuple[str, ...]:
    found = []
    if not ours.any() and theirs.any():
        found.append("all_zero")
    if ours.size > 1 and np.ptp(ours) == 0 and np.ptp(theirs) > 0:
        found.append("constant")
    return tuple(found)


def _wrong(
    output: Output, excess: float, pct: float, steps: float | None, signs: tuple[str, ...], tolerance: Tolerance
) -> str | None:
    if excess <= 1:
        return None
    if signs:
        return f"output {output.name!r} is {'all zero' if 'all_zero' in signs else 'constant'}, and the host's is not"
    if output.countable:
        return f"{pct:.3g} % of the values of output {output.name!r} differ, and {tolerance.error_pct:g} % may"
    by = f"{pct:.3g} % of its range" + (f" ({steps:.3g} steps)" if steps is not None else "")
    return f"output {output.name!r} is off by {by}; allowed: {tolerance.words(on_grid=output.step is not None)}"


def _is_scores(output: Output, known: npt.NDArray[np.bool_]) -> bool:
    # One vector, whatever dimensions of 1 stand before it; all of it numbers.
    return not output.countable and known.size > 1 and output.shape[-1] == known.size and bool(known.all())


def _same_class(ours: Floats, theirs: Floats) -> bool:
    # Quantized scores are often equal: whoever shares the host's first place is as good as first.
    return bool(theirs[int(np.argmax(ours))] == theirs.max())


def _ratio(value: float, allowed: float) -> float:
    return 0.0 if value == 0 else value / allowed if allowed > 0 else float("inf")
