"""Shows the threads of a phone's programs below its /proc: their files lie in the tree, and init binds them there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from harness.virtual.nodes.threads import threads

if TYPE_CHECKING:
    from harness.virtual.phone import VirtualPhone

#: Where the files lie where /proc is the kernel's: outside of what the shell user sees of a phone.
STASH = "mnt/.threads"
#: Phone seconds between two looks at where the threads are.
_EVERY_S = 0.2


class ShownThreads:
    """The threads of the programs that run on one phone."""

    def __init__(self, phone: VirtualPhone) -> None:
        self._phone = phone
        self._known: dict[int, dict[str, str]] = {}

    def tick(self) -> None:
        """Bring what is shown to the phone's time."""
        state = self._phone.state
        for pid in [p for p in self._known if p not in state.pids]:
            self._known.pop(pid)
            shutil.rmtree(self._folder(pid), ignore_errors=True)
        for pid, process in state.pids.items():
            seed = int(state.clock.now_s() / _EVERY_S) * 100_003 + pid
            files = threads(
                self._phone.profile.clusters, pid, process.name, process.threads, process.cpus, process.cpu_s, seed
            )
            self._write(pid, dict(files))

    def _write(self, pid: int, files: dict[str, str]) -> None:
        new = pid not in self._known
        written = self._known.setdefault(pid, {})
        for name, text in files.items():
            if written.get(name) == text:
                continue
            place = self._folder(pid) / name
            if name not in written:
                place.parent.mkdir(parents=True, exist_ok=True)
            # In place, and the whole line in one write: a reader sees the old or the new.
            with place.open("r+" if place.exists() else "w") as file:
                file.write(text)
                file.truncate()
            written[name] = text
        if new and self._phone.namespace:
            self._phone.show(f"/{STASH}/{pid}", f"/proc/{pid}/task")

    def _folder(self, pid: int) -> Path:
        root = self._phone.root
        return root / STASH / str(pid) if self._phone.namespace else root / "proc" / str(pid) / "task"
