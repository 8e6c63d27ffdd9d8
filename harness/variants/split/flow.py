"""What depends on what in a graph, as cutting needs it. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from harness.variants.model_file import GraphInfo

#: Operators that share a variable or a table by its name, not by a tensor.
STATE = frozenset({
    "CALL_ONCE", "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE",
    "HASHTABLE", "HASHTABLE_FIND", "HASHTABLE_IMPORT", "HASHTABLE_SIZE",
})  # fmt: skip
#: Types of tensors that mean something only to the interpreter that made them.
HANDLES = ("RESOURCE", "VARIANT")
#: Operators that give other values at each run: they are never run twice.
_RANDOM = {"RANDOM_UNIFORM", "RANDOM_STANDARD_NORMAL", "MULTINOMIAL", "STABLEHLO_RNG_BIT_GENERATOR"}


@dataclass(frozen=True)
class Flow:
    """The graph's operators by who makes and who reads each tensor.

    What follows from constants alone (weights that come through a DEQUANTIZE) belongs to no stage: each stage that
    needs it repeats it, so that it never crosses a cut.
    """

    graph: GraphInfo

    @cached_property
    def maker(self) -> dict[int, int]:
        """Tensor to the operator that makes it."""
        return {t: op.index for op in self.graph.ops for t in op.outputs if t >= 0}

    @cached_property
    def readers(self) -> dict[int, list[int]]:
        """Tensor to the operators that read it, those of constants left out."""
        found: dict[int, list[int]] = defaultdict(list)
        for op in self.graph.ops:
            if op.index not in self.constant:
                for tensor in {t for t in op.inputs if t >= 0}:
                    found[tensor].append(op.index)
        return dict(found)

    @cached_property
    def constant(self) -> frozenset[int]:
        """Operators whose inputs are constants, or follow from constants alone."""
        changing = set(self.graph.inputs)
        found = set()
        for op in self.graph.ops:  # the file holds them in the order in which they run
            inputs = [t for t in op.inputs if t >= 0]
            if inputs and op.op not in STATE | _RANDOM and not changing & set(inputs):
                found.add(op.index)
            else:
                changing.update(op.outputs)
        return frozenset(found)

    def made(self, tensor: int) -> bool:
        """Whether running decides over this tensor: it is made by an operator, and not from constants alone."""
        return self.maker.get(tensor, -1) not in (self.constant | {-1})

    def before(self, tensors: tuple[int, ...]) -> frozenset[int]:
        """Operators that must run for these tensors, those of constants left out."""
        found: set[int] = set()
        waiting = list(tensors)
        while waiting:
            op = self.maker.get(waiting.pop())
            if op is not None and op not in found and op not in self.constant:
                found.add(op)
                waiting.extend(t for t in self.graph.ops[op].inputs if t >= 0)
        return frozenset(found)

    def crossing(self, before: frozenset[int], after: frozenset[int]) -> tuple[int, ...]:
        """What operators of `before` make and operators of `after` read."""
        made = {t for op in before for t in self.graph.ops[op].outputs if t >= 0}
        return tuple(sorted(t for t in made if any(op in after for op in self.readers.get(t, ()))))

    def constants_for(self, ops: frozenset[int], outputs: tuple[int, ...]) -> frozenset[int]:
        """Operators of constants that these operators and outputs need."""
        found: set[int] = set()
        waiting = [t for op in ops for t in self.graph.ops[op].inputs if t >= 0] + list(outputs)
        while waiting:
            op = self.maker.get(waiting.pop())
            if op in self.constant and op not in found:
                found.add(op)
                waiting.extend(t for t in self.graph.ops[op].inputs if t >= 0)
        return frozenset(found)
