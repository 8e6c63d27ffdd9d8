"""Power and energy of one session: from its best source, or why from none. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from harness.measure.energy.answer import LoadStep
from harness.measure.energy.battery import DENIED, battery_trace
from harness.measure.energy.counter import counter_trace
from harness.measure.energy.window import NO_IDLE, Window, hopeless, mean_power, measure
from harness.measure.gauge import GaugeFacts, describe_gauges
from harness.measure.sampler import SamplerLog
from harness.measure.trace import PowerTrace
from harness.records import EnergyRecord, Quantity


@dataclass(frozen=True)
class SessionEnergy:
    """What is known of a session's energy.

    Attributes:
        power_mw: mean over the timed runs; energy_mj: of one inference, net of the idle phone.
        record: what they rest on.
        stuck: why the gauge counts as one that does not move.
        unchecked: why nothing confirms the gauge that gave the figure.
    """

    power_mw: Quantity
    energy_mj: Quantity
    record: EnergyRecord
    stuck: str | None = None
    unchecked: str | None = None


def unknown(reason: str) -> SessionEnergy:
    """Nothing, with the reason."""
    missing = Quantity(reason=reason)
    return SessionEnergy(missing, missing, EnergyRecord(reason=reason))


@dataclass(frozen=True)
class _Try:
    trace: PowerTrace | None = None
    record: EnergyRecord = field(default_factory=EnergyRecord)


def session_energy(
    log: SamplerLog | None,
    window: Window,
    *,
    known: Sequence[GaugeFacts] = (),
    charging: str | None = None,
    throttled: str | None = None,
    others: Sequence[PowerTrace | str] = (),
) -> SessionEnergy:
    """The figures of the first source that gives any; sources are never mixed.

    Args:
        log: of the sampler.
        known: what is known of the gauges of such phones.
        charging: why the phone counts as charging, None where it ran from its battery all the time.
        throttled: what capped the clocks, None where nothing did.
        others: traces of better sources than the battery's nodes, the best first, or why a source has none.
    """
    load = LoadStep(window.start_s, window.end_s, window.idle_s) if window.idle_s > 0 else None
    seen = describe_gauges(log, charging, load) if log is not None and log.times_s else []
    gauge: PowerTrace | str = charging or battery_trace(log, seen, known)
    counter: PowerTrace | str = charging or counter_trace(log)
    # Where both can be read and contradict each other, nobody knows which is right.
    contradicted = next(
        (f.doubt for f in seen if f.counter_ratio is not None and f.doubt and "counter" in f.doubt), None
    )
    counter = contradicted or counter
    no_power, no_energy = hopeless(window) if charging is None and gauge != DENIED else (None, None)
    doubt = gauge if isinstance(gauge, str) else None
    # That a second of work proves no gauge is no news: what is missing is time.
    gauge = no_energy or gauge if doubt else gauge
    tries = [_one(source, window, charging) for source in (*others, gauge, counter)]
    chosen = next((t for t in tries if t.record.net_mj is not None), tries[_telling(others)])
    power = _power(tries, window)
    if power.value is None and doubt:
        power = Quantity(reason=no_power or doubt)
    if chosen.trace is not None and power.source not in (None, chosen.record.source):
        power = mean_power(chosen.trace, window)
    stuck = next((f.stuck for f in seen if f.stuck), None)
    return _labelled(chosen, power, throttled, stuck, seen)


def _telling(others: Sequence[PowerTrace | str]) -> int:
    """Whose reason is told where no source gives a figure: the first that was there, else the gauge's."""
    return next((i for i, o in enumerate(others) if isinstance(o, PowerTrace)), len(others))


def _one(source: PowerTrace | str, window: Window, charging: str | None) -> _Try:
    if isinstance(source, str):
        return _Try(None, EnergyRecord(reason=source))
    if charging is not None and not source.while_charging:
        return _Try(None, EnergyRecord(source=source.source, reason=charging))
    return _Try(source, measure(source, window))


def _power(tries: Sequence[_Try], window: Window) -> Quantity:
    found = [mean_power(t.trace, window) if t.trace else Quantity(reason=t.record.reason) for t in tries]
    return next((q for q in found if q.value is not None), found[-2])


def _labelled(
    chosen: _Try, power: Quantity, throttled: str | None, stuck: str | None, seen: Sequence[GaugeFacts]
) -> SessionEnergy:
    record = chosen.record
    if record.net_mj is None:
        return SessionEnergy(power, Quantity(reason=record.reason), record, stuck)
    check = next((f for f in seen if f.amps is not None), None)
    ratio = check.counter_ratio if check else None
    if record.source == "battery gauge":
        record = replace(record, counter_ratio=ratio)
    unchecked = check.counter_reason if record.source == "battery gauge" and check and ratio is None else None
    if throttled is not None:
        record = replace(record, throttled=throttled)
        reason = f"{throttled}; what was measured so stands apart, as throttled"
        return SessionEnergy(power, Quantity(reason=reason), record, stuck, unchecked)
    return SessionEnergy(power, Quantity(record.net_mj, source=record.source), record, stuck, unchecked)


__all__ = ["NO_IDLE", "SessionEnergy", "session_energy", "unknown"]
