"""The flags about inputs: names, shapes, ranges and files, with the program's ways to refuse them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.virtual.bench.flags import Parsed
from harness.virtual.bench.graph import Graph

_UNKNOWN_SIZE = "Any unknown sizes in the shapes (-1's) must be replaced with the size you want to benchmark with."


class InputsError(Exception):
    """The program ends with 1; the text follows `ERROR: `."""


class InputsAbort(Exception):
    """The program aborts; the text follows `FATAL: `."""


@dataclass(frozen=True)
class Inputs:
    """What the flags say, by input name. `files` are paths as they were given."""

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    files: dict[str, str]
    ranges: dict[str, tuple[int, int]]

    def against(self, graph: Graph) -> Iterator[str]:
        """Hold them against a model; warnings come back.

        Raises:
            InputsAbort: another number of inputs.
            InputsError: another number of dimensions.
        """
        if self.names and len(self.names) != len(graph.inputs):
            raise InputsAbort(f"Inputs mismatch: Model inputs #:{len(self.names)} expected: {len(graph.inputs)}")
        for position, (name, shape) in enumerate(zip(self.names, self.shapes, strict=True)):
            tensor = graph.tensors[graph.inputs[position]]
            if tensor.name != name:
                yield f"Tensor # {graph.inputs[position]} is named {tensor.name} but flags call it {name}"
            if len(tensor.shape) != len(shape):
                raise InputsError(f"Input tensor #{graph.inputs[position]} should have {len(tensor.shape)} dimensions!")

    def check_files(self, graph: Graph, path: Callable[[str], Path]) -> dict[str, Path]:
        """The files by input, as `path` finds them.

        Raises:
            InputsAbort: one is missing or of another size than its input.
        """
        found = {}
        for name, given in self.files.items():
            try:
                found[name] = path(given)
                have = len(found[name].read_bytes())
            except OSError:
                raise InputsAbort(f"Failed to read the input_layer_value_file:{given}") from None
            want = graph.tensors[graph.inputs[self.names.index(name)]].bytes
            if want != have:
                raise InputsAbort(f"The size of {given} is {have} bytes. It should be {want} bytes.")
        return found


def read_inputs(flags: Parsed) -> Inputs:
    """Read the input flags, before any model is looked at.

    Raises:
        InputsError: a size of -1.
        InputsAbort: they do not fit together.
    """
    layer, text = flags["input_layer"], flags["input_layer_shape"]
    names = tuple(n for n in layer.split(",") if n)
    shapes = tuple(_shape(item) for item in text.split(":") if item)
    if len(names) != len(shapes):
        raise InputsAbort(
            f"The number of items in --input_layer_shape ({text}, with {len(shapes)} items) should match the number of "
            f"items in --input_layer ({layer}, with {len(names)} items). For example --input_layer=input1,input2 "
            "--input_layer_shape=1,224,224,4:1,20"
        )
    if any(d < 0 for shape in shapes for d in shape):
        raise InputsError(_UNKNOWN_SIZE)
    ranges = {}
    for item in filter(None, flags["input_layer_value_range"].split(":")):
        parts = item.split(",")
        if len(parts) != 3 or not all(re.fullmatch(r"-?\d+", p) for p in parts[1:]):
            raise InputsAbort(f"Wrong input value range item specified: {item}")
        low, high = int(parts[1]), int(parts[2])
        ranges[_known(parts[0], names, layer)] = (min(low, high), max(low, high))
    files = {}
    for item in filter(None, flags["input_layer_value_files"].split(",")):
        # A colon inside a name or a path is written twice.
        parts = [p.replace("::", ":") for p in re.split(r"(?<!:):(?!:)", item)]
        if len(parts) != 2:
            raise InputsAbort(f"Wrong input value file item specified: {item}")
        files[_known(parts[0], names, layer)] = parts[1]
    return Inputs(names, shapes, files, ranges)


def _known(name: str, names: tuple[str, ...], layer: str) -> str:
    if name not in names:
        raise InputsAbort(f"Cannot find the corresponding input_layer name({name}) in --input_layer as {layer}")
    return name


def _shape(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(n) for n in text.split(",") if n)
    except ValueError:
        raise InputsAbort(f"Incorrect size string specified: {text}") from None
