"""Leases: who holds a phone. The truth lies on the phone, so that all users, commands and hosts see the same.

`DEVICE_ROOT/leases/NUMBER/held` holds one lease; the highest number counts. A number is taken by one atomic mkdir, so
of two that try one wins; numbers only rise. run.sh compares number and key before and after each session, so that what
an old owner still has running ends, and does not count.
"""

from __future__ import annotations

import logging
import re
import secrets
from dataclasses import dataclass

from harness.adb.phone import Phone
from harness.adb.quote import DEVICE_ROOT, device_path, quote
from harness.errors import PhoneTransientError
from harness.resources import resource_dir

log = logging.getLogger("harness.lease")

#: Phone seconds after its deadline, or after a boot, for which the run that held a phone may still come back.
GRACE_S = 300.0
#: What a lease cannot be without; the shell's numbers have 32 bits.
_LONGEST_S = 1_000_000_000
_UNSAFE = re.compile(r"[^\w@:.+-]")


@dataclass(frozen=True)
class Lease:
    """One lease.

    Attributes:
        number: the fencing number.
        key: random; a session counts only where number and key are the same before and after it.
        owner: user@host:pid of the command.
        run_id: the run it belongs to.
        boot_id, deadline_uptime_s: it ends at this uptime of this boot.
        released: it was given back.
    """

    number: int
    key: str
    owner: str
    run_id: str
    boot_id: str
    deadline_uptime_s: float
    released: bool = False

    def left_s(self, boot_id: str, uptime_s: float, grace_s: float = GRACE_S) -> float:
        """Phone seconds until somebody else may take the phone; 0 where anybody may now."""
        if self.released:
            return 0.0
        end_s = self.deadline_uptime_s + grace_s if boot_id == self.boot_id else grace_s
        return max(0.0, end_s - uptime_s)

    @property
    def name(self) -> str:
        """The number as the phone's folder has it."""
        return f"{self.number:08d}"


@dataclass(frozen=True)
class Standing:
    """The lease that counts on a phone, None where there is none yet, and the phone's time.

    last: the highest number, also of a lease that cannot be read; damaged: it is there and cannot.
    """

    lease: Lease | None
    last: int
    boot_id: str
    uptime_s: float
    damaged: bool = False

    @property
    def left_s(self) -> float:
        """Phone seconds until anybody may take the phone; 0: now."""
        return self.lease.left_s(self.boot_id, self.uptime_s) if self.lease else 0.0

    @property
    def holder(self) -> str | None:
        """Who holds the phone, as the end of a sentence; None where nobody does."""
        if self.lease is None or self.left_s <= 0:
            return None
        return f"leased by {self.lease.owner} for run {self.lease.run_id}"

    @property
    def holder_until(self) -> str | None:
        """The same with the time for which it may go on at most."""
        return None if self.holder is None else f"{self.holder}, {self.left_s / 60:.0f} min left"


class LeaseHeldError(PhoneTransientError):
    """Somebody else holds the phone; it may pass."""


def read_standing(text: str) -> Standing | None:
    """Read the line that lease.sh ends with. Pure; None where it is none."""
    words = text.split()
    if len(words) < 3 or not words[2].isdecimal() or not words[1].isdecimal():
        return None
    boot_id, uptime_s, last = words[0], float(words[1]), int(words[2])
    held = words[3:]
    lease = None
    if len(held) == 6 and held[2].isdecimal():
        key, boot, deadline, state, owner, run_id = held
        lease = Lease(last, key, owner, run_id, boot, float(deadline), state == "released")
    return Standing(lease, last, boot_id, uptime_s, damaged=bool(held) and lease is None)


def standing(phone: Phone) -> Standing:
    """Who holds a phone.

    Raises:
        PhoneTransientError, DeadlineError: the phone does not answer.
    """
    return _ask(phone, "read")[1]


def claim(phone: Phone, *, owner: str, run_id: str, for_s: float, force: bool = False) -> Lease:
    """Take a phone that nobody holds.

    Args:
        owner: user@host:pid.
        for_s: phone seconds; `GRACE_S` more pass before somebody else may have it.
        force: take it from whoever holds it. Their sessions are void from now on.

    Raises:
        LeaseHeldError: somebody holds it, or took it first.
        PhoneTransientError, DeadlineError: the phone does not answer.
    """
    now = standing(phone)
    if not force and now.holder is not None:
        raise LeaseHeldError(
            now.holder_until or now.holder, serial=phone.serial, advice="wait for it, or harness rack release --break"
        )
    if now.damaged:
        log.warning("%s: its lease %08d cannot be read and counts as none; it is kept", phone.serial, now.last)
    key, number = secrets.token_hex(8), now.last + 1
    names = _UNSAFE.sub("_", owner) or "_", _UNSAFE.sub("_", run_id) or "_"
    said, now = _ask(phone, "take", f"{number:08d}", key, _seconds(for_s), *names)
    if said != "taken" or now.lease is None or now.lease.key != key:
        raise LeaseHeldError(now.holder or "somebody else took it first", serial=phone.serial)
    return now.lease


def renew(phone: Phone, lease: Lease, for_s: float) -> Lease | None:
    """Hold a phone `for_s` phone seconds from now, also after a boot; None where somebody took it since."""
    said, now = _ask(phone, "renew", lease.name, lease.key, _seconds(for_s))
    return now.lease if said == "kept" else None


def release(phone: Phone, lease: Lease) -> bool:
    """Give a phone back; False where it was lost before."""
    return _ask(phone, "release", lease.name, lease.key)[0] == "kept"


def break_lease(phone: Phone, by: str) -> Lease | None:
    """Take a phone from whoever holds it and give it back at once; the lease that was broken, None where none held.

    What still runs there ends before its next session (run.sh), and the one under way is void.
    """
    held = standing(phone)
    if held.holder is None:
        return None
    release(phone, claim(phone, owner=by, run_id="broken", for_s=0, force=True))
    return held.lease


def _seconds(for_s: float) -> str:
    return str(round(min(max(0.0, for_s), _LONGEST_S)))


def _ask(phone: Phone, verb: str, *arguments: str) -> tuple[str, Standing]:
    script = phone.push(resource_dir("device_scripts") / "lease.sh").path
    words = " ".join(quote(a) for a in (verb, *arguments))
    command = f"sh {device_path(script)} {device_path(DEVICE_ROOT)} {words}"
    lines = phone.shell(command, check=True).stdout.splitlines()
    found = read_standing(lines[-1]) if lines else None
    if found is None:
        raise PhoneTransientError("the phone does not say who holds it", serial=phone.serial, command=command)
    return lines[0].strip(), found
