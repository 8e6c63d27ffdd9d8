"""What each phone of the rack can tell apart, as its last self-test measured it (see harness/compare/selftest.py)."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

from harness.errors import HarnessError
from harness.rack.state_files import StateFolder
from harness.records import from_json, to_json

log = logging.getLogger("harness.rack")

_NOISE = "noise"
#: Said where there is none.
NO_TEST = "no self-test yet: run harness rack selftest"


@dataclass(frozen=True)
class Noise:
    """A phone's noise with one delegate.

    Attributes:
        smallest_effect_pct: that `pairs` pairs find 8 times in 10; spread_pct: standard deviation between sessions.
        covers_1: equal artefacts measured equal.
        model_sha256, run_id: what it was measured with, and where.
        at_epoch_s: when it ended.
    """

    phone_id: str
    delegate: str
    smallest_effect_pct: float
    spread_pct: float
    covers_1: bool
    pairs: int
    model_sha256: str
    run_id: str
    at_epoch_s: float


def remember_noise(files: StateFolder, found: list[Noise]) -> None:
    """Write down what a self-test measured; earlier figures of the same phone and delegate go.

    Raises:
        HostError: it cannot be written.
    """
    with files.locked():
        for phone_id in sorted({n.phone_id for n in found}):
            known = {n.delegate: n for n in (*noise_of(files, phone_id), *(n for n in found if n.phone_id == phone_id))}
            text = json.dumps({"noise": [to_json(n) for n in known.values()]}, indent=2, sort_keys=True)
            files.write(files.place(_NOISE, phone_id), text + "\n")


def noise_of(files: StateFolder, phone_id: str | None) -> list[Noise]:
    """A phone's noise by delegate, the CPU's first; empty where nothing is known or what there is cannot be read."""
    if phone_id is None:
        return []
    try:
        data = json.loads(files.place(_NOISE, phone_id).read_bytes())
        found = [from_json(Noise, one) for one in data["noise"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError, AttributeError, HarnessError) as error:
        log.debug("%s: %r", phone_id, error)
        return []
    return sorted(found, key=lambda n: (n.delegate != "cpu", n.delegate))


def smallest_effect(files: StateFolder, phone_id: str | None) -> dict[str, float | str | None]:
    """`smallest_effect_pct` of a phone's CPU as a row of a list holds it, with the reason where it is not known."""
    cpu = next((n for n in noise_of(files, phone_id) if n.delegate == "cpu"), None)
    if cpu is None:
        return {"smallest_effect_pct": None, "smallest_effect_pct_reason": NO_TEST}
    return {"smallest_effect_pct": round(cpu.smallest_effect_pct, 2)}
