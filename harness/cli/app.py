"""Entry point: puts the nouns together and turns errors into one sentence and an exit code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from harness import __version__
from harness.cli import nouns
from harness.cli.logs import set_up_logs, take_verbose
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
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Both are seen to before: -v by `main`, since it may stand after the command too."""


def main() -> None:
    """Run the command line.

    Exit codes: 0 done, 1 something was found wrong, 2 wrong usage or configuration, 3 the environment cannot do it,
    130 interrupted.
    """
    arguments, verbose = take_verbose(sys.argv[1:])
    set_up_logs(verbose=verbose)
    try:
        app(args=arguments)
    except HarnessError as error:
        if verbose:
            import traceback

            traceback.print_exc()
        print(f"harness: {error}", file=sys.stderr)
        sys.exit(error.cli_exit)
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        sys.exit(130)
