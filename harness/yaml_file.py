"""YAML files that people write: read with positions, checked by pydantic, and explained by file, line and key.

Reads one document of plain YAML (no tags that build objects). A key given twice is an error, as YAML itself asks and
PyYAML does not. Only the first fault is told in full: a later one is often its consequence.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from harness.errors import UsageError

T = TypeVar("T")
Keys = Sequence[str | int]
_LONGEST_VALUE = 60


@dataclass(frozen=True)
class YamlFile:
    """A YAML file in memory: its plain values, and where each of them stands."""

    path: Path
    data: Any
    root: yaml.Node | None

    @classmethod
    def read(cls, path: Path) -> YamlFile:
        """Read a file.

        Raises:
            UsageError: it cannot be read, is no UTF-8 or no YAML, or gives a key twice.
        """
        try:
            text = path.read_text(encoding="utf-8")
            loader = yaml.SafeLoader(text)
            try:
                root = loader.get_single_node()
                for twice in _repeated_keys(root):
                    line = twice.start_mark.line + 1
                    raise UsageError(f"{path}:{line}: {twice.value} is given twice", advice="leave one out")
                data = loader.construct_document(root) if root is not None else None
            finally:
                loader.dispose()
        except OSError as error:
            raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise UsageError(f"{str(path)!r} is no text in UTF-8", advice="give a YAML file") from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f":{mark.line + 1}" if mark else ""
            problem = " ".join(str(getattr(error, "problem", None) or error).split())
            raise UsageError(f"{path}{where}: this is no YAML: {problem}", advice="check the indent there") from None
        except ValueError as error:  # what looks like a date or number but is none, as 2026-13-45
            raise UsageError(f"{path}: a value cannot be read: {error}", advice="put it in quotes") from None
        return cls(path, data, root)

    def place(self, keys: Keys) -> str:
        """`FILE:LINE` of a value, or of the nearest thing above it."""
        return f"{self.path}:{_line(self.root, keys)}"

    def check(self, adapter: TypeAdapter[T]) -> T:
        """The values as the adapter's type.

        Raises:
            UsageError: naming file, line and key of the first fault, and what to do.
        """
        try:
            return adapter.validate_python(self.data)
        except ValidationError as error:
            raise explain(error, adapter.json_schema(), self.place) from None


def explain(
    error: ValidationError, schema: dict[str, Any], place: Callable[[Keys], str], *, within: Keys = ()
) -> UsageError:
    """The first fault that pydantic found as one sentence.

    Args:
        schema: JSON Schema of what was checked; names the keys that are known.
        place: where the value with these keys stands.
        within: keys above what was checked, to be named too.
    """
    first = error.errors()[0]
    keys = first["loc"]
    name = key_path((*within, *keys))
    shown = repr(first["input"])
    if len(shown) > _LONGEST_VALUE:
        shown = shown[: _LONGEST_VALUE - 1] + "…"
    advice = ""
    if first["type"] == "extra_forbidden":
        known = _known_keys(schema, keys[:-1])
        near = difflib.get_close_matches(str(keys[-1]), known, n=1)
        text = f"there is no key {name}"
        advice = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(known)}"
    elif first["type"] == "missing":
        text, advice = f"{name} is missing", "add it"
    elif first["type"].endswith("too_short"):
        text, advice = f"{name} is empty", "give at least one"
    elif first["type"] == "model_type":
        text = f"{name or 'this'} should be a mapping (key: value), not {shown}"
        advice = f"known keys: {', '.join(_known_keys(schema, keys))}"
    elif first["type"] == "path_type":
        text = f"{name} should be a path, not {shown}"
    elif first["type"] == "string_type" and isinstance(first["input"], int | float):
        # YAML reads 0123 as 83, so what was written is no longer known here.
        text, advice = f"{name} should be text, and YAML reads it as {shown}", "put it in quotes"
    elif first["msg"].startswith("Input should be "):
        text = f"{name or 'this'} should be {first['msg'].removeprefix('Input should be ')}, not {shown}"
    else:
        text = f"{name}: {first['msg'].removeprefix('Value error, ')}".removeprefix(": ")
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return UsageError(f"{place(keys)}: {text}{more}", advice=advice)


def key_path(keys: Keys) -> str:
    """Keys as people write them: `models[0].variants.int8`."""
    text = "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in keys)
    return text.removeprefix(".")


def _known_keys(schema: dict[str, Any], keys: Keys) -> list[str]:
    """Properties at a place of a JSON Schema."""
    here = schema
    for key in (*keys, None):
        while "$ref" in here:
            here = schema["$defs"][here["$ref"].rpartition("/")[2]]
        if key is None:
            break
        if isinstance(key, int):
            here = here.get("items", {})
        else:
            here = here.get("properties", {}).get(key) or here.get("additionalProperties") or {}
        here = next((o for o in here.get("anyOf", ()) if "$ref" in o), here)
    return list(here.get("properties", ()))


def _repeated_keys(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """Keys that stand twice in one mapping; what aliases name again is looked at once."""
    todo, looked = [node], set()
    while todo:
        here = todo.pop()
        if here is None or id(here) in looked:
            continue
        looked.add(id(here))
        if isinstance(here, yaml.SequenceNode):
            todo += here.value
        elif isinstance(here, yaml.MappingNode):
            seen = set()
            for key, value in here.value:
                todo.append(value)
                if isinstance(key, yaml.ScalarNode):
                    if key.value in seen:
                        yield key
                    seen.add(key.value)


def _line(node: yaml.Node | None, keys: Keys) -> int:
    line = node.start_mark.line if node is not None else 0
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(key)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line
        else:
            break
    return int(line) + 1
