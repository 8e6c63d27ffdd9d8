"""`harness report`: show a run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.errors import HostError, UsageError

if TYPE_CHECKING:
    from harness.results.folder import Run

_FORMATS = ("table", "md", "html", "csv", "json")


def report(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    form: Annotated[str, typer.Option("--format", help="table, md, html, csv or json.")] = "table",
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file instead of standard output.")] = None,
) -> None:
    """Report a run per device tier and per phone.

    Example: harness report runs/20260101-120000-abc123 --format html --out report.html
    """
    from harness.durable import write_atomic
    from harness.report.document import build_document
    from harness.results.folder import load_run

    if form not in _FORMATS:
        raise UsageError(f"--format {form!r} is not known", advice=f"use {', '.join(_FORMATS)}")
    loaded = load_run(run)
    for line in loaded.damage:
        print(line, file=sys.stderr)
    document = build_document(loaded)
    if form == "table" and out is None:
        from harness.report.terminal import print_report

        print_report(document)
        return
    text = render(document, form, loaded)
    if out is None:
        sys.stdout.write(text)
        return
    try:
        write_atomic(out, text)
    except OSError as error:
        raise HostError(f"{out} cannot be written: {error.strerror}", advice="choose another --out") from None
    print(out)


def render(document: dict[str, Any], form: str, run: Run) -> str:
    """A document in a format for files, as text that UTF-8 can hold.

    Args:
        form: table, md, html, csv or json.
        run: where the page finds the sampler logs.
    """
    return _render(document, form, run).encode("utf-8", "backslashreplace").decode("utf-8")


def _render(document: dict[str, Any], form: str, run: Run) -> str:
    if form == "json":
        import json

        return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if form == "csv":
        from harness.report.csv_ import to_csv

        return to_csv(document)
    if form == "html":
        from harness.report.html import to_html

        return to_html(document, run)
    if form == "md":
        from harness.report.markdown import to_markdown

        return to_markdown(document)
    from harness.report.terminal import to_text

    return to_text(document)
