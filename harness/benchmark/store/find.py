"""The program for a phone, out of the store or fetched into it."""

from __future__ import annotations

from harness.benchmark.store.download import OnBytes, Say
from harness.benchmark.store.store import Store, own_advice
from harness.benchmark.work import BinaryFile
from harness.errors import EnvironmentFault


def find_or_fetch(
    abilist: tuple[str, ...],
    *,
    flavour: str = "tflite",
    offline: bool,
    say: Say,
    on_bytes: OnBytes | None = None,
    store: Store | None = None,
) -> BinaryFile:
    """The build of the best ABI that a phone runs and there is a build for: 64-bit ones first, else as the phone says.

    The user's preferred build wins over the official one. What is pinned and here needs no network.

    Args:
        abilist: as ro.product.cpu.abilist lists them.
        say: gets a line before anything is fetched, and its sha256 after.

    Raises:
        EnvironmentFault: there is no build for the phone, or it cannot be fetched.
        HostTransientError: a fault that may pass outlasted all tries.
        HostError: no space left, or a preferred build is gone.
    """
    store = store or Store.open()
    for abi in sorted(abilist, key=lambda a: "64" not in a):
        build = store.sources.find(flavour, abi)
        sha256 = store.preferred(flavour, abi)
        version = None
        if sha256 is None and build and build.address and build.system == "android":
            sha256 = store.fetch(build, say=say, offline=offline, on_bytes=on_bytes)
            version = None if build.moving else build.version
        if sha256 is not None:
            held = store.held().get(sha256)  # not there where somebody copied the file in by hand
            name = held.name if held else None
            program = "litert" if flavour == "litert" else "tflite"
            return BinaryFile(store.path(sha256), sha256, program, abi, version, name)
    abis = ", ".join(abilist) or "an unknown ABI"
    raise EnvironmentFault(f"there is no official Android build of {flavour} for {abis}", advice=own_advice(flavour))
