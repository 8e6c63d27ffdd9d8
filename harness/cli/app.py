"""Entry point: puts the nouns together and turns errors into one sentence and an exit code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from harness import __version__
from harness.cli import nouns
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
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show commands and tracebacks.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    if verbose:
        import logging

        logging.basicConfig(level=logging.DEBUG, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)


def main() -> None:
    """Run the command line.

    Exit codes: 0 done, 1 something was found wrong, 2 wrong usage or configuration, 3 the environment cannot do it,
    130 interrupted.
    """
    verbose = any(a in ("-v", "--verbose") for a in sys.argv[1:])
    try:
        app()
    except HarnessError as error:
        if verbose:
            raise
        print(f"harness: {error}", file=sys.stderr)
        sys.exit(error.cli_exit)
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        sys.exit(130)
