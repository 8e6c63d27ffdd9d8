"""What the store holds, row by row, and whether it is as the locks say."""

from __future__ import annotations

import re
from typing import Any

from harness.benchmark.store.locks import read_lock
from harness.benchmark.store.store import Store


def list_rows(store: Store) -> list[dict[str, Any]]:
    """A row per official flavour and ABI, then one per build of the user's own.

    Raises:
        UsageError: a lock file has a fault.
    """
    held = store.held()
    rows = []
    for b in store.sources.builds:
        pin = store.pin(b)
        sha256 = pin.sha256 if pin else None
        taken = held.get(sha256) if sha256 else None
        present = sha256 is not None and store.path(sha256).is_file()
        row: dict[str, Any] = {"flavour": b.flavour, "abi": b.abi, "own": False, "system": b.system, "name": b.version}
        row |= {"address": b.address, "moving": b.moving, "sha256": sha256, "present": present, "preferred": False}
        row |= {"size_bytes": pin.size_bytes if pin else None, "fetched": taken.since if taken and present else None}
        row |= {"from": taken.source if taken and present else None, "note": b.note or b.reason}
        rows.append(row | ({} if b.address else {"address_reason": b.reason}))
    for sha256, h in sorted(held.items()):
        if h.own:
            row = {"flavour": h.flavour, "abi": h.abi, "own": True, "system": None, "name": h.name, "address": None}
            row |= {"moving": False, "sha256": sha256, "present": store.path(sha256).is_file(), "note": None}
            row |= {"preferred": h.preferred, "size_bytes": h.size_bytes, "fetched": h.since, "from": h.source}
            rows.append(row)
    return rows


def verify_rows(store: Store) -> list[dict[str, Any]]:
    """A row per file that a lock names or that lies in the store, hashed anew.

    `state`: ok; differs (content is not as pinned); missing (was here, is gone); unpinned (no lock names it);
    not_fetched (the project pins it, this machine never had it: not wrong).

    Raises:
        UsageError: a lock file has a fault.
    """
    machine = read_lock(store.machine_lock)
    project = read_lock(store.project_lock).pins if store.project_lock else {}
    sources = {pin.sha256: address for address, pin in {**machine.pins, **project}.items()}
    here = {p.name for p in store.root.glob("*") if re.fullmatch("[0-9a-f]{64}", p.name)}
    mine = set(machine.files) | {p.sha256 for p in machine.pins.values()}
    rows = []
    for sha256 in sorted(here | mine | set(sources)):
        known = sha256 in mine or sha256 in sources
        if sha256 not in here:
            state = "missing" if sha256 in mine else "not_fetched"
        elif not store.intact(sha256):
            state = "differs"
        else:
            state = "ok" if known else "unpinned"
        source = machine.files[sha256].source if sha256 in machine.files else sources.get(sha256)
        wrong = state in ("differs", "missing", "unpinned")
        rows.append({"sha256": sha256, "state": state, "wrong": wrong, "from": source, "path": str(store.path(sha256))})
    return rows
