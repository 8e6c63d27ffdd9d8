"""Prepares what a run needs to check phones' outputs, and judges what they wrote.

In the run folder, `outputs/MODEL/` (first letters of the model's sha256) holds `in-SAMPLE-INPUT.bin`, the bytes that
the phones got, and `reference.npz`, what the host's CPU made of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.accuracy.agreement import Difference, Output, compare, value_range
from harness.accuracy.asked import Asked
from harness.accuracy.reference import HostRefusal, host_outputs
from harness.accuracy.tolerance import Arithmetic, Tolerance, arithmetic, default_tolerance, with_own
from harness.benchmark.outputs import InputFile, input_name
from harness.benchmark.work import ModelFile, PlannedSession
from harness.errors import HostError
from harness.records import Agreement
from harness.variants.model_file import ModelInfo, read_model_file

Array = npt.NDArray[Any]

_NAMED = re.compile(r"Tensor # \d+ is named (.*) but flags call it (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class _Model:
    asked: Asked
    files: list[list[InputFile]]
    names: list[str]
    outputs: list[Output]
    kind: Arithmetic
    host: list[list[Array]]
    reason: str | None

    def spans(self) -> list[float]:
        return [value_range(o, [sample[j] for sample in self.host]) for j, o in enumerate(self.outputs)]


class OutputChecks:
    """Everything that is known before phones run; `judge` may be called from several threads.

    Args:
        folder: the run folder.
        models: those of `asked` are prepared: inputs written, the host's outputs computed.
        extra_args: flags that the user gives the program; some allow half precision.

    Raises:
        HostError: the disk refuses.
    """

    def __init__(
        self, folder: Path, models: Sequence[ModelFile], asked: Mapping[str, Asked], extra_args: Sequence[str] = ()
    ) -> None:
        self._half = any("fp16" in arg and arg.endswith(("=true", "=1")) for arg in extra_args)
        self._models: dict[str, _Model] = {}
        for model in models:
            if model.sha256 in asked and model.sha256 not in self._models:
                place = folder / "outputs" / model.sha256[:12]
                self._models[model.sha256] = _prepare(place, model, asked[model.sha256])
        self._spans = {digest: model.spans() for digest, model in self._models.items()}

    def source(self, model: ModelFile) -> str:
        """Where the inputs come from, in words."""
        return self._models[model.sha256].asked.source

    def reasons(self) -> dict[str, str]:
        """Model sha256 to why it cannot be checked anywhere, for those that cannot."""
        return {digest: m.reason for digest, m in self._models.items() if m.reason is not None}

    def inputs(self, model: ModelFile, sample: int) -> Sequence[InputFile] | str:
        """The files of one sample in the order of the model's inputs, or why it cannot be checked."""
        found = self._models[model.sha256]
        return found.reason if found.reason is not None else found.files[sample]

    def judge(self, session: PlannedSession, output: Path, log: str) -> Agreement:
        """Hold the file that the program wrote against the host's outputs; `log` is what the program printed."""
        model, sample = self._models[session.model.sha256], session.sample or 0
        source = model.asked.source
        reason = model.reason or _other_order(model, log)
        try:
            data = output.read_bytes()
        except OSError:
            reason = reason or "the program wrote no outputs"
        if reason is not None or not data:
            return Agreement(sample, source, reason=reason or "the program wrote an empty file of outputs")
        parts = split(data, model.host[sample])
        if parts is None:
            have, want = len(data), sum(array.nbytes for array in model.host[sample])
            text = f"the outputs have {have} bytes, and the host's {want}"
            return Agreement(sample, source, "wrong", text, ("size",))
        return self._compare(session, model, parts, sample)

    def _compare(self, session: PlannedSession, model: _Model, parts: list[Array], sample: int) -> Agreement:
        spans = self._spans[session.model.sha256]
        limits = [self._tolerance(session, model, output) for output in model.outputs]
        found = _compare_all(model.outputs, parts, model.host[sample], spans, limits)
        worst = max(range(len(found)), key=lambda j: found[j].excess)
        wrong = found[worst].wrong  # whatever is wrong exceeds what is not
        signs = {sign for difference in found for sign in difference.signs}
        if wrong is not None:
            for other, host in enumerate(model.host):
                if other != sample and all(
                    d.wrong is None for d in _compare_all(model.outputs, parts, host, spans, limits)
                ):
                    wrong, signs = f"it is the output of input {other}", signs | {"stale"}
                    break
        classes = [d.top1 for d in found if d.top1 is not None]
        return Agreement(
            input=sample,
            source=model.asked.source,
            verdict="wrong" if wrong else "agrees",
            reason=wrong,
            signs=tuple(sorted(signs)),
            max_abs_error=_most(d.max_abs for d in found),
            mean_abs_error=_most(d.mean_abs for d in found),
            error_pct=_most(d.pct for d in found),
            error_steps=_most(d.steps for d in found),
            cosine=min((d.cosine for d in found if d.cosine is not None), default=None),
            top1=all(classes) if classes else None,
            tolerance=limits[worst].words(on_grid=model.outputs[worst].step is not None),
        )

    def _tolerance(self, session: PlannedSession, model: _Model, output: Output) -> Tolerance:
        key, wanted = session.key, model.asked.wanted
        on_grid = output.step is not None
        table = default_tolerance(model.kind, key.delegate, key.options, on_grid=on_grid, half=self._half)
        return with_own(table, error_pct=wanted.error_pct, steps=wanted.steps, cosine_min=wanted.cosine_min)


def split(data: bytes, like: Sequence[Array]) -> list[Array] | None:
    """Raw outputs, one after the other without a header, as arrays like these; None where the sizes do not match."""
    if len(data) != sum(array.nbytes for array in like):
        return None
    parts, offset = [], 0
    for array in like:
        # The phone's ABIs are all little-endian, as are the hosts that LiteRT is built for.
        parts.append(np.frombuffer(data, array.dtype, array.size, offset).reshape(array.shape))
        offset += array.nbytes
    return parts


def _compare_all(
    outputs: Sequence[Output],
    parts: Sequence[Array],
    host: Sequence[Array],
    spans: Sequence[float],
    limits: Sequence[Tolerance],
) -> list[Difference]:
    if any(a.shape != b.shape for a, b in zip(parts, host, strict=True)):
        return [Difference("of another shape", float("inf"))]
    return [compare(*each) for each in zip(outputs, parts, host, spans, limits, strict=True)]


def _most(values: Any) -> float | None:
    return max((v for v in values if v is not None), default=None)


def _other_order(model: _Model, log: str) -> str | None:
    """The program says how the model calls the tensor that it gave each of our values to."""
    called = {flag: tensor for tensor, flag in _NAMED.findall(log)}
    for place, name in enumerate(model.names):
        if called.get(input_name(place), name) != name:
            return f"the program gave the value of input {name!r} to {called[input_name(place)]!r}"
    return None


def _prepare(place: Path, model: ModelFile, asked: Asked) -> _Model:
    if asked.reason is not None:
        return _Model(asked, [], [], [], "float", [], asked.reason)
    info = read_model_file(model.path)
    graph = info.graphs[0]
    names = [graph.tensors[t].name for t in graph.inputs]
    kind = arithmetic(info)
    target = place / "reference.npz"
    try:
        files = _write_inputs(place, asked.samples)
        host = host_outputs(model.path, asked.samples, target)
    except HostRefusal as error:
        return _Model(asked, [], names, [], kind, [], str(error))
    except OSError as error:
        raise HostError(f"{place} cannot be written: {error.strerror}", advice="make room on the disk") from error
    outputs = _outputs(info, host[0])
    for k, sample in enumerate(host):
        if any(a.size and a.dtype.kind == "f" and not np.isfinite(a).any() for a in sample):
            return _Model(asked, [], names, [], kind, [], f"the host's own output for input {k} holds no number")
    return _Model(asked, files, names, outputs, kind, host, None)


def _write_inputs(place: Path, samples: Sequence[Sequence[Array]]) -> list[list[InputFile]]:
    place.mkdir(parents=True, exist_ok=True)
    files = []
    for k, sample in enumerate(samples):
        row = []
        for i, array in enumerate(sample):
            path = place / f"in-{k}-{i}.bin"
            path.write_bytes(array.tobytes())
            row.append(InputFile(path, array.shape))
        files.append(row)
    return files


def _outputs(info: ModelInfo, host: Sequence[Array]) -> list[Output]:
    graph = info.graphs[0]
    made_by = {t: op for op in graph.ops for t in op.outputs}
    found = []
    for number, array in zip(graph.outputs, host, strict=True):
        tensor = graph.tensors[number]
        own = tensor.quantization
        behind = made_by.get(number)
        grid = own
        if own is None and behind is not None and behind.op == "DEQUANTIZE":
            grid = graph.tensors[behind.inputs[0]].quantization
        per_tensor = own is not None and own.axis is None
        found.append(
            Output(
                tensor.name,
                array.shape,
                array.dtype.name,
                own.scale[0] if own is not None and per_tensor and array.dtype.kind in "iu" else None,
                own.zero_point[0] if own is not None and per_tensor and own.zero_point else 0,
                grid.scale[0] if grid is not None and grid.axis is None else None,
            )
        )
    return found
