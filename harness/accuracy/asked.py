"""Which models' outputs are checked, and on which inputs: read and held against the models before any phone is used."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from harness.accuracy.inputs import given_inputs, input_specs, random_inputs
from harness.benchmark.work import ModelFile, OutputsWanted
from harness.errors import UsageError
from harness.records import RANDOM_INPUTS
from harness.variants.dataset import read_npz
from harness.variants.model_file import read_model_file

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Asked:
    """What is to be checked of one model: its inputs, or the reason why there are none."""

    wanted: OutputsWanted
    samples: list[list[Array]] = field(default_factory=list)
    source: str = RANDOM_INPUTS
    reason: str | None = None

    def meta(self) -> dict[str, Any]:
        """As run.json keeps it: what was asked, and the inputs by content, so that a resume is of the same ones."""
        digest = hashlib.sha256(b"".join(a.tobytes() for sample in self.samples for a in sample)).hexdigest()
        limits = {k: getattr(self.wanted, k) for k in ("error_pct", "steps", "cosine_min")}
        return {"source": self.source, "samples": self.count, "sha256": digest, "tolerance": limits}

    @property
    def count(self) -> int:
        """Sessions a condition; one where only a reason is to be recorded."""
        return len(self.samples) or 1


def read_asked(wanted: Mapping[str, OutputsWanted], models: Sequence[ModelFile]) -> dict[str, Asked]:
    """By the sha256 of each model that is asked for.

    Args:
        wanted: model name to what its suite says.

    Raises:
        UsageError: a file of inputs is missing or does not fit its model.
    """
    arrays = {w.inputs: read_npz(w.inputs) for w in wanted.values() if w.inputs is not None}
    found: dict[str, Asked] = {}
    for model in models:
        if model.name in wanted and model.sha256 not in found:
            asked = wanted[model.name]
            given = arrays[asked.inputs] if asked.inputs is not None else None
            found[model.sha256] = _ask(model, asked, given)
    return found


def _ask(model: ModelFile, wanted: OutputsWanted, arrays: Mapping[str, Array] | None) -> Asked:
    source = wanted.inputs.name if wanted.inputs is not None else RANDOM_INPUTS
    try:
        specs = input_specs(read_model_file(model.path))
    except UsageError as error:
        # Whether a damaged model runs is what its sessions find out.
        return Asked(wanted, source=source, reason=error.message)
    if arrays is None or wanted.inputs is None:
        return Asked(wanted, random_inputs(specs, wanted.samples))
    where = f"{wanted.inputs} for model {model.name} {model.variant}".rstrip()
    return Asked(wanted, given_inputs(arrays, specs, wanted.samples, where), source)
