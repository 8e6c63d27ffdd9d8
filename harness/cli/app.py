"""Entry point: puts the nouns together and turns errors into one sentence and an exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from harness import __version__
from harness.cli import nouns
from harness.cli.logs import LogOptions, set_up_logs, take_log_options
from harness.errors import HarnessError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Benchmark TensorFlow Lite models on a rack of Android phones, and report per device tier.\n\n"
    "Try it without a phone: harness bench model.tflite --virtual 2",
)
nouns.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"harness {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show every command sent to a phone, and tracebacks.")
    ] = False,
    log_json: Annotated[
        Path | None, typer.Option(envvar="HARNESS_LOG", help="Add every log line to this file, as JSON.")
    ] = None,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """All are seen to before: -v and --log-json by `main`, since they may stand after the command too."""


def main() -> None:
    """Run the command line.

    Exit codes: 0 done, 1 something was found wrong, 2 wrong usage or configuration, 3 the environment cannot do it,
    130 interrupted.
    """
    logs = LogOptions()
    try:
        arguments, logs = take_log_options(sys.argv[1:])
        set_up_logs(logs)
        app(args=arguments)
    except HarnessError as error:
        if logs.verbose:
            import traceback

            traceback.print_exc()
        print(f"harness: {error}", file=sys.stderr)
        sys.exit(error.cli_exit)
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        sys.exit(130)
