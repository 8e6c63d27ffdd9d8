"""Why a quantized model is less accurate than its float one: all that is found out by running the two."""

from __future__ import annotations

import dataclasses
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.accuracy.dataset import Dataset
from harness.accuracy.evaluate import Evaluated, evaluate
from harness.accuracy.metrics import Metric, OwnFunction
from harness.accuracy.runner import run_model
from harness.explain.distance import finite
from harness.explain.layers import LayerError, measure
from harness.explain.pair import Pair, pair_up
from harness.explain.propose import Search, rank, search
from harness.explain.ranges import Seen, compare, look, outside
from harness.explain.running import Program, examples_of
from harness.explain.simulate import mixed
from harness.variants.dataset import Array
from harness.variants.flatbuffer import read_object, write_object
from harness.variants.model_file import ModelInfo, read_model_file

#: Told what is being done and the share of it that is done.
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Task:
    """What to explain, and by what.

    Attributes:
        whole, quantized: files of the float model and of the quantized one.
        data: examples to judge by.
        max_drop: largest drop that is accepted, in the metric's unit.
        calibration: what the quantized model was calibrated with; None where that is not known.
        examples: so many are run layer by layer, from the beginning.
    """

    whole: Path
    quantized: Path
    data: Dataset
    metric: Metric
    max_drop: float
    calibration: Dataset | None = None
    examples: int = 32


@dataclass(frozen=True)
class Found:
    """What was found out.

    Attributes:
        judged: the float model, the quantized one.
        errors: in the graph's order.
        simulated: score of the simulation of the quantized model, to be held against the real one's.
        ranges, beyond: see `ranges.compare` and `ranges.outside`.
        task: with labels: without any, the float model's answers are the right ones.
    """

    task: Task
    pair: Pair
    judged: tuple[Evaluated, Evaluated]
    errors: list[LayerError]
    search: Search
    simulated: float
    ranges: list[dict[str, Any]]
    beyond: list[dict[str, Any]] | None

    @property
    def fell(self) -> bool:
        """Whether the accuracy fell by more than is accepted."""
        return self.judged[1].fails

    @property
    def sign(self) -> float:
        """What turns a score of the search into a figure of the metric, and back."""
        return 1.0 if self.task.metric.higher_is_better else -1.0

    @property
    def ranked(self) -> list[LayerError]:
        """Layers with a part in the loss, the worst first."""
        return rank(self.errors)

    def kept(self) -> list[str]:
        """Names of the layers that the proposal keeps, in the graph's order."""
        return [layer.name for layer in self.pair.layers if layer.index in self.search.keep]


def find_out(task: Task, progress: Progress = lambda _what, _share: None) -> Found:
    """Run both models, each layer by itself, and simulated mixtures.

    Raises:
        UsageError: the models are no pair, or the data do not fit.
        ModelFailed: the interpreter refuses one of them.
    """
    whole, quantized = read_model_file(task.whole), read_model_file(task.quantized)
    pair = pair_up(whole, quantized)
    if task.data.labels is None and not isinstance(task.metric, OwnFunction):
        labels = task.metric.as_labels(run_model(task.whole, task.data))
        task = dataclasses.replace(task, data=dataclasses.replace(task.data, labels=labels))
    both = evaluate(
        [task.whole, task.quantized], task.data, task.metric, task.whole, max_drop=task.max_drop,
        names=["float", "quantized"], on_share=lambda name, share: progress(f"evaluating {name}", share),
    )  # fmt: skip
    # Layers are tried out in changed copies, so it must be one that can be written again.
    content = write_object(read_object(task.whole))
    errors = measure(
        content, task.quantized.read_bytes(), pair, examples_of(whole, task.data, task.examples),
        on_layer=lambda done, total: progress("layers one by one", done / total),
    )  # fmt: skip
    score = _Simulator(task, pair, content, progress)
    best = score.sign * (both[0].scores.value if both[0].scores else 0.0)
    found = search(pair, rank(errors), score, best - task.max_drop)
    progress("ranges", 0.0)
    seen = _seen(content, pair, whole, task.calibration) if task.calibration else None
    met = _seen(content, pair, whole, task.data)
    return Found(
        task, pair, (both[0], both[1]), errors, found, score.sign * found.steps[0].score,
        compare(pair, seen, met), outside(seen, met) if seen else None,
    )  # fmt: skip


class _Simulator:
    """Scores of mixtures, larger being better."""

    def __init__(self, task: Task, pair: Pair, content: bytes, progress: Progress) -> None:
        self.sign = 1.0 if task.metric.higher_is_better else -1.0
        self._task, self._pair, self._content, self._progress = task, pair, content, progress

    def __call__(self, keeps: Sequence[frozenset[int]]) -> list[float]:
        with tempfile.TemporaryDirectory(prefix="harness-explain-") as folder:
            paths = []
            for place, keep in enumerate(keeps):
                paths.append(Path(folder) / f"{place}.tflite")
                paths[-1].write_bytes(mixed(self._content, self._pair, keep))

            def said(name: str, share: float) -> None:
                self._progress("trying mixtures", (int(name) + share) / len(keeps))

            found = evaluate(paths, self._task.data, self._task.metric, on_share=said)
        values = [finite(e.scores.value) if e.scores is not None else None for e in found]
        return [-math.inf if value is None else self.sign * value for value in values]


def _seen(content: bytes, pair: Pair, model: ModelInfo, data: Dataset) -> dict[int, Seen]:
    tensors = list(pair.carriers)
    program = Program(content, every_tensor=True)

    def runs() -> Iterator[Mapping[int, Array]]:
        for values in program.run(examples_of(model, data, data.count), tensors):
            yield dict(zip(tensors, values, strict=True))

    return look(pair, runs())
