"""Whether a node meets a table's conditions. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.variants.lint.checks import CHECKS
from harness.variants.lint.condition import Condition, Span
from harness.variants.lint.node import Node, Seen
from harness.variants.lint.table import Entry, Table

_BYTES = ("INT8", "UINT8")


@dataclass(frozen=True)
class Verdict:
    """taken, refused, unknown, or breaks (taken, and the delegate then fails as a whole); `reason` of all but taken."""

    word: str
    reason: str = ""
    source: tuple[str, ...] = ()


def judge(node: Node, table: Table, sdk: int) -> Verdict:
    """What a delegate makes of a node; the first thing that is wrong is the reason.

    Args:
        sdk: level of Android, for delegates that depend on it.
    """
    op = node.op
    entry = table.entry(op.op, custom=op.custom)
    if entry is None:
        return Verdict("refused", f"{'a custom operator ' if op.custom else ''}not among those that it takes")
    source = tuple(entry.source)
    reason = _refusal(node, entry, table, sdk)
    if reason:
        return Verdict("refused", reason, source)
    if entry.verdict == "unknown":
        return Verdict("unknown", entry.why, source)
    broken = _first_failure(node, [*table.breaks_everywhere, *entry.breaks], sdk)
    return Verdict("breaks", broken, source) if broken else Verdict("taken", source=source)


def _refusal(node: Node, entry: Entry, table: Table, sdk: int) -> str:
    if wrong := _version_refusal(node.op.version, entry):
        return wrong
    if entry.since is not None and sdk < entry.since:
        return f"it came with Android SDK {entry.since}, this is {sdk}"
    if wrong := _first_failure(node, [*table.everywhere, *entry.needs], sdk):
        return wrong
    for side, allowed in (("computed inputs", entry.inputs), ("outputs", entry.outputs)):
        for tensor in node.tensors(side):
            if allowed is not None and tensor is not None and tensor.tensor.type not in allowed:
                word = "input" if side == "computed inputs" else "output"
                return f"{word} of type {tensor.tensor.type}"
    return ""


def _version_refusal(version: int, entry: Entry) -> str:
    low, high = entry.versions
    if version in entry.not_versions:
        return f"version {version} of the operator is not taken"
    if low <= version and (high is None or version <= high):
        return ""
    known = f"version {low} is" if high == low else f"versions {low} to {high} are"
    return f"version {version} of the operator; {known} taken"


def _first_failure(node: Node, conditions: list[Condition], sdk: int) -> str:
    return next((c.why for c in conditions if not holds(c, node, sdk)), "")


def holds(condition: Condition, node: Node, sdk: int) -> bool:
    """Whether a node meets a condition, or is not asked."""
    if condition.since is not None and sdk < condition.since:
        return True
    if condition.before is not None and sdk >= condition.before:
        return True
    if condition.when is not None and not holds(condition.when, node, sdk):
        return True
    if condition.option is not None:
        return _option_holds(condition, node)
    if condition.check is not None:
        return CHECKS[condition.check](node)
    groups = [node.tensors(target) for target in condition.at]
    if condition.count is not None:
        return all(_inside(len(group), condition.count) for group in groups)
    tensors = [t for group in groups for t in group]
    if condition.present:
        return all(t is not None for t in tensors)
    there = [t for t in tensors if t is not None]
    if condition.same is not None:
        return len({_trait(t, condition.same) for t in there}) <= 1
    if condition.ratio is not None:
        return len(there) < 2 or _ratio_holds(there[0], there[1], condition.ratio)
    return all(_tensor_holds(condition, t) for t in there)


def _option_holds(condition: Condition, node: Node) -> bool:
    value = node.option(condition.option or "")
    if condition.within is not None:
        return isinstance(value, int | float) and _inside(value, condition.within)
    return value in (condition.of or ())


def _tensor_holds(condition: Condition, seen: Seen) -> bool:
    tensor = seen.tensor
    match condition.test:
        case "types":
            return tensor.type in (condition.types or ())
        case "constant":
            return seen.constant == condition.constant
        case "rank":
            return _inside(seen.rank, condition.rank or (None, None))
        case "elements":
            return _inside(tensor.elements, condition.elements or (None, None))
        case "shape":
            return list(seen.shape) in (condition.shape or ())
        case "quantization":
            return _quantization_holds(seen, condition.quantization)
        case _:
            span = condition.values or (None, None)
            return tensor.values is None or all(_inside(float(v), span) for v in tensor.values)


def _quantization_holds(seen: Seen, wanted: str | int | None) -> bool:
    tensor = seen.tensor
    if tensor.type not in _BYTES:
        return True
    if tensor.quantization is None:
        return False
    axis = tensor.quantization.axis
    if axis is None:
        return True
    return isinstance(wanted, int) and axis == wanted % max(seen.rank, 1)


def _trait(seen: Seen, same: str) -> object:
    tensor = seen.tensor
    if same == "scale":
        found = tensor.quantization
        return (found.scale, found.zero_point) if found is not None and tensor.type in _BYTES else None
    return {"type": tensor.type, "shape": seen.shape, "rank": seen.rank}[same]


def _ratio_holds(first: Seen, second: Seen, span: Span) -> bool:
    a, b = first.tensor, second.tensor
    if a.type != b.type or a.quantization is None or b.quantization is None or not b.quantization.scale[0]:
        return True
    return _inside(a.quantization.scale[0] / b.quantization.scale[0], span)


def _inside(value: float, span: Span) -> bool:
    low, high = span
    return (low is None or value >= low) and (high is None or value <= high)
