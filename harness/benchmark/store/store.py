"""The store of builds in the user's cache folder: files named by sha256, used only where their content is as pinned."""

from __future__ import annotations

import datetime
import hashlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from harness.benchmark.apk import APK_FLAVOUR
from harness.benchmark.store.content import check_content, hash_file, own_looks
from harness.benchmark.store.disk import disk_error
from harness.benchmark.store.download import OnBytes, Patience, Say, discard, download
from harness.benchmark.store.locks import Held, Pin, changed_lock, guard, read_lock
from harness.benchmark.store.sources import Build, Sources, load_sources
from harness.cache import cache_dir
from harness.durable import sync_folder
from harness.errors import EnvironmentFault, HostError, UsageError

#: A process that waits for another one's download gives up after this long, in seconds.
_LONGEST_FETCH_S = 3600.0


def own_advice(flavour: str) -> str:
    """What to do where there is no official build."""
    option = "--apk" if flavour == APK_FLAVOUR else "--binary"
    return f"give a build of your own with {option}, or take it in with `harness binaries add FILE --use`"


@dataclass(frozen=True)
class Store:
    """Where things are. `project_lock` is None where the project has none."""

    root: Path
    project_lock: Path | None
    sources: Sources
    patience: Patience = field(default_factory=Patience)

    @classmethod
    def open(cls, sources: Path | None = None, lock: Path | None = None) -> Store:
        """The user's store: HARNESS_CACHE or the platform's cache folder; HARNESS_BINARIES in place of `sources`.

        Raises:
            UsageError: the sources have a fault.
        """
        given = sources or (Path(os.environ["HARNESS_BINARIES"]) if os.environ.get("HARNESS_BINARIES") else None)
        usual = Path("binaries/binaries.lock")
        project = lock or (usual if usual.exists() else None)
        return cls(cache_dir() / "binaries", project, load_sources(given))

    @property
    def machine_lock(self) -> Path:
        """This machine's lock, beside the files."""
        return self.root / "binaries.lock"

    @property
    def guards(self) -> Path:
        """Files that processes hold against each other."""
        return self.root / "guards"

    def path(self, sha256: str) -> Path:
        """Where a file is, if it is there."""
        return self.root / sha256

    def pin(self, build: Build) -> Pin | None:
        """What a build is pinned to: the project's word before the machine's, which alone counts for moving addresses.

        Raises:
            UsageError: a lock file has a fault.
        """
        locks = (None if build.moving else self.project_lock, self.machine_lock)
        pins = (read_lock(path).pins.get(build.address or "") for path in locks if path)
        return next((pin for pin in pins if pin), None)

    def held(self) -> dict[str, Held]:
        """What this machine took in, by sha256."""
        return dict(read_lock(self.machine_lock).files)

    def intact(self, sha256: str) -> bool:
        """Whether the file is there and can be read, with the content that its name tells."""
        try:
            return hash_file(self.path(sha256)) == sha256
        except OSError:
            return False

    def fetch(
        self, build: Build, *, say: Say, offline: bool = False, update: bool = False, on_bytes: OnBytes | None = None
    ) -> str:
        """The sha256 of an official build that is in the store and as pinned; fetched and pinned where need be.

        Args:
            update: forget the pin and take what the address serves now.

        Raises:
            EnvironmentFault: offline and not here, gone, refused, no network, or not what it should be.
            HostTransientError: a fault that may pass outlasted all tries.
            HostError: no space left.
            UsageError: there is no such build, or a lock file has a fault.
        """
        if build.address is None:
            raise EnvironmentFault(
                f"there is no build of {build.kind}: {build.reason}", advice=own_advice(build.flavour)
            )
        try:
            pin = self.pin(build)
            if pin and not update and self.intact(pin.sha256):
                self._pin_in_project(build, build.address, pin)
                return pin.sha256
            if offline:
                raise EnvironmentFault(
                    f"the build of {build.kind} is not here, and --offline forbids to fetch {build.address}",
                    advice=f"run `harness binaries fetch --abi {build.abi} --flavour {build.flavour}` with a network",
                )
            with guard(self.guards, build.address, timeout_s=_LONGEST_FETCH_S, say=say):
                pin = self.pin(build)  # another process may have fetched it meanwhile
                if pin and not update and self.intact(pin.sha256):
                    return pin.sha256
                return self._fetch(build, build.address, None if update else pin, say, on_bytes)
        except OSError as error:
            raise disk_error(error, self.root) from None

    def _fetch(self, build: Build, address: str, pin: Pin | None, say: Say, on_bytes: OnBytes | None) -> str:
        parts = self.root / "parts"
        parts.mkdir(parents=True, exist_ok=True)
        part = parts / f"{hashlib.sha256(address.encode()).hexdigest()[:24]}.part"
        download(address, part, where=self.root, say=say, on_bytes=on_bytes, patience=self.patience)
        sha256 = hash_file(part)
        try:
            check_content(part, build, address)
            if pin and sha256 != pin.sha256:
                moved = "it moves" if build.moving else "it should not"
                raise EnvironmentFault(
                    f"{address} now serves another file ({sha256[:12]}…) than it is pinned to ({pin.sha256[:12]}…); "
                    f"{moved}",
                    advice="to take the new one and pin it: harness binaries fetch "
                    f"--abi {build.abi} --flavour {build.flavour} --update",
                )
        except EnvironmentFault:
            discard(part)
            raise
        new = Pin(sha256=sha256, size_bytes=part.stat().st_size)
        self._take(part, sha256)
        discard(part)
        self._pin_in_project(build, address, new)
        with changed_lock(self.machine_lock, self.guards) as lock:
            if build.moving or not self.project_lock:
                lock.pins[address] = new
            name = f"{address.rpartition('/')[2]} {build.version or ''}".strip()
            if sha256 not in lock.files or not lock.files[sha256].own:
                lock.files[sha256] = Held(
                    flavour=build.flavour,
                    abi=build.abi,
                    size_bytes=new.size_bytes,
                    source=address,
                    since=_now(),
                    name=name,
                )
        say(f"fetched {build.kind}, sha256 {sha256}")
        return sha256

    def _pin_in_project(self, build: Build, address: str, pin: Pin) -> None:
        """Write a fixed address's pin where the team shares it; a moving one would break their next checkout."""
        project = None if build.moving else self.project_lock
        if project and read_lock(project).pins.get(address) != pin:
            with changed_lock(project, self.guards) as lock:
                lock.pins[address] = pin

    def _take(self, part: Path, sha256: str) -> None:
        """Move a checked file to its name; it is on the disk before its name is."""
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.chmod(0o755)
        part.replace(self.path(sha256))
        sync_folder(self.root)

    def add(self, file: Path, *, flavour: str | None, abi: str | None, name: str | None, use: bool) -> str:
        """Take in a build of the user's own; gives its sha256. With `use` it wins over the official one.

        Raises:
            UsageError: it is no benchmark program, or not of the flavour or ABI given.
            HostError: the store cannot be written.
        """
        looks = own_looks(file)
        for what, given, found in (("--abi", abi, looks.abi), ("--flavour", flavour, looks.flavour)):
            if given and given != found:
                raise UsageError(f"{file} is built for {found}, not {given}", advice=f"leave out {what}")
        part = self.root / "parts" / f"own-{os.getpid()}"
        try:
            part.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, part)
            sha256, size = hash_file(part), part.stat().st_size
            self._take(part, sha256)
            with changed_lock(self.machine_lock, self.guards) as lock:
                held = Held(
                    flavour=looks.flavour, abi=looks.abi, size_bytes=size, source=str(file.resolve()), since=_now(),
                    name=name or file.name, own=True,
                )  # fmt: skip
                lock.files[sha256] = held
            if use:
                self.prefer(looks.flavour, looks.abi, sha256)
        except OSError as error:
            raise disk_error(error, self.root) from None
        finally:
            part.unlink(missing_ok=True)
        return sha256

    def prefer(self, flavour: str, abi: str, sha256: str | None) -> None:
        """Make one own build the preferred one of its flavour and ABI, or none (the official one is used again)."""
        with changed_lock(self.machine_lock, self.guards) as lock:
            for key, held in lock.files.items():
                if (held.flavour, held.abi) == (flavour, abi):
                    held.preferred = key == sha256

    def preferred(self, flavour: str, abi: str) -> str | None:
        """The sha256 of the user's own build that wins over the official one.

        Raises:
            HostError: it is gone from the store, or damaged.
        """
        for sha256, held in self.held().items():
            if held.preferred and (held.flavour, held.abi) == (flavour, abi):
                if not self.intact(sha256):
                    raise HostError(
                        f"your build {held.name} is missing from {self.root} or damaged",
                        advice=f"`harness binaries add {held.source} --use` again",
                    )
                return sha256
        return None


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
