"""What the official benchmark app can do, and the command of a session in it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.adb.quote import device_path, quote
from harness.benchmark.work import Protocol

CONTEXTS = ("shell", "app")
_DELEGATES = ("cpu", "gpu", "nnapi")
#: Flags that name files for the program to write: the app may write nowhere that the shell reads.
_FILES = ("output_filepath", "output_proto_filepath", "op_profiling_output_file", "profiling_output_csv_file")


def app_cannot(delegate: str, options: Mapping[str, str], protocol: Protocol) -> str | None:
    """Why a condition cannot be run in the app; None where it can."""
    if delegate not in _DELEGATES:
        return f"the app has the delegates of TensorFlow Lite only: {', '.join(_DELEGATES)}"
    if protocol.chain_s:
        return "a chain has no rest between its steps, and an app takes seconds to start"
    if "affinity" in options:
        return "the system decides on which cores an app runs, and the shell cannot pin it"
    for arg in (*options.values(), *protocol.extra_args):
        if len(arg.split()) != 1:
            return f"the app cuts its flags at blanks, and {arg!r} has some"
    for arg in protocol.extra_args:
        name = arg.removeprefix("--").partition("=")[0]
        if name in _FILES:
            return f"--{name} asks for a file, and the app may write none that the shell can read"
    return None


def kinds_in(context: str, kinds: Sequence[tuple[str, int | None]]) -> list[tuple[str, int | None]]:
    """What of the (kind, step) of a round a context runs: the app its times only."""
    return [kind for kind in kinds if context == "shell" or kind[0] == "timing"]


def app_command(folder: str, model: str, args: Sequence[str]) -> str:
    """The command line of a session in the app (see device_scripts/lib/app.sh); `exec` is of no use to a function.

    Args:
        folder: of the session, below the block's.
        model: path on the phone.
        args: flags of the program but `--graph`.
    """
    words = " ".join(quote(a) for a in args)
    return f". ./lib/app.sh\napp_session {quote(folder)} --graph={device_path(model)} {words}\n"
