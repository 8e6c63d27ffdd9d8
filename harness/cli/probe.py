"""`harness probe`: write down what a phone is and lets one read."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.errors import EnvironmentFault, HostError, UsageError

if TYPE_CHECKING:
    from harness.measure.gauge import GaugeFacts
    from harness.phones.probe import PhoneProbe


log = logging.getLogger("harness.phones")


def probe(
    serial: Annotated[str, typer.Argument(help="A serial, as harness devices lists it.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write.", show_default=False)],
    seconds: Annotated[
        float, typer.Option(min=0, max=3600, help="Watch its battery gauge so long idle, so long busy, and idle again.")
    ] = 60.0,
) -> None:
    """Write an anonymous bundle of what a phone is and lets one read; harness virtual up --profile FILE plays it.

    On battery all cores are kept busy in between, and what that proves of the battery gauge is kept for later runs on
    phones of this model and build.

    Example: harness probe 0A1B2C3D4E --out pixel-6.probe.json
    """
    import json

    from harness import __version__
    from harness.adb.server import AdbServer
    from harness.durable import write_atomic
    from harness.phones.bundle import make_bundle
    from harness.phones.calibrations import keep_gauges
    from harness.phones.look import SCRIPT
    from harness.phones.probe import read_probe, run_sections
    from harness.phones.sampling import watch_gauge
    from harness.phones.states import short

    if not out.absolute().parent.is_dir():
        raise UsageError(f"{out} cannot be written: there is no such folder", advice="choose another --out")
    with AdbServer.from_environment() as server:
        states = {line.serial: line.state for line in server.devices()}
        if states.get(serial) != "device":
            why = f"{serial} is {short(states[serial])}" if serial in states else f"adb does not name {serial}"
            raise EnvironmentFault(why, advice="harness devices lists the phones and what to do")
        phone = server.phone(serial)
        sections = run_sections(phone, "probe.sh")
        found = read_probe(sections, serial)
        sections |= run_sections(phone, SCRIPT)
        charging = found.battery.charging
        watched = watch_gauge(phone, found.nodes, seconds, busy=charging is None)
    bundle = make_bundle(sections, watched.log, serial=serial, harness=__version__)
    try:
        write_atomic(out, json.dumps(bundle, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    except OSError as error:
        raise HostError(f"{out} cannot be written: {error.strerror}", advice="choose another --out") from None
    gauges = list(watched.gauges(charging)) if seconds > 0 else None
    if kept := keep_gauges(found.record, tuple(gauges or ())):
        log.info("what is proven of its gauge is kept in %s", kept)
    for line in _lines(found, gauges):
        print(line)
    print(out)


def _lines(found: PhoneProbe, gauges: list[GaugeFacts] | None) -> list[str]:
    record = found.record
    refused = ", ".join(name for name, state in found.denied.items() if state == "denied") or "none"
    kind = "" if record.provenance == "real" else f" ({record.provenance})"
    lines = [
        f"{record.model or 'Unknown model'}{kind}: Android {record.android or '?'}, {record.soc or 'unknown SoC'}, "
        f"{record.abi or 'unknown ABI'}, {record.gpu or 'unknown GPU'}",
        f"Readable nodes: {len(found.nodes)}; refused: {refused}",
    ]
    return [*lines, *gauge_lines(gauges)]


def gauge_lines(gauges: list[GaugeFacts] | None) -> list[str]:
    """A line a battery gauge, or why there is none; None: nobody looked."""
    if gauges is None:
        return ["Gauge: not watched"]
    lines = []
    if not gauges:
        lines.append("Gauge: the shell user cannot read the battery's current, so power and energy stay unknown")
    for gauge in gauges:
        unit = f"{gauge.unit}, {'+' if gauge.discharge_sign == 1 else '-'} while discharging" if gauge.unit else None
        rate = f"a new value every {gauge.refresh_s:.2g} s in steps of {gauge.step:g}" if gauge.refresh_s else None
        lag = f"; {gauge.lag_s:.2g} s of lag" if gauge.lag_s else ""
        lines.append(f"Gauge {gauge.node}: {unit or gauge.unit_reason}; {rate or gauge.refresh_reason}{lag}")
        if gauge.unit:
            lines.append(f"Energy: {gauge.doubt or 'every test of the gauge is passed; its gain stays uncalibrated'}")
    return lines
