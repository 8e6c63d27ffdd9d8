"""`harness watch`: the rack, live."""

from __future__ import annotations

import contextlib
import sys
from typing import Annotated

import typer

from harness.cli.options import AsJson, Rack, Tiers

#: Real seconds between two pictures.
_EVERY_S = 1.0


def watch(
    run: Annotated[str | None, typer.Argument(help="A run folder, or the id of a run: only its phones.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Print it once and end.")] = False,
    rack: Rack = None,
    tiers: Tiers = None,
    as_json: AsJson = False,
) -> None:
    """Show the rack live: phones, leases, progress, heat, last errors, the queue and alarms. Ctrl-C ends it.

    While it is open it also raises the alarms of the rack file. With --json it prints a document, or without --once a
    line every second.

    Example: harness watch --rack rack.yaml
    """
    import json
    import time
    from dataclasses import asdict

    from harness.adb.server import AdbServer
    from harness.cli.watch_table import picture, printed
    from harness.phones.tiers import load_rules
    from harness.rack.alarm_book import AlarmBook
    from harness.rack.messenger import Messenger
    from harness.rack.rackfile import load_rack
    from harness.rack.store import RackStore
    from harness.rack.watcher import Watcher

    rack_file = load_rack(rack)
    store = RackStore(rack_file.state_folder)
    follow = not once and (as_json or sys.stdout.isatty())
    with AdbServer.from_environment() as server, Messenger(rack_file.alarms) as messenger:
        book = AlarmBook(store, messenger) if follow else None
        watcher = Watcher(server, load_rules(tiers), rack_file, store, run=run, alarms=book, follow=follow)
        with watcher, contextlib.suppress(KeyboardInterrupt):
            if not follow:
                view = watcher.snapshot()
                if as_json:
                    print(json.dumps({"schema": 1, **asdict(view)}, indent=2, ensure_ascii=False))
                else:
                    printed(view)
                return
            if as_json:
                while True:
                    print(json.dumps({"schema": 1, **asdict(watcher.snapshot())}, ensure_ascii=False), flush=True)
                    time.sleep(_EVERY_S)
            from rich.console import Console
            from rich.live import Live

            # On the alternate screen, as top does, so that a rack of any size leaves no trail.
            with Live(console=Console(), screen=True, auto_refresh=False, vertical_overflow="crop") as live:
                while True:
                    live.update(picture(watcher.snapshot()), refresh=True)
                    time.sleep(_EVERY_S)
