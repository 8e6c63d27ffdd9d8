"""What the converter could not express: the operators, the layers they come from, and what to try. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: As the converter says of each operator that it has not: the place it comes from, and its name.
_REFUSED = re.compile(
    r'error: loc\(.{0,40}?"[^"]{0,80}:", "([^"@]{0,400})[^\n]{0,4000}?: \'(?:tf\.)?(\w{1,80})\' op is neither'
)
_SUMMARY = re.compile(r"(TF Select|Flex|Custom) ops: ([\w, ]{1,2000})")


def explained(error: Exception) -> str:
    """An error of the converter in a sentence; operators that it has not, with their layers and the way out."""
    text = str(error)
    kinds = dict(_kinds(text))
    if not kinds:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
    layers: dict[str, list[str]] = {}
    for place, op in _REFUSED.findall(text):
        layers.setdefault(op, [])
        if (layer := place.rpartition("/")[0] or place) not in layers[op]:
            layers[op].append(layer)
    named = "; ".join(f"{op}{_where(layers.get(op, []))}" for op in kinds)
    flex = [op for op, kind in kinds.items() if kind != "Custom"]
    own = [op for op, kind in kinds.items() if kind == "Custom"]
    ways = []
    if flex:
        ways.append(f"for {', '.join(flex)} say flex: true, which needs the plus-flex program")
    if own:
        # The converter counts as custom what TensorFlow's own operators (Flex) do not have either.
        ways.append(
            f"for {', '.join(own)} say custom_ops: [{', '.join(own)}] and give a program of your own that has it"
        )
    return f"TensorFlow Lite has no operator {named}. {_sentence(ways)}, or build these layers from other operators"


def _kinds(text: str) -> Iterator[tuple[str, str]]:
    for kind, names in _SUMMARY.findall(text):
        for op in names.split(","):
            if op.strip():
                yield op.strip().removeprefix("Flex"), kind


def _where(layers: list[str]) -> str:
    shown = ", ".join(layers[:3]) + (f" and {len(layers) - 3} more" if len(layers) > 3 else "")
    return f" (in {shown})" if layers else ""


def _sentence(ways: list[str]) -> str:
    text = "; ".join(ways)
    return text[:1].upper() + text[1:]
