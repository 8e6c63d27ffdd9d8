"""The command lines of a row's sessions, taken apart: program, model, flags, environment, cores. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from harness.records import SessionRecord
from harness.report.raw import Raw

#: Where a session writes its result files is all that differs between sessions of one condition.
_PLACE = re.compile(r"\bs/\d{4,}/")
_ROOT = re.compile(r'"?\$\{PHONE_ROOT\}"?')
_SUM = re.compile(r"[0-9a-f]{64}")


def commands(
    sessions: Sequence[SessionRecord], raw: Mapping[str, Raw], meta: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """An entry a different command, in the order in which they first ran; one where all sessions ran the same.

    Keys: `text` (as the phone's shell got it, `INDEX` for the session's folder, without the prefix that is empty on a
    phone), `words` (the same with names for files, nothing but flags), `program`, `model` (names), `env`, `affinity`
    (mask of cores, None for any), `flags`, `sessions` (ids), `source` (`cmd`: the file that the phone got; `record`:
    put together from the record).

    Args:
        meta: of run.json; names programs and models by their sums.
    """
    found: dict[str, dict[str, Any]] = {}
    for session in sessions:
        text, source = _text(session, raw.get(session.session_id))
        if text is None:
            continue
        if text not in found:
            found[text] = {"text": text, "source": source, **_parts(text, session, meta), "sessions": []}
        found[text]["sessions"].append(session.session_id)
    return list(found.values())


def _text(session: SessionRecord, raw: Raw | None) -> tuple[str | None, str]:
    if raw is not None and raw.command:
        return _ROOT.sub("", _PLACE.sub("s/INDEX/", raw.command)), "cmd"
    if not session.args:
        return None, "record"
    flags = " ".join(shlex.quote(_PLACE.sub("s/INDEX/", a)) for a in session.args)
    graph = f"--graph={session.model_sha256} " if session.model_sha256 else ""
    return f"{session.runtime.sha256 or 'benchmark_model'} {graph}{flags}", "record"


def _parts(text: str, session: SessionRecord, meta: Mapping[str, Any]) -> dict[str, Any]:
    words, env, affinity = _split(text), {}, None
    if words[:1] == ["export"]:
        end = words.index(";") if ";" in words else len(words)
        env = dict(word.partition("=")[::2] for word in words[1:end])
        words = words[end + 1 :]
    words = words[1:] if words[:1] == ["exec"] else words
    if words[:1] == ["taskset"]:
        affinity, words = words[1], words[2:]
    named = [_named(word, meta) for word in words]
    known = {f["sha256"]: f["file"] for f in meta.get("models", []) if "sha256" in f and "file" in f}
    return {
        "words": shlex.join(
            [*(f"{k}={v}" for k, v in env.items()), *(["taskset", affinity] if affinity else []), *named]
        ),
        "program": named[0] if named else None,
        "program_sha256": session.runtime.sha256,
        "model": known.get(session.model_sha256 or ""),
        "model_sha256": session.model_sha256,
        "env": env,
        "affinity": affinity,
        "flags": named[1:],
    }


def _split(text: str) -> list[str]:
    """Words as a shell splits them, `;` apart; unbalanced quotes are left as they are."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError:
        return text.split()


def _named(word: str, meta: Mapping[str, Any]) -> str:
    """A path on the phone whose file is named by its sum, as the name that people know."""
    found = _SUM.search(word)
    if found is None:
        return word
    names = {**dict(meta.get("binaries", {})), **{m.get("sha256"): m.get("file") for m in meta.get("models", [])}}
    name = names.get(found[0])
    return f"{word.partition('=')[0]}={name}" if name and "=" in word else name or word
