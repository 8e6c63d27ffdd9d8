"""One condition of a table: what must hold of a node's tensors or options, as plain data."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from harness.variants.lint.checks import CHECKS


class Strict(BaseModel):
    """A part of a table: no key that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


#: Tensors that are meant together. Computed ones are no constants.
GROUPS = ("inputs", "outputs", "computed inputs", "constant inputs")


def _target(text: str) -> str:
    if text not in GROUPS and not re.fullmatch(r"(input|output) \d{1,2}", text):
        raise ValueError(f"{text!r} names no tensor of a node: input N, output N, {', '.join(GROUPS)}")
    return text


Target = Annotated[str, AfterValidator(_target)]
#: Least and most, both included; None is no limit.
Span = tuple[float | None, float | None]
_TESTS = (
    *("types", "constant", "present", "rank", "count", "elements", "shape", "quantization"),
    *("same", "ratio", "values", "option", "check"),
)


class Condition(Strict):
    """Exactly one test, of the tensors `at`, of an option, or by a named check (checks.py).

    An optional input that a node leaves out passes every test but `present`.

    Attributes:
        types: each is of one of them.
        constant: each is stored in the file, or none is.
        present: each is there.
        rank, elements: number of dimensions and of values of each.
        count: how many tensors the group has.
        shape: each has one of these shapes.
        quantization: of 8-bit ones, either one scale for the whole tensor ("tensor"), or that or one a channel of this
            axis; negative axes count from the end.
        same: all of `at` agree in this.
        ratio: scale of the first over that of the second, where both are quantized to the same type.
        values: every stored value lies in this span.
        option: this option is one of `of`, or lies in `within`; one that is not in the file is zero.
        check: a named check.
        when: only nodes for which this holds are asked.
        since, before: SDK levels of Android at which it is asked.
        why: what is wrong where it does not hold, for a person.
    """

    at: list[Target] = Field(default=[])
    types: list[str] | None = None
    constant: bool | None = None
    present: Literal[True] | None = None
    rank: Span | None = None
    count: Span | None = None
    elements: Span | None = None
    shape: list[list[int]] | None = None
    quantization: Literal["tensor"] | int | None = None
    same: Literal["type", "shape", "rank", "scale"] | None = None
    ratio: Span | None = None
    values: Span | None = None
    option: str | None = None
    of: list[int | float | str] | None = None
    within: Span | None = None
    check: str | None = None
    when: Condition | None = None
    since: int | None = None
    before: int | None = None
    why: str = Field(min_length=4, max_length=120)

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        given = [name for name in _TESTS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a condition has one test, not {', '.join(given) or 'none'}")
        if (given[0] in ("option", "check")) == bool(self.at):
            raise ValueError(f"{given[0]} {'stands without' if self.at else 'needs'} at")
        if self.option is not None and (self.of is None) == (self.within is None):
            raise ValueError("option needs either of or within")
        if self.check is not None and self.check not in CHECKS:
            raise ValueError(f"there is no check {self.check!r}; there are {', '.join(sorted(CHECKS))}")
        return self

    @property
    def test(self) -> str:
        """The name of its one test."""
        return next(name for name in _TESTS if getattr(self, name) is not None)
