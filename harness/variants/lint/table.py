"""What each delegate takes, read from tables/*.yaml: data with its source, one file a delegate."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, model_validator

from harness.variants.lint.condition import Condition, Strict
from harness.yaml_file import YamlFile

TABLES = Path(__file__).parent / "tables"


class Source(Strict):
    """Where a fact is from: a file of a public project at a version."""

    project: str
    path: str
    version: Annotated[str, Field(min_length=7)]
    says: Annotated[str, Field(min_length=8)]


class Entry(Strict):
    """Operators that are treated alike.

    Attributes:
        ops: builtins by the schema's names, or custom operators' own names where `custom`.
        versions: lowest and highest version of the operator that is taken; None is no limit. But not `not_versions`.
        inputs, outputs: types of tensors that are computed while running; None: they are not asked.
        needs: what must hold, or the node stays on the CPU.
        breaks: what must hold, or the delegate takes the node, cannot initialise it, and fails as a whole.
        since: the first SDK level of Android with it.
        verdict: `unknown` where only the phone's compiler knows, with `why`.
        source: keys of the table's sources.
    """

    ops: list[str] = Field(min_length=1)
    custom: bool = False
    versions: tuple[int, int | None]
    not_versions: list[int] = Field(default=[])
    inputs: list[str] | None = None
    outputs: list[str] | None = None
    needs: list[Condition] = Field(default=[])
    breaks: list[Condition] = Field(default=[])
    since: int | None = None
    verdict: Literal["taken", "unknown"] = "taken"
    why: str = ""
    source: list[str] = Field(min_length=1)

    @model_validator(mode="after")
    def _reasoned(self) -> Entry:
        if (self.verdict == "unknown") != bool(self.why):
            raise ValueError("an unknown verdict, and only that, needs why")
        return self


class Partitioning(Strict):
    """How nodes that are taken become kernels.

    Attributes:
        most: kernels at most, the largest by nodes; 0 is no limit. As the benchmark programs ask for them.
        least_nodes: a smaller group is left to the CPU.
        half_weights: what becomes of DEQUANTIZE of constant half-precision weights. `skip`: the consumers read the
            weights themselves, and the nodes go along only where every other node is taken. `unpack`: the delegate
            unpacks them (and 8-bit ones) once, and the node goes along unless a node that is refused needs it.
        dynamic: what becomes of a graph with tensors whose size is known only while running.
    """

    most: int = Field(ge=0)
    least_nodes: int = Field(ge=0)
    half_weights: Literal["skip", "unpack", "none"]
    dynamic: Literal["refused", "allowed"]
    source: list[str] = Field(min_length=1)


class Table(Strict):
    """One delegate.

    Attributes:
        name: of the delegate, as `--delegate` has it.
        title: in words.
        measured_as: what runs call it.
        programs: flavours of the benchmark program that have this delegate.
        since: the first SDK level of Android with it.
        limit: why a run may take less than the table says; empty where the table is the whole truth.
        everywhere: needs of every operator; `breaks_everywhere` likewise.
    """

    name: str
    title: str
    measured_as: str
    programs: list[Literal["tflite", "litert"]] = Field(min_length=1)
    since: int | None = None
    limit: str = ""
    sources: dict[str, Source] = Field(min_length=1)
    partitioning: Partitioning
    everywhere: list[Condition] = Field(default=[])
    breaks_everywhere: list[Condition] = Field(default=[])
    operators: list[Entry] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Table:
        used = {*self.partitioning.source, *(key for entry in self.operators for key in entry.source)}
        if used - set(self.sources):
            raise ValueError(f"no such source: {', '.join(sorted(used - set(self.sources)))}")
        names = [(entry.custom, op) for entry in self.operators for op in entry.ops]
        twice = {op for custom, op in names if names.count((custom, op)) > 1}
        if twice:
            raise ValueError(f"in two entries: {', '.join(sorted(twice))}")
        return self

    def entry(self, op: str, *, custom: bool) -> Entry | None:
        """What is said of an operator."""
        return next((e for e in self.operators if e.custom == custom and op in e.ops), None)


class DynamicRule(Strict):
    """Operators whose output's size depends on values: always, or where one of these inputs is no constant.

    unless_stored: not where the file gives the output's shape in full.
    """

    ops: list[str] = Field(min_length=1)
    inputs: list[int] = Field(default=[])
    unless_stored: bool = False
    source: list[str] = Field(min_length=1)


class DynamicTable(Strict):
    """When the runtime cannot know a tensor's size before it runs.

    `known` are operators whose output the runtime computes while it prepares, where their inputs are known.
    """

    sources: dict[str, Source] = Field(min_length=1)
    known: list[str]
    rules: list[DynamicRule] = Field(min_length=1)

    def rule(self, op: str) -> DynamicRule | None:
        """What is said of an operator."""
        return next((r for r in self.rules if op in r.ops), None)


#: Delegates with a table, in the order in which they are shown.
DELEGATES = ("gpu", "nnapi", "xnnpack", "npu")


@cache
def load_table(name: str) -> Table:
    """The table of a delegate; `name` is one of `DELEGATES`."""
    return YamlFile.read(TABLES / f"{name}.yaml").check(TypeAdapter(Table))


@cache
def load_dynamic() -> DynamicTable:
    """When sizes are known only while running."""
    return YamlFile.read(TABLES / "dynamic.yaml").check(TypeAdapter(DynamicTable))
