"""Operators of one run side by side: the same model on several delegates, or several variants on one. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness.records import OperatorProfile, SessionRecord
from harness.report.families import family, plain_type
from harness.report.row.operators import units
from harness.report.row.state import held_key
from harness.report.words import condition

Axis = Literal["delegate", "variant", "model"]
SCHEMA = 1


@dataclass(frozen=True)
class Column:
    """One condition of a table: its session and what that spent where."""

    session: SessionRecord
    profile: OperatorProfile

    @property
    def delegate(self) -> str:
        """Delegate, options, threads, context and held state in words."""
        return condition(_told(self.session))

    def label(self, axis: Axis) -> str:
        """What tells it from the other columns."""
        key = self.session.key
        name = self.delegate if axis == "delegate" else key.variant if axis == "variant" else key.model
        return f"{name} (ran on the CPU)" if self.session.outcome == "fallback" else name


def profiled(sessions: Iterable[SessionRecord], model: str | None = None) -> list[Column]:
    """The last profile of each condition on each phone, in their order; only of `model`, where one is given."""
    found: dict[tuple[Any, ...], Column] = {}
    for s in sessions:
        if s.operators is None or not s.operators.ops or (model is not None and s.key.model != model):
            continue
        key = s.key
        options = tuple(sorted(key.options.items()))
        where = (s.runtime.sha256 or "", s.context, held_key(s), s.arm or "")
        place = (s.phone_id, key.model, key.variant, key.delegate, options, key.threads or 0, *where)
        found[place] = Column(s, s.operators)
    return [column for _, column in sorted(found.items(), key=lambda item: item[0])]


def axis_of(columns: Sequence[Column], against: str | None) -> Axis | None:
    """What is compared: what `against` names, or without it delegates, or variants where there is one delegate.

    None where `against` is no delegate, variant or model of any column.
    """
    if against is None:
        return "delegate" if len({c.delegate for c in columns}) > 1 or not _several(columns, "variant") else "variant"
    axes: tuple[Axis, ...] = ("delegate", "variant", "model")
    return next((axis for axis in axes if any(_is(c, axis, against) for c in columns)), None)


def tables(columns: Sequence[Column], axis: Axis, against: str | None) -> list[dict[str, Any]]:
    """A table a phone and what is not compared; see `table`. Without the base, none of it: there is nothing to hold to.

    Args:
        against: names the base; None: the first column.
    """
    groups: dict[tuple[Any, ...], list[Column]] = defaultdict(list)
    for column in columns:
        key = column.session.key
        what = {"model": key.model, "variant": key.variant, "delegate": column.delegate}
        # Threads are the CPU's: an accelerator's column stands beside each number of them.
        del what[axis]
        threads = key.threads if axis == "delegate" else None
        groups[(column.session.phone_id, *what.values(), threads)].append(column)
    made = []
    for group in groups.values():
        base = next((c for c in group if against is None or _is(c, axis, against)), None)
        if base is not None:
            made.append(table([base, *(c for c in group if c is not base)], axis))
    return made


def table(group: Sequence[Column], axis: Axis) -> dict[str, Any]:
    """One comparison; the first column is the base.

    Keys: `phone_id`, `provenance`, `model`, `variant`, `delegate`, `options`, `threads`, `context`, `state` (of the
    base), `axis`, `matched_by` (type or family, see families.py), `conditions` (`label`, `session_id`, `total_ms`,
    `units`), `rows` (`operator`, and by condition `cells`: `ms`, `share_pct`, `count`, `units`, None where it has none
    such; `ratio` to the base, with `ratio_reason`), the longest of the base first.
    """
    same = len({frozenset(op.unit for op in c.profile.ops if op.part == "model") for c in group}) == 1
    name = plain_type if same else family
    sums = [_sums(c.profile, name) for c in group]
    order = sorted(
        {n for found in sums for n in found}, key=lambda n: (*(-found.get(n, _NONE)["ms"] for found in sums), n)
    )
    base = group[0].session
    return {
        "phone_id": base.phone_id,
        "provenance": base.provenance,
        "model": base.key.model,
        "variant": base.key.variant,
        **_told(base),
        "axis": axis,
        "matched_by": "type" if same else "family",
        "conditions": [
            {
                "label": c.label(axis),
                "delegate": c.session.key.delegate,
                "session_id": c.session.session_id,
                "total_ms": c.profile.total_ms,
                "ratio": _ratio(c.profile.total_ms, group[0].profile.total_ms)[0],
                "units": units(c.profile),
            }
            for c in group
        ],
        "rows": [_row(operator, [found.get(operator) for found in sums]) for operator in order],
    }


_NONE = {"ms": 0.0}


def _sums(profile: OperatorProfile, name: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for op in profile.ops:
        if op.part != "model":
            continue
        cell = found.setdefault(name(op.node_type), {"ms": 0.0, "share_pct": None, "count": 0, "units": []})
        cell["ms"] += op.ms
        cell["count"] += 1
        cell["units"] = sorted({*cell["units"], op.unit or "unknown"})
    for cell in found.values():
        cell["share_pct"] = 100 * cell["ms"] / profile.total_ms if profile.total_ms else None
    return found


def _row(operator: str, cells: Sequence[dict[str, Any] | None]) -> dict[str, Any]:
    base = cells[0]["ms"] if cells[0] else None
    ratios = [_ratio(cell["ms"] if cell else None, base) for cell in cells]
    return {
        "operator": operator,
        "cells": list(cells),
        "ratio": [ratio for ratio, _ in ratios],
        "ratio_reason": [reason for _, reason in ratios],
    }


def _ratio(ms: float | None, base: float | None) -> tuple[float | None, str | None]:
    if base is None:
        return None, "the base has no such operator: it may be fused into another one"
    if ms is None:
        return None, "there is no such operator: it may be fused into another one"
    if not base:
        return None, "it takes no time in the base that the program could tell"
    return ms / base, None


def _told(session: SessionRecord) -> dict[str, Any]:
    """What a condition is, as a row of the report has it."""
    key = session.key
    return {
        "delegate": key.delegate,
        "options": key.options,
        "threads": key.threads,
        "context": session.context,
        "state": {"held": session.state.held},
    }


def _is(column: Column, axis: Axis, name: str) -> bool:
    key = column.session.key
    if axis != "delegate":
        return name == (key.variant if axis == "variant" else key.model)
    options = "".join(f":{k}={v}" for k, v in sorted(key.options.items()))
    return name in (key.delegate + options, key.delegate if not key.options else "")


def _several(columns: Sequence[Column], name: str) -> bool:
    return len({getattr(c.session.key, name) for c in columns}) > 1
