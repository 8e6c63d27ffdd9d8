"""How fast an int8 image classifier is evaluated, against a plain loop over the interpreter in this process.

Prints both times, their ratio and the number of cores, which the ratio should reach. The loop quantizes each image and
keeps the class; the evaluation starts its workers, scores and makes intervals.

Usage: python -m tests.speed.evaluate [EXAMPLES]
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from harness.accuracy.dataset import Dataset
from harness.accuracy.evaluate import evaluate
from harness.accuracy.metrics import make_metric
from harness.variants.evaluation import MetricSpec
from tests.racks import MODELS

MODEL = MODELS / "digits_int8.tflite"


def plain(data: Dataset) -> None:
    """The loop that anybody would write."""
    interpreter = Interpreter(str(MODEL), num_threads=1)
    interpreter.allocate_tensors()
    (into,), (out,) = interpreter.get_input_details(), interpreter.get_output_details()
    scale, zero = into["quantization"]
    right = 0
    assert data.labels is not None
    for image, label in zip(data.inputs["image"], data.labels, strict=True):
        stored = np.clip(np.rint(image / scale) + zero, -128, 127).astype(np.int8)
        interpreter.set_tensor(into["index"], stored[None])
        interpreter.invoke()
        right += int(interpreter.get_tensor(out["index"])[0].argmax() == label)


def evaluated(data: Dataset) -> None:
    """What `harness variants evaluate` does."""
    evaluate([MODEL], data, make_metric(MetricSpec(name="top1")))


def seconds(work: Callable[[Dataset], None], data: Dataset) -> float:
    """Wall time."""
    start = time.perf_counter()
    work(data)
    return time.perf_counter() - start


def main() -> None:
    """The best of three turns each, in turn."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    rng = np.random.default_rng(0)
    images = rng.uniform(0, 1, (count, 64, 64, 1)).astype(np.float32)
    data = Dataset("random", {"image": images}, rng.integers(0, 10, count))
    turns = [(seconds(plain, data), seconds(evaluated, data)) for _ in range(3)]
    loop, ours = (min(column) for column in zip(*turns, strict=True))
    print(f"{count} examples of {MODEL.name}: plain loop {loop:.2f} s, evaluate {ours:.2f} s")
    print(f"ratio {loop / ours:.2f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
