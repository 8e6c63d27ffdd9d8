"""Which benchmark program a phone gets."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.benchmark.work import BinaryFile
    from harness.records import PhoneRecord


def choose_binary(
    phone: PhoneRecord,
    given: Path | None,
    stack: contextlib.ExitStack,
    offline: bool,
    shared: dict[tuple[str, ...], BinaryFile],
    flavour: str = "tflite",
) -> BinaryFile:
    """The program given with --binary; else a virtual phone gets its stand-in, another one what the store has.

    Args:
        stack: keeps the stand-in's file until the run is over.
        offline: fetch nothing.
        shared: programs found before in this run, by the ABIs they are for; added to.
        flavour: as `flavour_for` says.

    Raises:
        UsageError: the given file is no program.
        EnvironmentFault: there is no program for the phone, or it cannot be fetched.
        HostError: the store cannot be used; transient where a download may work later.
    """
    from harness.benchmark.binary import read_binary

    if given is not None:
        return read_binary(given)
    if phone.provenance == "virtual":
        from harness.virtual.standin import standin_bytes

        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="harness-program-")))
        path = folder / "benchmark_model"
        path.write_bytes(standin_bytes())
        return read_binary(path)
    if phone.abilist not in shared:
        from harness.benchmark.store.find import find_or_fetch
        from harness.cli.binaries import byte_bar, say

        with byte_bar() as on_bytes:
            shared[phone.abilist] = find_or_fetch(
                phone.abilist, flavour=flavour, offline=offline, say=say, on_bytes=on_bytes
            )
    return shared[phone.abilist]


def choose_app(
    phone: PhoneRecord,
    given: Path | None,
    stack: contextlib.ExitStack,
    offline: bool,
    shared: dict[tuple[str, ...], BinaryFile],
) -> BinaryFile:
    """The benchmark app given with --apk; else a virtual phone gets its stand-in, another one what the store has.

    Raises:
        UsageError: the given file is another thing.
        EnvironmentFault: there is no app for the phone, or it cannot be fetched.
        HostError: the store cannot be used; transient where a download may work later.
    """
    from harness.benchmark.apk import APK_FLAVOUR, read_apk

    if given is not None:
        return read_apk(given)
    if phone.abilist not in shared:
        if phone.provenance == "virtual":
            from harness.virtual.apps import standin_apk

            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="harness-app-")))
            path = folder / "benchmark_model.apk"
            path.write_bytes(standin_apk(phone.abilist))
            shared[phone.abilist] = read_apk(path)
        else:
            from harness.benchmark.store.find import find_or_fetch
            from harness.cli.binaries import byte_bar, say

            with byte_bar() as on_bytes:
                shared[phone.abilist] = find_or_fetch(
                    phone.abilist, flavour=APK_FLAVOUR, offline=offline, say=say, on_bytes=on_bytes
                )
    return shared[phone.abilist]


def flavour_for(models: Iterable[Path]) -> str:
    """The flavour of the official program that runs all of these models: with TensorFlow's own operators where one
    needs them, since one phone runs all models of a run with one program.
    A damaged model needs none: what is wrong with it is for the program to say.
    """
    from harness.variants.model_file import custom_operators

    for path in models:
        with contextlib.suppress(UsageError):
            if any(name.startswith("Flex") for name in custom_operators(path)):
                return "tflite-plus-flex"
    return "tflite"
