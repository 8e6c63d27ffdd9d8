"""`harness meter`: energy of a run by an external meter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import AsJson
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.benchmark.metered import MeteredRun
    from harness.measure.meter import MeterLog
    from harness.results.folder import Run

_COLUMN = "Column, as NAME or NAME:UNIT; else by the unit in its name."


def meter(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    csv: Annotated[Path, typer.Argument(help="What the meter wrote: time, and current with voltage, or power.")],
    phone: Annotated[str | None, typer.Option(help="The phone_id, where the run has several phones.")] = None,
    time: Annotated[str | None, typer.Option(help=f"{_COLUMN} Units: s, ms, us, or a date and time.")] = None,
    current: Annotated[str | None, typer.Option(help=f"{_COLUMN} Units: A, mA, uA, nA.")] = None,
    voltage: Annotated[str | None, typer.Option(help=f"{_COLUMN} Units: V, mV, uV.")] = None,
    power: Annotated[str | None, typer.Option(help=f"{_COLUMN} Units: W, mW, uW.")] = None,
    volts: Annotated[float | None, typer.Option(min=2.5, max=25, help="Of the supply, if the file has none.")] = None,
    on: Annotated[
        str,
        typer.Option(help="battery: it is on the battery's line; supply: all that the phone draws passes it."),
    ] = "battery",
    as_json: AsJson = False,
) -> None:
    """Add what an external power meter recorded during RUN; reports then show its energy.

    The recording is put on the phone's clock by the loads of the run, and refused where they do not fit. The run itself
    stays as it is: what is added lies in RUN/added.

    Example: harness meter runs/20260101-120000-abc123 monsoon.csv --phone PHONE
    """
    from harness.measure.meter import read_meter
    from harness.results.added import meter_path, write_meter
    from harness.results.folder import load_run

    if on not in ("battery", "supply"):
        raise UsageError(f"--on {on!r} is not known", advice="use battery or supply")
    loaded = load_run(run)
    phone_id = _phone(loaded, phone)
    try:
        text = csv.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{csv} cannot be read: {error.strerror}") from None
    given = {"time": time, "current": current, "voltage": voltage, "power": power}
    log = read_meter(text, {k: v for k, v in given.items() if v is not None}, volts)
    found = _measure(loaded, phone_id, log, csv.name, whole_supply=on == "supply")
    if found.alignment.reason is not None:
        raise UsageError(
            f"{csv} does not fit {phone_id}: {found.alignment.reason}",
            advice="is it of this run and phone?",
        )
    there = meter_path(run, phone_id).exists()
    place = write_meter(run, phone_id, _document(found, log, csv, text, on), _recording(found, log))
    _print(found, place, as_json, replaced=there)
    if not any(s.power_mw.value is not None for s in found.sessions.values()):
        raise SystemExit(1)


def _phone(run: Run, wanted: str | None) -> str:
    known = sorted({s.phone_id for s in run.sessions})
    if wanted is None and len(known) == 1:
        return known[0]
    if wanted in known and wanted is not None:
        return wanted
    told = f"the run has no phone {wanted!r}" if wanted else "the run has several phones"
    raise UsageError(told, advice=f"give --phone, one of {', '.join(known) or 'none'}")


def _measure(run: Run, phone_id: str, log: MeterLog, name: str, *, whole_supply: bool) -> MeteredRun:
    from harness.benchmark.metered import idle_of, meter_run

    sessions = [s for s in run.sessions if s.phone_id == phone_id]
    idle: dict[str, float] = {}
    for block in {s.block_id for s in sessions}:
        try:
            markers = (run.path / "raw" / block / "markers").read_text()
        except OSError:
            continue
        idle |= {f"{block}/{index:04d}": seconds for index, seconds in idle_of(markers).items()}
    return meter_run(sessions, idle, log, name, whole_supply=whole_supply)


def _document(found: MeteredRun, log: MeterLog, csv: Path, text: str, on: str) -> dict[str, Any]:
    import hashlib

    from harness.records import to_json

    return {
        "file": csv.name,
        "sha256": hashlib.sha256(csv.read_bytes()).hexdigest(),
        "on": on,
        "columns": {kind: f"{c.name} ({c.unit})" for kind, c in log.columns.items()},
        "period_s": log.period_s,
        "alignment": to_json(found.alignment),
        "sessions": {name: to_json(s) for name, s in found.sessions.items()},
    }


def _recording(found: MeteredRun, log: MeterLog) -> str:
    moments = found.alignment.to_phone(log.times_s)
    rows = (f"{t:.3f},{mw:.3f}\n" for t, mw in zip(moments.tolist(), log.power_mw.tolist(), strict=True))
    return "boot_s,power_mw\n" + "".join(rows)


def _print(found: MeteredRun, place: Path, as_json: bool, *, replaced: bool) -> None:
    from harness.records import to_json

    fit, sessions = found.alignment, found.sessions
    if as_json:
        import json

        document = {
            "schema": 1,
            "path": str(place),
            "replaced": replaced,
            "alignment": to_json(fit),
            "sessions": {name: to_json(s) for name, s in sessions.items()},
        }
        print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
        return
    counted = sum(s.energy_mj.value is not None for s in sessions.values())
    print(
        f"Aligned by {fit.edges} edges of load, {fit.residual_s * 1000:.0f} ms off, drift {fit.drift_ppm:.0f} ppm, "
        f"correlation {fit.score:.2f} (elsewhere at most {fit.second:.2f})."
    )
    print(f"Energy of {counted} of {len(sessions)} sessions is the meter's now{', and no earlier one' * replaced}.")
    for reason in sorted({s.energy_mj.reason for s in sessions.values() if s.energy_mj.reason}):
        print(f"Not measured: {reason}")
    print(place)
