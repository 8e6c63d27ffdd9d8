"""`harness import`: a run of what was measured elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import AsJson, Out
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.benchmark.imported import ImportedSession
    from harness.records import PhoneRecord


def import_(
    files: Annotated[list[Path], typer.Argument(help="Logs and result files; x.txt and x.pb are one session.")],
    out: Out = Path("runs"),
    model: Annotated[str | None, typer.Option(help="Name of the model; else the logs' own.")] = None,
    variant: Annotated[str, typer.Option(help="Variant of the model.")] = "",
    delegate: Annotated[str | None, typer.Option(help="As in bench, gpu:precision=fp32; else the logs' own.")] = None,
    device: Annotated[str | None, typer.Option(help="Name of the phone that all of it was measured on.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; else the logs' own.")] = None,
    context: Annotated[
        str | None, typer.Option(help="shell or app; else app for logcat and shell for the rest.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a run of logs (of either benchmark_model, or logcat of its app) and result files.

    Several files of one condition are several sessions. What neither options nor files say stays unknown.

    Example: harness import gpu-1.txt gpu-1.pb gpu-2.txt --device "Pixel 9" --out runs
    """
    from harness.benchmark.asked import Given
    from harness.benchmark.delegates import parse_delegate
    from harness.benchmark.imported import read_imports
    from harness.results.imported import write_imported

    if context not in (None, "shell", "app"):
        raise UsageError(f"--context {context!r} is not known", advice="use shell or app")
    name, options = parse_delegate(delegate) if delegate else (None, {})
    given = Given(model, variant, name, options, device, threads, context)
    sessions, problems = read_imports(files, given, "imported")
    for problem in problems:
        print(f"harness: {problem.sentence}", file=sys.stderr)
    if not sessions:
        raise UsageError("nothing could be imported", advice="give logs or result files of a benchmark program")
    run_id, meta = _meta()
    path = write_imported(out, run_id, meta, _phone(device), [(s.record, s.files) for s in sessions])
    _print(path, sessions, as_json)
    if problems:
        raise SystemExit(1)


def _phone(device: str | None) -> PhoneRecord:
    from harness.records import PhoneRecord

    reason = "imported: the files do not say what the phone is"
    missing = {"soc": reason, "android": reason, "ram_mb": reason}
    return PhoneRecord(
        device or "unknown",
        "imported",
        "imported",
        model=device,
        tier_reason=reason,
        reasons=missing if device else {"model": "give --device", **missing},
    )


def _meta() -> tuple[str, dict[str, Any]]:
    import datetime
    import platform
    import secrets

    from harness import __version__
    from harness.results.folder import new_run_id

    now = datetime.datetime.now(datetime.UTC)
    return new_run_id(now, secrets.token_hex(8)), {
        "harness": __version__,
        "python": platform.python_version(),
        "host": platform.platform(),
        "started": now.isoformat(timespec="seconds"),
        "argv": sys.argv[1:],
    }


def _print(path: Path, sessions: list[ImportedSession], as_json: bool) -> None:
    if as_json:
        import json

        from harness.report.document import build_document
        from harness.results.folder import load_run

        print(json.dumps(build_document(load_run(path)), indent=2, ensure_ascii=False, allow_nan=False))
        return
    for session in sessions:
        key, record = session.record.key, session.record
        threads = f"threads {key.threads or 'unknown'}"
        words = (key.model, key.variant, key.delegate, threads, record.outcome)
        print(f"{record.detail['source']}: {', '.join(word for word in words if word)}")
    print(f"{len(sessions)} sessions imported.")
    print(path)
