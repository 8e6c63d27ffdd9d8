"""`harness explain`: the whole story of one number."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import AsJson
from harness.errors import UsageError


def explain(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    row: Annotated[str, typer.Argument(help="A row's name, or terms as delegate=gpu,model=mobilenet.")],
    as_json: AsJson = False,
) -> None:
    """Tell the whole story of one number: command, phone, sessions, flags, raw files, and how to take it again.

    ROW is what `harness report RUN` shows in the column row.

    Example: harness explain runs/20260101-120000-abc123 delegate=gpu,model=mobilenet
    """
    from harness.report.document import build_document
    from harness.report.finder import find_rows, listing
    from harness.report.groups import SessionIndex
    from harness.report.raw import read_raw
    from harness.report.story.tell import tell
    from harness.results.folder import load_run

    loaded = load_run(run)
    for line in loaded.damage:
        print(line, file=sys.stderr)
    document = build_document(loaded)
    found = find_rows(document, row)
    if len(found) > 1:
        *lines, last = listing(found)
        for line in lines:
            print(line, file=sys.stderr)
        raise UsageError(f"{row!r} is not one row: {last.rstrip('.')}")
    sessions = SessionIndex(loaded.sessions)
    raw = read_raw(loaded.path, [*sessions.own(found[0]), *sessions.checks(found[0])])
    story = tell(loaded, document, found[0], sessions, raw)
    if as_json:
        import json

        print(json.dumps(story, indent=2, ensure_ascii=False, allow_nan=False))
        return
    from harness.report.story.text import to_text

    sys.stdout.write(to_text(story))
