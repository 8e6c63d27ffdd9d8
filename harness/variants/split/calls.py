"""Which subgraphs an operator runs (IF, WHILE, CALL_ONCE, composites …). On LiteRT's schema objects."""

from __future__ import annotations

from typing import Any

#: Fields of options by which schema.fbs names subgraphs.
_FIELDS = (
    "condSubgraphIndex", "bodySubgraphIndex", "thenSubgraphIndex", "elseSubgraphIndex", "initSubgraphIndex",
    "comparatorSubgraphIndex", "updateComputationSubgraphIndex", "decompositionSubgraphIndex", "subgraph",
    "branchSubgraphIndices", "calledComputations",
)  # fmt: skip


def called_subgraphs(options: Any) -> dict[str, list[int]]:
    """Numbers of subgraphs by the field of an operator's options that holds them."""
    found = {}
    for field in _FIELDS:
        value = getattr(options, field, None)
        if value is not None:
            found[field] = [value] if isinstance(value, int) else [int(n) for n in value]
    return found


def reached_subgraphs(model: Any, ops: list[Any]) -> set[int]:
    """Subgraphs that these operators run, those that they run through others too."""
    found: set[int] = set()
    waiting = list(ops)
    while waiting:
        op = waiting.pop()
        for options in (op.builtinOptions, op.builtinOptions2):
            for number in [n for numbers in called_subgraphs(options).values() for n in numbers]:
                if 0 <= number < len(model.subgraphs) and number not in found:
                    found.add(number)
                    waiting += model.subgraphs[number].operators or []
    return found
