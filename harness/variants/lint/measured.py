"""The tables held against a run: what each phone's delegate took, beside what was forecast for it. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.records import Delegation, PhoneRecord, SessionRecord
from harness.variants.lint.lint import Forecast
from harness.variants.lint.table import Table

AGREES, DIFFERS, NOT_COMPARED = "agrees", "differs", "not compared"
#: Outcomes in which the delegate was asked and took nothing, whatever proof the program left.
_TOOK_NOTHING = ("delegate_failed", "fallback")
#: For a model, a table and a level of Android: what is forecast; None where the model is not at hand.
Forecasts = Callable[[str, Table, int | None], Forecast | None]
#: Indices of the nodes that a session's delegate took, where its files tell.
Nodes = Callable[[SessionRecord, Table], frozenset[int] | None]
_MOST_NODES = 3


@dataclass(frozen=True)
class Comparison:
    """One phone, model and way to run it.

    Attributes:
        left, extra: nodes that the table says are taken and the phone left, and the other way round; None where the
            run does not tell which nodes were delegated.
        verdict: agrees, differs or not compared; `text` says it in words.
    """

    phone_id: str
    serial: str
    model: str
    variant: str
    delegate: str
    options: dict[str, str]
    sdk: int | None
    forecast: Forecast | None
    measured: Delegation
    left: tuple[int, ...] | None
    extra: tuple[int, ...] | None
    verdict: str
    text: str


def compare(
    sessions: Iterable[SessionRecord],
    phones: Sequence[PhoneRecord],
    tables: Mapping[str, Table],
    forecasts: Forecasts,
    nodes: Nodes = lambda _session, _table: None,
) -> list[Comparison]:
    """Hold each condition of a run against the tables, sorted by model, delegate and phone.

    Args:
        tables: by what runs call the delegate; conditions of others are left out.
        forecasts: by the model's sha256.
        nodes: what a session's delegate took, node by node.
    """
    levels = {p.phone_id: p.sdk for p in phones}
    groups: dict[tuple[str, ...], list[SessionRecord]] = {}
    for session in sessions:
        key = session.key
        if key.delegate in tables and session.model_sha256:
            options = json.dumps(key.options, sort_keys=True)
            name = (key.model, key.variant, key.delegate, session.phone_id, options, session.model_sha256)
            groups.setdefault(name, []).append(session)
    return [_compare(group, levels, tables, forecasts, nodes) for _, group in sorted(groups.items())]


def _compare(
    group: Sequence[SessionRecord],
    levels: Mapping[str, int | None],
    tables: Mapping[str, Table],
    forecasts: Forecasts,
    nodes: Nodes,
) -> Comparison:
    first = group[0]
    key, table, sdk = first.key, tables[first.key.delegate], levels.get(first.phone_id)
    seen = list(dict.fromkeys(measured(s) for s in group))
    expected = forecasts(first.model_sha256 or "", table, sdk)
    reason = _not_comparable(group, table)
    left = extra = None
    if reason is not None:
        verdict, text = NOT_COMPARED, reason
    elif expected is None:
        verdict, text = NOT_COMPARED, "the model's file is not at hand"
    elif len(seen) > 1:
        told = " and ".join(_nodes(s) for s in seen)
        verdict, text = DIFFERS, f"the phone's sessions do not agree with each other: {told}"
    else:
        verdict, text = judge_measured(expected, seen[0])
        took = nodes(group[-1], table)
        if took is not None and expected.nodes_delegated is not None:
            left, extra = tuple(sorted(expected.taken - took)), tuple(sorted(took - expected.taken))
            if verdict == AGREES and (left or extra):
                verdict, text = DIFFERS, f"as many nodes as the table says, {len(took)}, and others"
            if verdict == DIFFERS:
                text += _which(expected, left, extra)
    return Comparison(
        first.phone_id, first.serial, key.model, key.variant, table.name, dict(key.options), sdk, expected, seen[-1],
        left, extra, verdict, text,
    )  # fmt: skip


def _which(expected: Forecast, left: Sequence[int], extra: Sequence[int]) -> str:
    told = [f"{word} {_names(expected, nodes)}" for word, nodes in (("left", left), ("took", extra)) if nodes]
    return f": it {' and '.join(told)}" if told else ""


def _names(expected: Forecast, nodes: Sequence[int]) -> str:
    more = f" and {len(nodes) - _MOST_NODES} more" if len(nodes) > _MOST_NODES else ""
    known = expected.operators
    return ", ".join(f"{known[n] if n < len(known) else 'node'} {n}" for n in nodes[:_MOST_NODES]) + more


def measured(session: SessionRecord) -> Delegation:
    """What a session shows that the delegate took: nothing where it was not applied."""
    found = session.delegation
    if session.outcome in _TOOK_NOTHING:
        return Delegation("none", 0, found.nodes_total, None, found.source)
    return Delegation(found.extent, found.nodes_delegated, found.nodes_total, found.partitions, found.source)


def _not_comparable(group: Sequence[SessionRecord], table: Table) -> str | None:
    first, last = group[0], group[-1]
    if first.key.options.get("xnnpack") == "off":
        return "XNNPACK was switched off"
    flavour = first.runtime.flavour
    if flavour != "unknown" and flavour not in table.programs:
        return f"the table is of the {table.programs[0]} program's delegate, and this is the {flavour} program"
    if any(s.outcome in ("ok", *_TOOK_NOTHING) for s in group):
        return None if all(measured(s).extent for s in group) else "the program left no proof of what was delegated"
    return f"its sessions ended as {last.outcome}"


def judge_measured(expected: Forecast, found: Delegation) -> tuple[str, str]:
    """Whether a delegation is what was forecast, and a sentence."""
    if expected.nodes_delegated is None:
        taken = found.nodes_delegated
        if taken is not None and taken > expected.nodes_at_most:
            return DIFFERS, f"the table says at most {expected.nodes_at_most} nodes, the phone delegated {taken}"
        return NOT_COMPARED, f"the table cannot tell, the phone delegated {_nodes(found)}"
    if found.nodes_total is not None and found.nodes_total != expected.nodes_total:
        return DIFFERS, f"the model has {expected.nodes_total} nodes, the phone saw {found.nodes_total}"
    if found.nodes_delegated is None:
        same = found.extent == expected.extent
        told = f"the table says {expected.extent}, the phone {found.extent}"
        return (AGREES, f"{found.extent}, by the program's word") if same else (DIFFERS, told)
    if found.nodes_delegated != expected.nodes_delegated:
        said = f"{expected.nodes_delegated} of {expected.nodes_total} nodes"
        return DIFFERS, f"the table says {said}, the phone delegated {found.nodes_delegated}"
    counted = found.nodes_delegated > 0 and found.partitions is not None
    if counted and found.partitions != expected.partitions:
        return DIFFERS, f"the table says {expected.partitions} partitions, the phone has {found.partitions}"
    return AGREES, f"{_nodes(found)}"


def _nodes(found: Delegation) -> str:
    if found.nodes_delegated is None:
        return found.extent or "unknown"
    total = f" of {found.nodes_total}" if found.nodes_total is not None else ""
    return f"{found.nodes_delegated}{total} nodes"
