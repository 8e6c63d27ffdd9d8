"""The command line of the benchmark programs: their lenient parser, usage table and parameter lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.virtual.bench.flag_table import FLAGS, Flag

_INT32 = (-(1 << 31), (1 << 31) - 1)


class FlagError(Exception):
    """A value that the program refuses; the text is what it prints after `ERROR: `."""


@dataclass
class Parsed:
    """Values by flag, which were given and in what order, and what nobody took."""

    values: dict[str, Any]
    given: list[str] = field(default_factory=list)
    unconsumed: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The value, or `default` where this build has no such flag."""
        return self.values.get(name, default)

    def was_given(self, name: str) -> bool:
        """True where the command line set it."""
        return name in self.given


def known_flags(parts: Collection[str]) -> list[Flag]:
    """The flags of a build of the TensorFlow Lite program that has these parts (see Flag.part)."""
    return [f for f in FLAGS if not f.part or f.part in parts]


def parse_flags(argv: Sequence[str], flags: Sequence[Flag]) -> Parsed:
    """Parse as the program does: only `--name=value`; the first of two wins, the rest is left unconsumed.

    Raises:
        FlagError: a value cannot be read.
    """
    by_name = {f.name: f for f in reversed(flags)}
    parsed = Parsed({name: flag.default for name, flag in by_name.items()})
    for arg in argv:
        name, equals, value = arg.removeprefix("--").partition("=")
        if arg == "--help":
            name, equals, value = "help", "=", "true"
        if not arg.startswith("--") or not equals or name not in by_name or parsed.was_given(name):
            parsed.unconsumed.append(arg)
            continue
        try:
            parsed.values[name] = _convert(by_name[name].kind, value)
        except ValueError:
            raise FlagError(f"Failed to parse flag '{name}' against argv '{arg}'") from None
        parsed.given.append(name)
    return parsed


def _convert(kind: str, value: str) -> Any:
    if kind == "string":
        return value
    if kind == "bool":
        if value not in ("true", "false", "0", "1"):
            raise ValueError(value)
        return value in ("true", "1")
    # The program reads a C++ stream as far as it goes and minds a failure only before the end of the text:
    # 5x is 5, 1e3 is 1 for an integer, and nothing at all or a lone sign is let through, as 0 here.
    text = value.lstrip(" \t\n\v\f\r")
    number = r"[-+]?\d+" if kind == "int32" else r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
    found = re.match(number, text)
    if not found:
        if text in ("", "+", "-"):
            return 0
        raise ValueError(value)
    if kind == "float":
        return float(found[0])
    return min(max(int(found[0]), _INT32[0]), _INT32[1])


def usage(name: str, flags: Sequence[Flag]) -> str:
    """The table that `--help` prints."""
    heads = [f"--{f.name}={_shown(f.default)}" for f in flags]
    width = max(map(len, heads))
    rows = [f"\t{h:<{width}}\t{f.kind}\toptional\t{f.help}\n" for h, f in zip(heads, flags, strict=True)]
    return f"usage: {name} <flags>\nFlags:\n{''.join(rows)}"


def parameter_lines(parsed: Parsed, flags: Sequence[Flag], extra: dict[str, str]) -> Iterator[str]:
    """`Description: [value]` of what was given, or of everything with --verbose.

    Args:
        parsed: the values.
        flags: those of the build.
        extra: lines that follow the one of a flag, whether that one is printed or not.
    """
    for flag in _log_order(flags):
        needed = not flag.needs or parsed[flag.needs]
        wanted = parsed.was_given(flag.name) or flag.log == "always" or (parsed["verbose"] and flag.log == "given")
        if flag.label and needed and wanted:
            value = parsed[flag.name]
            yield f"{flag.label}: [{int(value) if isinstance(value, bool) else _shown(value)}]"
        if needed and flag.name in extra:
            yield extra[flag.name]


def _log_order(flags: Sequence[Flag]) -> list[Flag]:
    order = [f for f in flags if not f.after]
    for flag in (f for f in flags if f.after):
        place = max((i for i, f in enumerate(order) if f.name == flag.after), default=len(order) - 1)
        order.insert(place + 1, flag)
    return order


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
