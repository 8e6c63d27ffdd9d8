"""Runs a rack in the foreground and says on stdout where its phones are."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import signal
import sys
from pathlib import Path

from harness.virtual.faults import PhonePlan
from harness.virtual.hub import HubServer
from harness.virtual.ledger import LedgerFile
from harness.virtual.phone import VirtualPhone
from harness.virtual.profile import Profile
from harness.virtual.rack import Mode, Rack


async def run_rack(
    kinds: list[Profile],
    mode: Mode,
    seed: int,
    rate: float,
    port: int,
    plans: list[PhonePlan] | None,
    ledger: Path | None = None,
    *,
    until_stdin_closes: bool,
) -> None:
    """Start the phones, print a JSON line each and `ready`, and stay until a signal (or until stdin closes).

    Raises:
        EnvironmentFault: a port is taken, or namespaces are refused where they were asked for.
    """
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, done.set)
    file = LedgerFile(ledger) if ledger else None
    if file:
        file.write("rack", {"pid": os.getpid(), "phones": len(kinds), "rate": rate, "seed": seed})
    async with Rack(kinds, mode=mode, seed=seed, rate=rate, port=port, plans=plans, ledger=file) as rack:
        loop.add_signal_handler(signal.SIGUSR1, lambda: loop.create_task(rack.note_states()))
        print(f"virtual phones: {rack.mode} mode, {rack.shell}, clock rate {rate:g}", file=sys.stderr)
        if rack.mode == "portable":
            print("absolute paths typed by hand resolve on this machine, not on the phone", file=sys.stderr)
        hub = await _hub(rack)
        for phone in rack.phones:
            _tell(hub, phone)
            phone.moved = functools.partial(_tell, hub, phone)
        print("ready", flush=True)
        if until_stdin_closes:
            loop.add_reader(0, _end_of_stdin, done)
        await done.wait()
        if hub:
            await hub.stop()
        await rack.note_states()
    if file:
        file.close()


async def _hub(rack: Rack) -> HubServer | None:
    hub = HubServer(rack.phones)
    try:
        await hub.start()
    except OSError as error:
        # The phones are of use without it.
        print(f"the virtual hub's token cannot be written ({error}), so there is no hub", file=sys.stderr)
        await hub.stop()
        return None
    return hub


def _tell(hub: HubServer | None, phone: VirtualPhone, was: str | None = None) -> None:
    line: dict[str, str | None] = {
        "serial": phone.serial,
        "profile": phone.profile.name,
        "phone_id": phone.serialno,
        "provenance": "virtual",
    }
    line["hub"] = hub.spec(phone) if hub else None
    print(json.dumps(line if was is None else {**line, "was": was}), flush=True)


def _end_of_stdin(done: asyncio.Event) -> None:
    if not os.read(0, 4096):
        asyncio.get_running_loop().remove_reader(0)
        done.set()
