"""logcat: print, follow, clear and filter the log."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from harness.virtual.log import PRIORITIES, LogLine
from harness.virtual.program import Call, program

_FOLLOW_S = 0.2
_WITH_VALUE = ("-v", "-t", "-T", "-b", "-e", "-m", "-r", "-n", "-f", "-G")
_LONG = {"--format": "-v", "--tail": "-t", "--buffer": "-b", "--regex": "-e", "--max-count": "-m", "--pid": "--pid"}
_STYLES = ("brief", "process", "tag", "thread", "raw", "time", "threadtime", "long")
#: -v takes these beside a style; they change nothing that matters here.
_MODIFIERS = ("color", "descriptive", "epoch", "monotonic", "printable", "uid", "usec", "UTC", "year", "zone")


@dataclass
class _Options:
    buffers: list[str] = field(default_factory=list)
    style: str = "threadtime"
    tail: str | None = None
    ends: bool = False
    clears: bool = False
    pid: str | None = None
    most: int | None = None
    words: list[str] = field(default_factory=list)
    silent: bool = False


class _Usage(Exception):
    pass


@program("logcat")
async def logcat(call: Call) -> int:
    """The log, with the options that scripts use; follows without -d or -t."""
    ring = call.phone.state.log_ring
    try:
        options = _read(call.argv[1:])
        shown = _chooser(options)
        lines = [line for line in ring.lines(options.buffers) if shown(line)]
    except _Usage as error:
        await call.err(f"{error}\n")
        return 1
    except ValueError as error:
        await call.err(f"logcat: Unknown -b buffer '{error}'\n")
        return 1
    if options.clears:
        ring.clear(options.buffers)
        return 0
    if options.tail and options.tail.isdigit():
        lines = lines[max(0, len(lines) - int(options.tail)) :]
    elif options.tail:
        lines = [line for line in lines if _stamp(line) >= options.tail]
    if options.most is not None:
        lines = lines[: options.most]
    seen: set[str] = set()
    last = ring.last
    await call.out(_print(lines, options.style, seen))
    while not options.ends:
        await asyncio.sleep(_FOLLOW_S)
        new = [line for line in ring.lines(options.buffers, after=last) if shown(line)]
        last = ring.last
        await call.out(_print(new, options.style, seen))
    return 0


def _read(args: list[str]) -> _Options:
    options = _Options()
    while args:
        arg = args.pop(0)
        name, _, value = arg.partition("=")
        if name in _LONG:
            _set(options, _LONG[name], value or (args.pop(0) if args else ""))
        elif arg in _WITH_VALUE:
            if not args:
                raise _Usage(f"logcat: option requires an argument -- '{arg[1:]}'")
            _set(options, arg, args.pop(0))
        elif arg[:2] in _WITH_VALUE and len(arg) > 2:
            _set(options, arg[:2], arg[2:])
        elif arg in ("-d", "--dump"):
            options.ends = True
        elif arg in ("-c", "--clear"):
            options.clears = True
        elif arg == "-s":
            options.silent = True
        elif arg.startswith("-"):
            raise _Usage(f"logcat: unrecognized option '{arg}'")
        else:
            options.words += arg.split()
    return options


def _set(options: _Options, name: str, value: str) -> None:
    if name == "-v":
        styles = [v for v in value.replace(",", " ").split() if v not in _MODIFIERS]
        if any(v not in _STYLES for v in styles):
            raise _Usage(f'logcat: Invalid parameter "{value}" to -v')
        options.style = styles[-1] if styles else options.style
    elif name in ("-t", "-T"):
        options.tail = value
        options.ends = options.ends or name == "-t"
    elif name == "-b":
        options.buffers.append(value)
    elif name == "-m" and value.isdigit():
        options.most = int(value)
    elif name == "--pid":
        options.pid = value


def _chooser(options: _Options) -> Callable[[LogLine], bool]:
    lowest = {"*": "S" if options.silent else "V"}
    for word in options.words:
        tag, _, priority = word.partition(":")
        lowest[tag] = (priority[:1] or "V").upper()
        if lowest[tag] not in PRIORITIES:
            raise _Usage(f"logcat: Invalid filter expression '{word}'")

    def shown(line: LogLine) -> bool:
        if options.pid is not None and str(line.pid) != options.pid:
            return False
        wanted = lowest.get(line.tag, lowest["*"])
        return PRIORITIES.index(line.priority) >= PRIORITIES.index(wanted)

    return shown


def _stamp(line: LogLine) -> str:
    when = datetime.datetime.fromtimestamp(line.wall_s, datetime.UTC)
    return f"{when:%m-%d %H:%M:%S}.{when.microsecond // 1000:03d}"


def _print(lines: Iterable[LogLine], style: str, seen: set[str]) -> str:
    text = ""
    for line in lines:
        if line.buffer not in seen:
            seen.add(line.buffer)
            text += f"--------- beginning of {line.buffer}\n"
        text += _head(line, style) + line.text + ("\n\n" if style == "long" else "\n")
    return text


def _head(line: LogLine, style: str) -> str:
    match style:
        case "raw":
            return ""
        case "brief":
            return f"{line.priority}/{line.tag:<8}({line.pid:5d}): "
        case "process":
            return f"{line.priority}({line.pid:5d}) "
        case "tag":
            return f"{line.priority}/{line.tag:<8}: "
        case "thread":
            return f"{line.priority}({line.pid:5d}:{line.tid:5d}) "
        case "time":
            return f"{_stamp(line)} {line.priority}/{line.tag:<8}({line.pid:5d}): "
        case "long":
            return f"[ {_stamp(line)} {line.pid:5d}:{line.tid:5d} {line.priority}/{line.tag:<8} ]\n"
        case _:
            return f"{_stamp(line)} {line.pid:5d} {line.tid:5d} {line.priority} {line.tag:<8}: "
