"""The flags about inputs: names, shapes, ranges and files, with the program's ways to refuse them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

from harness.virtual.bench.flags import Parsed
from harness.virtual.bench.graph import Graph
from harness.virtual.program import Call

_SIZES = {"FLOAT32": 4, "INT32": 4, "INT64": 8, "FLOAT16": 2, "INT16": 2}


class InputsError(Exception):
    """The program ends with 1; the text follows `ERROR: `."""


class InputsAbort(Exception):
    """The program aborts; the text follows `FATAL: `."""


@dataclass
class Inputs:
    """Files and integer ranges by input name; files are looked at only after initialisation, as the program does."""

    files: dict[str, Path] = field(default_factory=dict)
    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)

    def check_files(self) -> None:
        """Raise InputsAbort for a file that is missing or of another size."""
        for name, path in self.files.items():
            if not path.is_file():
                raise InputsAbort(f"Failed to read the input_layer_value_file:{self.named[name]}")
            want, have = self.bytes.get(name, 0), path.stat().st_size
            if want != have:
                raise InputsAbort(
                    f"The size of {self.named[name]} is {have} bytes while the input tensor {name} needs {want} bytes."
                )


def read_inputs(flags: Parsed, call: Call, *, graph: Graph | None = None, check_names_only: bool = False) -> Inputs:
    """Read the input flags.

    Raises:
        InputsError: shapes do not fit the model.
        InputsAbort: names do not fit together.
    """
    names = [n for n in flags["input_layer"].split(",") if n]
    found = Inputs()
    for item in filter(None, flags["input_layer_value_files"].split(",")):
        name, _, path = item.partition(":")
        if name not in names:
            raise InputsAbort(
                f"Cannot find the corresponding input_layer name({name}) in --input_layer as {flags['input_layer']}"
            )
        found.named[name] = path
        found.files[name] = call.path(path)
    for item in filter(None, flags["input_layer_value_range"].split(":")):
        name, low, high = item.rsplit(",", 2)
        found.ranges[name] = (int(low), int(high))
    if check_names_only or graph is None:
        return found
    if names and len(names) != len(graph.inputs):
        raise InputsAbort(f"Inputs mismatch: Model inputs #:{len(names)} expected: {len(graph.inputs)}")
    shapes = flags["input_layer_shape"].split(":") if flags["input_layer_shape"] else []
    for position, (index, text) in enumerate(zip(graph.inputs, shapes, strict=False)):
        shape = graph.tensors[index].shape
        if len(text.split(",")) != len(shape):
            raise InputsError(f"Input tensor #{position} should have {len(shape)} dimensions!")
    for name, index in zip(names, graph.inputs, strict=False):
        tensor = graph.tensors[index]
        found.bytes[name] = math.prod(tensor.shape) * _SIZES.get(tensor.kind, 1)
    return found
