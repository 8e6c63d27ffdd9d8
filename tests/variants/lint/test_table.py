"""The tables as data: every entry is well formed, has a source, and names things that exist."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from ai_edge_litert import schema_py_generated as schema
from pydantic import TypeAdapter

from harness.errors import UsageError
from harness.variants.lint.checks import CHECKS
from harness.variants.lint.condition import Condition
from harness.variants.lint.table import DELEGATES, TABLES, Table, load_dynamic, load_table
from harness.yaml_file import YamlFile

TYPES = {k for k, v in vars(schema.TensorType).items() if isinstance(v, int)}
OPTIONS = {
    key for name in vars(schema) if name.endswith("OptionsT") for key in vars(getattr(schema, name)()) if key[0] != "_"
}
tables = pytest.mark.parametrize("name", DELEGATES)


def conditions(table: Table) -> Iterator[Condition]:
    """Every condition, those of `when` too."""
    todo = [*table.everywhere, *table.breaks_everywhere]
    todo += [c for e in table.operators for c in (*e.needs, *e.breaks)]
    while todo:
        condition = todo.pop()
        yield condition
        todo += [condition.when] if condition.when else []


@tables
def test_every_entry_has_a_source_of_a_public_project_and_a_version(name: str) -> None:
    table = load_table(name)
    for entry in table.operators:
        assert entry.source and all(key in table.sources for key in entry.source), entry.ops
    for source in table.sources.values():
        assert "/" in source.project or "PyPI" in source.project
        assert source.path and source.version and source.says
    assert table.name == name and {key for e in table.operators for key in e.source} <= set(table.sources)


@tables
def test_it_names_operators_types_and_options_that_the_schema_has(name: str) -> None:
    table = load_table(name)
    for entry in table.operators:
        known = [hasattr(schema.BuiltinOperator, op) for op in entry.ops]
        assert not any(known) if entry.custom else all(known), entry.ops
        assert entry.versions[0] >= 1 and (entry.versions[1] is None or entry.versions[1] >= entry.versions[0])
        assert set(entry.inputs or ()) | set(entry.outputs or ()) <= TYPES
    for condition in conditions(table):
        assert set(condition.types or ()) <= TYPES
        assert condition.option is None or condition.option in OPTIONS
        assert condition.check is None or condition.check in CHECKS


def test_every_check_is_used() -> None:
    used = {c.check for name in DELEGATES for c in conditions(load_table(name)) if c.check}
    assert used == set(CHECKS)


def test_dynamic_sizes_are_sourced_too() -> None:
    table = load_dynamic()
    ops = [op for rule in table.rules for op in rule.ops]
    assert all(hasattr(schema.BuiltinOperator, op) for op in (*ops, *table.known)) and len(ops) == len(set(ops))
    assert all(key in table.sources for rule in table.rules for key in rule.source)


def test_they_travel_inside_the_package() -> None:
    found = {p.name for p in files("harness.variants.lint").joinpath("tables").iterdir()}
    assert found == {*(f"{d}.yaml" for d in DELEGATES), "dynamic.yaml"}


def _read(tmp_path: Path, data: dict[str, Any]) -> Table:
    path = tmp_path / "t.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    return YamlFile.read(path).check(TypeAdapter(Table))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"source": []}, "source"),
        ({"source": ["hearsay"]}, "no such source: hearsay"),
        ({"needs": [{"at": ["input 0"], "rank": [4, 4]}]}, "why is missing"),
        ({"needs": [{"at": ["input 0"], "rank": [4, 4], "constant": True, "why": "wrong"}]}, "one test"),
        ({"needs": [{"at": ["output"], "rank": [4, 4], "why": "wrong"}]}, "names no tensor"),
        ({"needs": [{"check": "no_such", "why": "wrong"}]}, "there is no check"),
        ({"needs": [{"rank": [4, 4], "why": "wrong"}]}, "needs at"),
        ({"verdict": "unknown"}, "needs why"),
        ({"types": ["FLOAT32"]}, "there is no key operators[0].types"),
    ],
)
def test_a_wrong_entry_is_told(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    data = yaml.safe_load((TABLES / "npu.yaml").read_text())
    entry = {"ops": ["ABS"], "versions": [1, None], "source": ["qualcomm"]}
    assert _read(tmp_path, {**data, "operators": [entry]}).entry("ABS", custom=False) is not None
    with pytest.raises(UsageError, match="t.yaml:") as error:
        _read(tmp_path, {**data, "operators": [{**entry, **change}]})
    assert told in str(error.value)


def test_an_operator_stands_in_one_entry(tmp_path: Path) -> None:
    data = yaml.safe_load((TABLES / "npu.yaml").read_text())
    with pytest.raises(UsageError, match="in two entries: ABS"):
        _read(tmp_path, {**data, "operators": [{"ops": ["ABS"], "versions": [1, None], "source": ["qualcomm"]}] * 2})
