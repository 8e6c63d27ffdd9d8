"""What the host's CPU makes of a model and its inputs, in a process of its own: a model may crash the interpreter.

`python -m harness.accuracy.reference` reads a request from standard input and writes the outputs to a file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_PACKAGE_ROOT = Path(__file__).parents[2]
#: Real seconds after which a model counts as one that never ends.
_DEADLINE_S = 300.0


class HostRefusal(Exception):
    """The host cannot run the model; the text is one sentence."""


def host_outputs(
    model: Path, samples: Sequence[Sequence[Array]], target: Path, deadline_s: float = _DEADLINE_S
) -> list[list[Array]]:
    """The outputs for each sample, in the order of the model's outputs, as stored.

    LiteRT's interpreter as shipped, one thread, each sample on an interpreter of its own: state that a model keeps
    starts anew, as it does in a fresh process on the phone.

    Args:
        samples: an array an input, in the model's order; sizes that are free in the model are theirs.
        target: .npz file that keeps the outputs, by `SAMPLE/OUTPUT`.

    Raises:
        HostRefusal: it refuses, crashes or does not end.
        OSError: the target cannot be written.
    """
    given = target.with_suffix(".in.npz")
    np.savez(given, **{f"{k}/{i}": array for k, sample in enumerate(samples) for i, array in enumerate(sample)})  # type: ignore[arg-type]
    request = {"model": str(model), "given": str(given), "target": str(target), "samples": len(samples)}
    path = os.pathsep.join([str(_PACKAGE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    try:
        done = subprocess.run(
            [sys.executable, "-m", "harness.accuracy.reference"],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=deadline_s,
            env={**os.environ, "PYTHONPATH": path},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise HostRefusal(f"the host did not finish this model in {deadline_s:g} s") from None
    finally:
        given.unlink(missing_ok=True)
    if done.returncode < 0:
        raise HostRefusal(f"the host's interpreter crashes on this model (signal {-done.returncode})")
    if done.returncode:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise HostRefusal(f"the host cannot run this model: {last[-1] if last else 'no reason was given'}")
    with np.load(target, allow_pickle=False) as found:
        count = len({name.split("/")[1] for name in found.files})
        return [[found[f"{k}/{j}"] for j in range(count)] for k in range(len(samples))]


def _work(request: dict[str, Any]) -> None:
    from ai_edge_litert.interpreter import Interpreter

    outputs = {}
    with np.load(request["given"], allow_pickle=False) as given:
        for k in range(request["samples"]):
            interpreter = Interpreter(model_path=request["model"], num_threads=1)
            details = interpreter.get_input_details()
            for i, detail in enumerate(details):
                interpreter.resize_tensor_input(detail["index"], given[f"{k}/{i}"].shape)
            interpreter.allocate_tensors()
            for i, detail in enumerate(details):
                interpreter.set_tensor(detail["index"], given[f"{k}/{i}"])
            interpreter.invoke()
            for j, detail in enumerate(interpreter.get_output_details()):
                outputs[f"{k}/{j}"] = interpreter.get_tensor(detail["index"])
    part = Path(request["target"]).with_suffix(".part.npz")
    np.savez(part, **outputs)
    part.replace(request["target"])


def main() -> int:
    """Answer one request; 1 where the interpreter refuses, with its words on standard error."""
    try:
        _work(json.load(sys.stdin))
    except (RuntimeError, ValueError, TypeError) as error:
        # The interpreter runs its messages together; the first sentence says what is wrong.
        print(" ".join(str(error).split()).split(". ")[0], file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
