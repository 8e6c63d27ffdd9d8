"""Runs one model over many examples on this machine, in worker processes."""

from __future__ import annotations

import importlib.util
import itertools
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness.accuracy.dataset import Dataset
from harness.accuracy.feeds import Feed, output_names, plan_feeds, takes_stored
from harness.accuracy.pool import Pool, WorkerDied
from harness.errors import EnvironmentFault, HarnessError
from harness.variants.dataset import Array
from harness.variants.model_file import ModelInfo, read_model_file

#: Outputs by name, in the model's order: an array whose first dimension counts the examples, or a list of one array an
#: example where their shapes differ. Quantized outputs are real values already.
Outputs = dict[str, Array | list[Array]]
#: Larger batches than these gain nothing: calls of more work than this are dominated by the work (measured: a model of
#: 60 million multiplications takes as long an example alone as in batches of 4 to 32).
_BATCH, _BATCH_MACS = 32, 60_000_000
#: Requests a worker, so that all of them end at about the same time; and no smaller than this many calls.
_REQUESTS, _LEAST = 4, 16


_FLEX = (
    "TensorFlow packages differ in whether they hold the Flex delegate (2.21 does not); a phone runs it with plus-flex"
)


class ModelFailed(HarnessError):
    """The interpreter of this machine refuses the model, or crashed in it."""


@dataclass(frozen=True)
class Ran:
    """One model over a dataset.

    Attributes:
        host_ms: median milliseconds of one example inside the interpreter, one thread, while all cores work. A figure
            of this machine, to compare variants by; it says nothing of a phone.
        batch: examples a call.
        clipped_pct: share of the input values that the input's type could not hold; None where nothing is quantized.
    """

    outputs: Outputs
    host_ms: float
    batch: int
    clipped_pct: float | None


def run_model(path: Path, inputs: Mapping[str, Array] | Dataset) -> Outputs:
    """What a model computes for examples; for one model by itself, see `run_in` for several.

    Args:
        inputs: arrays by input name whose first dimension counts the examples; the name does not matter where there is
            one. Real values: they are quantized where the model asks for it, except that integers of the model's own
            type are stored values.

    Raises:
        UsageError: the model cannot be read, or the inputs do not fit.
        EnvironmentFault: it needs TensorFlow's operators, and TensorFlow is not installed.
        ModelFailed: the interpreter refuses it or crashed.
    """
    data = inputs if isinstance(inputs, Dataset) else Dataset("the inputs", inputs)
    model = read_model_file(path)
    with Pool() as pool:
        return run_in(pool, path, model, data, stored=takes_stored([model], data)).outputs


def run_in(
    pool: Pool,
    path: Path,
    model: ModelInfo,
    data: Dataset,
    *,
    stored: bool,
    on_share: Callable[[float], None] = lambda _: None,
) -> Ran:
    """Run a model over all examples on every core.

    Batches are used where the model's work is small, and only if the first examples then give the outputs that they
    give alone.

    Args:
        stored: integers of the dataset are stored values (see `takes_stored`).
        on_share: told the share of the examples that is done, from several threads.

    Raises:
        As `run_model`.
    """
    if model.needs_flex and importlib.util.find_spec("tensorflow") is None:
        raise EnvironmentFault(
            f"{path} needs TensorFlow's own operators, and TensorFlow is not installed",
            advice="pip install 'phone-rack-harness[models]'",
        )
    feeds = plan_feeds(model, data, stored=stored)
    request = {
        "model": str(path.absolute()),
        "flex": model.needs_flex,
        "feeds": [_stored_feed(pool, feed, data) for feed in feeds],
    }
    batch = _batch(pool, request, model, feeds, data.count)
    bounds = _bounds(data.count, batch, pool.workers)
    requests = [
        {**request, "do": "run", "start": a, "stop": b, "batch": batch, "out": str(pool.scratch / f"{a}.npz")}
        for a, b in itertools.pairwise(bounds)
    ]
    done = [0] * len(requests)

    def heard(place: int) -> None:
        done[place] = bounds[place + 1] - bounds[place]
        on_share(sum(done) / data.count)

    try:
        answers = pool.ask_all(requests, heard)
    except WorkerDied as died:
        raise ModelFailed(f"{path}: {died}", advice="see whether harness bench runs it on a phone") from None
    for answer in answers:
        if "error" in answer:
            raise ModelFailed(f"{path}: {answer['error']}", advice=_FLEX if model.needs_flex else "")
    values = sum(a["values"] for a in answers)
    quantized = not stored and any(model.graphs[0].tensors[i].quantization for i in model.graphs[0].inputs)
    return Ran(
        _outputs(requests, output_names(model)),
        statistics.median(ms for a in answers for ms in a["ms"]),
        batch,
        100 * sum(a["clipped"] for a in answers) / values if quantized and values else None,
    )


def _stored_feed(pool: Pool, feed: Feed, data: Dataset) -> dict[str, Any]:
    place = list(data.inputs).index(feed.array)
    lengths = _stored(pool, f"lengths{place}", data.lengths[feed.array]) if feed.cut else None
    file = _stored(pool, f"input{place}", data.inputs[feed.array])
    return {"file": file, "lengths": lengths, "batched": feed.batched, "stored": feed.stored}


def _stored(pool: Pool, name: str, array: Array) -> str:
    """The array as a file that workers map; written once a dataset."""
    mapped = getattr(array, "filename", None)
    if isinstance(array, np.memmap) and mapped and array.base is None:
        return str(mapped)
    path = pool.scratch / f"{name}-{id(array)}.npy"
    if not path.exists():
        np.save(path, array)
    return str(path)


def _batch(pool: Pool, request: dict[str, Any], model: ModelInfo, feeds: Sequence[Feed], count: int) -> int:
    batch = min(_BATCH, count, _BATCH_MACS // max(1, model.macs))
    if batch < 2 or not all(feed.batched for feed in feeds):
        return 1
    try:
        answer = pool.ask({**request, "do": "try", "stop": count, "batch": batch})
    except WorkerDied:  # many a model breaks where its batch is changed; alone it may run
        return 1
    return batch if answer.get("same") else 1


def _bounds(count: int, batch: int, workers: int) -> list[int]:
    share = max(_LEAST * batch, -(-count // (workers * _REQUESTS)))
    share = -(-share // batch) * batch
    return [*range(0, count, share), count]


def _outputs(requests: Sequence[dict[str, Any]], names: Sequence[str]) -> Outputs:
    columns: list[list[Array]] = [[] for _ in names]
    for request in requests:
        with np.load(request["out"]) as found:
            for place, column in enumerate(columns):
                if str(place) in found:
                    column.extend(found[str(place)])
                else:
                    column.extend(found[f"{place}/{e}"] for e in range(request["start"], request["stop"]))
        Path(request["out"]).unlink()
    return {name: _joined(column) for name, column in zip(names, columns, strict=True)}


def _joined(column: list[Array]) -> Array | list[Array]:
    alike = len({value.shape for value in column}) == 1
    return np.stack(column) if alike else column
