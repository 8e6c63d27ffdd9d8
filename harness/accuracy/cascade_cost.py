"""What the stages of a cascade cost: time and energy on a phone from a run's report, bytes of a first download."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import UsageError
from harness.records import Quantity
from harness.variants.facts import deflated_bytes


@dataclass(frozen=True)
class Cost:
    """One stage: time and energy of one inference, each with its source or the reason why there is none."""

    ms: Quantity
    mj: Quantity

    def over(self, other: Cost) -> Cost:
        """What is known here, and the rest from `other`."""
        return Cost(*(a if a.value is not None else b for a, b in ((self.ms, other.ms), (self.mj, other.mj))))


def given_cost(ms: float | None, mj: float | None, stage: str) -> Cost:
    """From the command line; `stage` is the option's prefix."""
    return Cost(
        Quantity(ms, None if ms is not None else f"not given (--{stage}-ms, or --run)", "given"),
        Quantity(mj, None if mj is not None else f"not given (--{stage}-mj, or --run)", "given"),
    )


def cost_from_report(rows: Sequence[dict[str, Any]], model: Path, phone: str | None, delegate: str | None) -> Cost:
    """Of a model in a run: its fastest row that ran as asked.

    Args:
        rows: of the report's document.
        model: found by its file's stem, as model or variant.
        phone: phone_id, serial or device; may be None where the run has one phone.

    Raises:
        UsageError: the run has no such phone or model, or it did not run there.
    """
    phones = {row["phone_id"]: row["device"] for row in rows}
    asked = [r for r in rows if phone is None or phone in (r["phone_id"], r["serial"], r["device"])]
    listed = ", ".join(f"{p} ({d})" for p, d in sorted(phones.items()))
    if not asked:
        raise UsageError(f"the run has no phone {phone!r}", advice=f"it has {listed}" if listed else "it is empty")
    if len({r["phone_id"] for r in asked}) > 1:
        raise UsageError("the run has several phones", advice=f"choose one with --phone: {listed}")
    of_model = [r for r in asked if model.stem in (r["model"], r["variant"])]
    if not of_model:
        names = ", ".join(sorted({f"{r['model']} {r['variant']}".strip() for r in asked}))
        raise UsageError(f"the run has no model {model.stem!r}", advice=f"it has {names}")
    good = [
        r for r in of_model if r["outcome"] == "ok" and r["latency_ms"]["median"] and delegate in (None, r["delegate"])
    ]
    if not good:
        said = ", ".join(sorted({f"{r['delegate']}: {r['outcome']}" for r in of_model}))
        raise UsageError(f"{model.stem} has no figure on that phone ({said})", advice="choose another --delegate")
    row = min(good, key=lambda r: r["latency_ms"]["median"])
    source = f"{row['provenance']}: {row['device'] or row['phone_id']}, {row['delegate']}"
    energy = row["energy_mj"]
    return Cost(
        Quantity(row["latency_ms"]["median"], None, source),
        Quantity(energy["value"], None if energy["value"] is not None else energy["reason"], source),
    )


def download_bytes(models: Sequence[Path]) -> dict[str, int]:
    """Of these files together: as they are, and deflated as an APK that compresses them holds them."""
    return {
        "file_bytes": sum(m.stat().st_size for m in models),
        "deflated_bytes": sum(map(deflated_bytes, models)),
    }
