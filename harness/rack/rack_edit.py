"""Adds a phone to a rack file, or takes one out, without touching what else people wrote there. Pure.

Only text at the place of the entry is changed, so comments and order stay. Whoever calls this reads the new text back
before it replaces the file (`load_rack`); a form of YAML that this does not edit well is told instead.
"""

from __future__ import annotations

from typing import Any

import yaml

from harness.errors import UsageError
from harness.rack.rackfile import RackPhone

_KEY = "phones"


def add_phone(text: str, phone: RackPhone) -> str:
    """The text of a rack file with one more phone, the last.

    Raises:
        UsageError: its list of phones is written in a form that this does not edit.
    """
    values = phone.model_dump(exclude_defaults=True)
    key, phones = _find(text)
    lines = text.splitlines(keepends=True)
    if key is None:
        if lines and not lines[-1].endswith("\n"):
            lines.append("\n")
        return "".join([*lines, f"{_KEY}:\n", *_entry(values, 2)])
    if not isinstance(phones, yaml.SequenceNode) or not phones.value:
        if phones is not None and (phones.start_mark.line != key.start_mark.line or not _is_empty(phones)):
            raise _by_hand(values)
        at = key.start_mark.line
        head, _, tail = lines[at].partition(":")
        comment = f"  {tail[tail.index('#') :].rstrip()}" if "#" in tail else ""
        return "".join([*lines[:at], f"{head}:{comment}\n", *_entry(values, 2), *lines[at + 1 :]])
    if phones.flow_style:
        raise _by_hand(values)
    end = _last_line(phones.value[-1]) + 1
    if end == len(lines) and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return "".join([*lines[:end], *_entry(values, phones.start_mark.column), *lines[end:]])


def remove_phone(text: str, phone_id: str) -> str:
    """The text without a phone; the same text where it does not name it.

    Raises:
        UsageError: its list of phones is written in a form that this does not edit.
    """
    key, phones = _find(text)
    if key is None or not isinstance(phones, yaml.SequenceNode):
        return text
    lines = text.splitlines(keepends=True)
    for node in phones.value:
        pairs = {k.value: v.value for k, v in node.value} if isinstance(node, yaml.MappingNode) else {}
        if pairs.get("phone_id") != phone_id:
            continue
        if phones.flow_style:
            raise UsageError(f"the entry of {phone_id} cannot be taken out here", advice="remove it by hand")
        kept = [*lines[: node.start_mark.line], *lines[_last_line(node) + 1 :]]
        if len(phones.value) == 1:
            kept[key.start_mark.line] = f"{_KEY}: []\n"
        return "".join(kept)
    return text


def _find(text: str) -> tuple[yaml.Node | None, yaml.Node | None]:
    """The key `phones` and its value; None where there is none."""
    root = yaml.compose(text, yaml.SafeLoader)
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if key.value == _KEY:
                return key, value
    elif root is not None:
        raise UsageError("the rack file is no mapping", advice="begin with phones:")
    return None, None


def _is_empty(node: yaml.Node) -> bool:
    return not node.value or node.value in ("~", "null")


def _last_line(node: yaml.Node) -> int:
    """Of what is written for a node; a block's own end mark lies behind the comments that follow it."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return _last_line(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return _last_line(node.value[-1])
    mark = node.end_mark
    return int(mark.line) - (1 if mark.column == 0 and mark.line > node.start_mark.line else 0)


def _entry(values: dict[str, Any], indent: int) -> list[str]:
    pad = " " * indent
    lines = [f"{name}: {_scalar(value)}\n" for name, value in values.items()]
    return [f"{pad}{'- ' if i == 0 else '  '}{line}" for i, line in enumerate(lines)]


def _scalar(value: Any) -> str:
    """On one line, in quotes where YAML needs them."""
    text = yaml.safe_dump(value, default_flow_style=True, width=1_000_000, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...")


def _by_hand(values: dict[str, Any]) -> UsageError:
    entry = yaml.safe_dump(values, default_flow_style=True, width=1_000_000, sort_keys=False).strip()
    return UsageError("its list of phones is written in a form that is not edited here", advice=f"add {entry} by hand")
