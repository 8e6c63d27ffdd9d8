"""How far one array is from another, summed up example by example, and rounding as a quantized tensor does it. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from harness.variants.dataset import Array
from harness.variants.model_file import Quantization

#: Smallest and largest stored value. Four bits and less are not simulated: no kernel stores activations so.
LIMITS = {"INT8": (-128, 127), "UINT8": (0, 255), "INT16": (-32768, 32767)}


def dequantize(stored: Array, found: Quantization) -> Array:
    """Stored whole numbers as float32, channel by channel where there is one scale a channel.

    Args:
        stored: in the tensor's shape.
    """
    scale, zero = (_along(np.asarray(v, np.float64), found.axis, stored.ndim) for v in (found.scale, found.zero_point))
    return ((stored.astype(np.float64) - zero) * scale).astype(np.float32)


def rounded(values: Array, found: Quantization, kind: str) -> Array:
    """`values` as a tensor of type `kind` gives them back: rounded to its steps, cut at its limits."""
    low, high = LIMITS[kind]
    scale, zero = found.scale[0], found.zero_point[0]
    return ((np.clip(np.rint(values / scale + zero), low, high) - zero) * scale).astype(np.float32)


def span(found: Quantization, kind: str) -> tuple[float, float]:
    """The smallest and the largest value that such a tensor holds."""
    low, high = LIMITS[kind]
    return (low - found.zero_point[0]) * found.scale[0], (high - found.zero_point[0]) * found.scale[0]


def finite(value: float | None) -> float | None:
    """For a document: None in place of what is no number."""
    return float(value) if value is not None and math.isfinite(value) else None


@dataclass
class Distance:
    """Between a reference and what stands for it, over any number of examples. No array is kept."""

    count: int = 0
    low: float = math.inf
    high: float = -math.inf
    _rr: float = field(default=0.0, repr=False)
    _oo: float = field(default=0.0, repr=False)
    _ro: float = field(default=0.0, repr=False)
    _ee: float = field(default=0.0, repr=False)

    def add(self, reference: Array, other: Array) -> None:
        """One more example, both of the same number of values."""
        r, o = reference.astype(np.float64).ravel(), other.astype(np.float64).ravel()
        if not r.size:
            return
        self.count += r.size
        self.low, self.high = min(self.low, float(r.min())), max(self.high, float(r.max()))
        self._rr += float(r @ r)
        self._oo += float(o @ o)
        self._ro += float(r @ o)
        self._ee += float((r - o) @ (r - o))

    @property
    def sqnr_db(self) -> float | None:
        """Signal to quantization noise, 10·log10(Σr² / Σ(r−o)²); None where one of the two is nothing."""
        return 10 * math.log10(self._rr / self._ee) if self._rr > 0 and self._ee > 0 else None

    @property
    def noise(self) -> float:
        """Σ(r−o)² / Σr²: 0 where they are equal; infinite where the reference is zero, or one of them no number."""
        if self._ee == 0:
            return 0.0
        return self._ee / self._rr if self._rr > 0 and math.isfinite(self._ee) else math.inf

    @property
    def rmse(self) -> float | None:
        """Root of the mean squared error, in the tensor's own unit."""
        return math.sqrt(self._ee / self.count) if self.count else None

    @property
    def rmse_of_range(self) -> float | None:
        """`rmse` over the reference's range; None where that is constant."""
        return self.rmse / (self.high - self.low) if self.rmse is not None and self.high > self.low else None

    @property
    def cosine(self) -> float | None:
        """Cosine of the angle between both; None where one is zero throughout."""
        return self._ro / math.sqrt(self._rr * self._oo) if self._rr > 0 and self._oo > 0 else None

    def as_dict(self) -> dict[str, float | None]:
        """Keys sqnr_db, rmse, rmse_of_range, cosine."""
        keys = ("sqnr_db", "rmse", "rmse_of_range", "cosine")
        return {key: None if (v := finite(getattr(self, key))) is None else float(f"{v:.6g}") for key in keys}


@dataclass
class ChannelWidths:
    """The range of each channel of a tensor, along its last dimension, over any number of examples."""

    low: Array | None = field(default=None, repr=False)
    high: Array | None = field(default=None, repr=False)

    def add(self, values: Array) -> None:
        """One more example; a tensor of another number of channels than before is passed over."""
        if values.ndim < 2 or not values.size:
            return
        flat = values.reshape(-1, values.shape[-1])
        low, high = flat.min(axis=0), flat.max(axis=0)
        if self.low is None or self.high is None:
            self.low, self.high = low, high
        elif self.low.shape == low.shape:
            self.low, self.high = np.minimum(self.low, low), np.maximum(self.high, high)

    @property
    def alive(self) -> int:
        """Channels that are not constant."""
        return 0 if self.low is None else int(np.count_nonzero(self.high - self.low > 0))

    def below(self, step: float) -> int:
        """Channels that are not constant, and narrower than `step`."""
        if self.low is None:
            return 0
        width = self.high - self.low
        return int(np.count_nonzero((width > 0) & (width < step)))


def channel_errors(reference: Array, other: Array, axis: int) -> list[float]:
    """RMSE over the channel's own largest weight, for each channel along `axis`; 0 for a channel of zeros."""
    r, o = (np.moveaxis(a.astype(np.float64), axis, 0).reshape(a.shape[axis], -1) for a in (reference, other))
    largest = np.abs(r).max(axis=1)
    error = np.sqrt(((r - o) ** 2).mean(axis=1))
    return [float(e / m) if m > 0 else 0.0 for e, m in zip(error, largest, strict=True)]


def _along(values: Array, axis: int | None, dimensions: int) -> Array:
    if axis is None or values.size == 1:
        return values.reshape(-1)[:1].reshape([1] * dimensions) if dimensions else values.reshape(-1)[0]
    return values.reshape([-1 if d == axis else 1 for d in range(dimensions)])
