"""What a person does to phones of the rack: give them back, take them out, end what runs on them."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from harness.adb.phone import Phone
from harness.errors import HarnessError
from harness.logs import log_context
from harness.phones.clean import end_jobs
from harness.phones.lease import break_lease, standing
from harness.rack.holds import Hold
from harness.rack.status import RackState
from harness.rack.store import RackStore, who

log = logging.getLogger("harness.rack")


@dataclass(frozen=True)
class Done:
    """What was done to one phone, as the rest of a sentence about it. ok: it is as was asked."""

    phone_id: str
    text: str
    ok: bool = True


def release(phone_id: str, phone: Phone | None, store: RackStore, *, take: bool) -> Done:
    """End every hold on a phone, and with `take` also the lease of whoever has it.

    Raises:
        HostError: the store cannot be written; the phone is still held.
    """
    lifted = store.lift(phone_id)
    said = [f"is no longer {hold.state}" for hold in lifted]
    if phone is None:
        return Done(phone_id, " and ".join([*said, "is not connected, so its lease was not looked at"]), bool(lifted))
    try:
        if take:
            broken = break_lease(phone, who())
            if broken is not None:
                store.event("lease_broken", phone_id=phone_id, by=who(), owner=broken.owner, run=broken.run_id)
                said.append(f"was taken from {broken.owner} (run {broken.run_id})")
        elif (holder := standing(phone).holder) is not None:
            said.append(f"is {holder}; --break takes it away")
            return Done(phone_id, " and ".join(said), bool(lifted))
    except HarnessError as error:
        said.append(f"does not say who has leased it: {error.message}")
        return Done(phone_id, " and ".join(said), bool(lifted) and not take)
    return Done(phone_id, " and ".join(said) or "was neither held nor leased")


def drain(phone_id: str, store: RackStore, reason: str) -> Done:
    """What runs on it may end; nothing new starts.

    Raises:
        HostError: the store cannot be written; the phone is not held.
    """
    store.set_hold(phone_id, _hold(store, RackState.DRAINING, reason, None))
    return Done(phone_id, "is draining: what runs may end, and nothing new starts")


def quarantine(phone_id: str, store: RackStore, reason: str, for_s: float | None) -> Done:
    """Nothing starts on it until the time is over, or until it is released.

    Raises:
        HostError: the store cannot be written; the phone is not held.
    """
    hold = _hold(store, RackState.QUARANTINED, reason, for_s)
    store.set_hold(phone_id, hold)
    return Done(phone_id, f"is {hold.words()}")


def stop(phone_id: str, phone: Phone, store: RackStore) -> Done:
    """End what the harness runs on a phone and restore the phone; files stay.

    A lease is taken away first, so that what was under way does not count; and the phone then drains, so that the run
    that had it does not come back to it.
    """
    said = []
    try:
        with log_context(serial=phone.serial, phone_id=phone_id):
            broken = break_lease(phone, who())
            if broken is not None:
                reason = f"stopped by hand; it was leased by {broken.owner} for run {broken.run_id}"
                store.set_hold(phone_id, _hold(store, RackState.DRAINING, reason, None))
                said.append(
                    f"was taken from {broken.owner} (run {broken.run_id}) and takes no job until it is released"
                )
            end_jobs(phone)
    except HarnessError as error:
        return Done(phone_id, f"could not be stopped: {error.message}", False)
    store.event("stopped", phone_id=phone_id, serial=phone.serial, by=who())
    return Done(phone_id, " and ".join([*said, "runs nothing of ours now"]))


def _hold(store: RackStore, state: RackState, reason: str, for_s: float | None) -> Hold:
    return Hold(state, reason, "harness rack release ends it", who(), store.now(), for_s)
