"""How far a run is, read from its folder while it is written; only what is new is read again."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.results.folder import JOURNAL, META


@dataclass(frozen=True)
class RunProgress:
    """A run by now.

    Attributes:
        planned: sessions in all, None where run.json does not say yet.
        done: sessions in the journal; by_phone: the same by phone_id.
        planned_by_phone: of phones that jobs are pinned to.
        last: phone_id to the last finished condition and how it ended, in words.
        phones: phone_id to name and provenance, as run.json has them.
        finished: the run says that it is complete.
    """

    run_id: str
    path: Path
    planned: int | None
    done: int
    by_phone: dict[str, int]
    planned_by_phone: dict[str, int]
    last: dict[str, str]
    phones: dict[str, tuple[str, str]]
    finished: bool


class ProgressReader:
    """Follows one run folder. One that is not there yet, or damaged, is a run without results."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0
        self._known: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._last: dict[str, str] = {}

    def read(self) -> RunProgress:
        """The run by now; never raises for what the folder holds."""
        self._read_journal()
        meta = self._meta()
        planned = {k: v for k, v in meta.get("planned", {}).items() if isinstance(v, int)}
        return RunProgress(
            str(meta.get("run_id", self.path.name)),
            self.path,
            sum(planned.values()) if planned else None,
            len(self._known),
            dict(self._counts),
            planned,
            dict(self._last),
            {p["phone_id"]: (p.get("model") or "?", p.get("provenance") or "?") for p in meta.get("phones", [])},
            meta.get("finished") is True,
        )

    def _read_journal(self) -> None:
        try:
            with (self.path / JOURNAL).open("rb") as file:
                file.seek(0, 2)
                if file.tell() < self._offset:  # the writer cut a torn end off
                    self._offset = 0
                file.seek(self._offset)
                data = file.read()
        except OSError:
            return
        whole, newline, _torn = data.rpartition(b"\n")
        self._offset += len(whole) + len(newline)
        for line in whole.split(b"\n"):
            try:
                event = json.loads(line)
                if event["event"] == "session":
                    self._session(event["session"])
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                continue  # told by whoever reads the journal for its results

    def _session(self, session: dict[str, Any]) -> None:
        if session["session_id"] not in self._known:
            self._known.add(session["session_id"])
            self._counts[session["phone_id"]] += 1
            key = session["key"]
            threads = f"{key['threads']}t" if key.get("threads") else None
            words = (key["model"], key.get("variant"), key["delegate"], threads)
            text = " ".join(str(w) for w in words if w)
            self._last[session["phone_id"]] = text if session["outcome"] == "ok" else f"{text}: {session['outcome']}"

    def _meta(self) -> dict[str, Any]:
        try:
            meta = json.loads((self.path / META).read_bytes())
        except (OSError, ValueError):
            return {}
        return meta if isinstance(meta, dict) else {}
