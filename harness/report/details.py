"""What the page shows of memory in parts and of operators, where a run looked into them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from harness.records import MEMORY_PARTS, MEMORY_PHASES
from harness.report.words import NOT_MEASURED, condition, number

Row = dict[str, Any]
Models = Mapping[tuple[str, str], str]
#: Share of the longest bar from which on a part of a bar can hold its name: a character takes so much of it.
_PER_CHARACTER_PCT = 1.25
_UNKNOWN = "unknown"
_UNITS = {
    "xnnpack": "CPU through XNNPACK",
    "cpu": "CPU by the interpreter's own kernels",
    "gpu": "GPU",
    "nnapi": "NNAPI, whichever unit its driver took",
    "npu": "NPU",
    "dsp": "DSP",
    _UNKNOWN: "not known",
}


def memory_parts(rows: Sequence[Row], names: Mapping[str, str], models: Models) -> list[dict[str, Any]]:
    """A group a phone: its rows with every part of their memory; empty where nobody looked at it."""
    seen = [r for r in rows if r["memory_mb"]["vm_hwm"] is not None]
    return [
        {
            "phone": names[phone],
            "rows": [
                {
                    "row": row,
                    "model": models[row["model"], row["variant"]],
                    "cells": [_cell(row["memory_mb"], part) for part in MEMORY_PARTS],
                    "phases": [_cell(row["memory_mb"]["phases"], phase) for phase in MEMORY_PHASES],
                }
                for row in group
            ],
        }
        for phone, group in groupby(seen, key=lambda r: str(r["phone_id"]))
    ]


def _cell(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = values[name]
    # Three digits of a thousandth of a MiB would be noise.
    text = NOT_MEASURED if value is None else "0" if value < 0.005 else number(value)
    return {"name": name, "text": text, "why": values[f"{name}_reason"] or values.get("sources", {}).get(name)}


def operator_bars(rows: Sequence[Row], names: Mapping[str, str], models: Models) -> list[dict[str, Any]]:
    """A group a phone and model: a bar a condition, as long as its time, in parts by unit and family of operators."""
    seen = [r for r in rows if r["operators"]["families"]]
    groups = []
    for (phone, model, variant), group in groupby(seen, key=lambda r: (r["phone_id"], r["model"], r["variant"])):
        bars = list(group)
        longest = max(r["operators"]["total_ms"] for r in bars) or 1.0
        groups.append(
            {
                "phone": names[phone],
                "model": models[model, variant],
                "bars": [_bar(row, longest) for row in bars],
            }
        )
    return groups


def operator_units(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Every unit of the bars, with what it is, for a legend."""
    found = {part["unit"] or _UNKNOWN for r in rows for part in r["operators"]["units"]}
    return [(unit, text) for unit, text in _UNITS.items() if unit in found]


def _bar(row: Row, longest_ms: float) -> dict[str, Any]:
    found = row["operators"]
    return {
        "row": row,
        "label": condition(row) + (" (ran on the CPU)" if row["outcome"] == "fallback" else ""),
        "total": number(found["total_ms"]),
        "parts": [
            {
                "unit": part["unit"] or _UNKNOWN,
                "width_pct": 100 * part["ms"] / longest_ms,
                "name": _name(part["family"], 100 * part["ms"] / longest_ms),
                "title": f"{part['family']}: {number(part['ms'], 'ms')}, {number(part['share_pct'])} %",
            }
            for part in found["families"]
            if part["ms"] > 0
        ],
        "notes": _notes(found),
    }


def _notes(found: Mapping[str, Any]) -> str:
    """What the bar alone does not say."""
    several, top = len(found["units"]) > 1, found["top"][0]
    shares = [f"{u['unit'] or _UNKNOWN} {number(u['share_pct'])} %" for u in found["units"]] if several else []
    if found["count"] == 1:
        return " · ".join([*shares, "told as one piece"])
    return " · ".join([*shares, f"slowest of {found['count']}: {top['node_type']}, {number(top['share_pct'])} %"])


def _name(family: str, width_pct: float) -> str:
    return family if width_pct > len(family) * _PER_CHARACTER_PCT else ""
