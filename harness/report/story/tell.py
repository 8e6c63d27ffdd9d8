"""The story of a row as one document: everything that `harness explain` and the page tell of a number. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.measure.rules import RULES
from harness.records import SessionRecord, to_json
from harness.report.groups import SessionIndex
from harness.report.raw import Raw
from harness.report.story.again import how_again
from harness.report.story.command import commands
from harness.report.story.meaning import percent, what_it_is, what_the_interval_means, what_to_mind
from harness.report.story.sessions import session_entries
from harness.results.folder import Run

SCHEMA = 1
#: Keys of a row that are told as they are, where the row has them.
_AS_THEY_ARE = (
    *("row", "phone_id", "serial", "device", "tier", "tier_reason", "provenance", "context", "model", "variant"),
    *("delegate", "options", "threads", "runtime", "outcome", "outcome_line", "outcomes", "sessions", "sessions_run"),
    *("latency_ms", "init_ms", "first_ms", "memory_mb", "power_mw", "energy_mj", "energy", "thermal", "delegation"),
    *("agreement", "accuracy", "state", "activity", "frequency", "operators", "app_ratio", "cold", "sustained"),
    *("repeats", "flags", "validity"),
)
_RUN = ("run_id", "path", "started", "finished", "harness", "host", "seed", "argv", "damage")


def tell(
    run: Run, document: dict[str, Any], row: dict[str, Any], sessions: SessionIndex, raw: Mapping[str, Raw]
) -> dict[str, Any]:
    """The story of `row`, a row of `document`, which was made of `run`.

    Args:
        sessions: those of the run.
        raw: what the sessions left, by session_id; without it commands are put together from the records, and there
            are no files.
    """
    own, checks = sessions.own(row), sessions.checks(row)
    phone = next((p for p in run.phones if p.phone_id == row["phone_id"]), None)
    broken = {entry["rule"] for entry in row["validity"]}
    latency = row["latency_ms"]
    return {
        "schema": SCHEMA,
        "run": {k: document["run"].get(k) for k in _RUN if k in document["run"]},
        **{key: row[key] for key in _AS_THEY_ARE if key in row},
        "says": [what_it_is(row), what_the_interval_means(row)],
        "relative": percent(latency["median"], latency["ci95"]) or None,
        "mind": what_to_mind(row),
        "commands": commands(own, raw, run.meta),
        "commands_reason": None if any(s.args for s in own) else "no session was started",
        "phone": to_json(phone) if phone else None,
        "phone_reason": None if phone else "the run does not keep what this phone is",
        "session_list": session_entries(own, raw, _outliers(row)),
        "output_sessions": [_check(s) for s in checks],
        "rules_held": sorted(set(RULES) - broken),
        "files": [
            {"session_id": s.session_id, **to_json(file)}
            for s in [*own, *checks]
            for file in (raw[s.session_id].files if s.session_id in raw else ())
        ],
        "again": how_again(row, next((s.model_sha256 for s in own if s.model_sha256), None), run.meta),
    }


def _outliers(row: dict[str, Any]) -> frozenset[str]:
    """Ids of sessions that lie far from the others, where the row tells them."""
    return frozenset((row["latency_ms"].get("stability") or {}).get("outliers") or ())


def _check(session: SessionRecord) -> dict[str, Any]:
    return {
        "session_id": session.session_id,
        "outcome": session.outcome,
        "agreement": to_json(session.agreement) if session.agreement else None,
    }
