"""What must be said where rows that were measured under different phone state stand beside each other. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def held_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Knob to value that a row's phone was held at; nothing in documents that are older than the key."""
    return dict((row.get("state") or {}).get("held") or {})


def held_words(row: Mapping[str, Any]) -> str:
    """`fixed_performance=on screen=dim`, or nothing."""
    return " ".join(f"{knob}={value}" for knob, value in sorted(held_of(row).items()))


def state_difference(row_a: Mapping[str, Any], row_b: Mapping[str, Any]) -> str | None:
    """How the states of two rows differ, as the rest of a sentence; None where they do not.

    A comparison of such rows compares two phones' states as well, and must say so.
    """
    first, second = held_of(row_a), held_of(row_b)
    differing = sorted(k for k in {*first, *second} if first.get(k) != second.get(k))
    if not differing:
        return None
    return "measured under different phone state: " + "; ".join(
        f"{knob} {_said(row_a, knob)} against {_said(row_b, knob)}" for knob in differing
    )


def _said(row: Mapping[str, Any], knob: str) -> str:
    held = held_of(row).get(knob)
    if held is not None:
        return held
    why = ((row.get("state") or {}).get("refused") or {}).get(knob)
    return f"not held ({why})" if why else "not held"


def state_note(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """A sentence for every page whose rows are not all under the same state, or whose phones refused one; else None."""
    refused = sorted(
        {
            f"{row['device'] or row['phone_id']} refused {knob}: {why}"
            for row in rows
            for knob, why in ((row.get("state") or {}).get("refused") or {}).items()
        }
    )
    mixed = len({held_words(row) for row in rows}) > 1
    parts = ["Square brackets name what a phone was held at: compare rows of one state only"] if mixed else []
    return ". ".join([*parts, *refused]) + "." if parts or refused else None
