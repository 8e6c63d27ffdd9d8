"""One block as it stands on a phone: its folder below DEVICE_ROOT, and what device_scripts/ make of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.adb.phone import Phone
from harness.adb.quote import DEVICE_ROOT, device_path
from harness.benchmark.block import session_folder
from harness.errors import PhoneTransientError, StorageFullError
from harness.phones.clean import end_jobs

log = logging.getLogger("harness.benchmark")

_CLEAN = "run harness clean"

_LOOK = (
    "cat heartbeat 2>/dev/null; echo ==; cat done 2>/dev/null; echo ==; cat boot_id 2>/dev/null; echo ==; "
    'cat "${PHONE_ROOT}"/proc/sys/kernel/random/boot_id; echo ==; ls s/*/rc 2>/dev/null; echo ==; '
    "cat markers 2>/dev/null"
)
#: Says `gone` where run.sh has started, has not ended, and is no more.
_GONE = (
    "read -r pid _ 2>/dev/null <run.pid && [ ! -s done ] && ! kill -0 $pid 2>/dev/null && "
    # It writes `done` and exits: a look between the two is no death.
    "${SLEEP:-sleep} 0.2 && [ ! -s done ] && echo gone; echo ==; "
)

#: Blocks of this boot that are not done and whose run.sh lives.
_AT_WORK = (
    'read -r boot <"${PHONE_ROOT}"/proc/sys/kernel/random/boot_id; for block in *; do '
    '[ -f "$block/run.pid" ] && [ ! -f "$block/done" ] || continue; '
    'read -r was <"$block/boot_id" && [ "$was" = "$boot" ] || continue; '
    'read -r pid _ <"$block/run.pid" && kill -0 "$pid" 2>/dev/null && echo "$block"; done'
)


@dataclass(frozen=True)
class BlockState:
    """What one look at a block shows.

    Attributes:
        gone: the folder is not there.
        heartbeat: changes while the block lives; "" before the first.
        done: "complete", "stopped", "died", "hot" or "low" once run.sh has ended and restored the phone, else "".
        boot_id: the boot in which the block was started, None before that.
        rebooted: the phone has booted since.
        finished: indices of the sessions whose files are whole.
        markers: run.sh's marker lines.
        dead: run.sh was started in this boot, has not ended, and is gone.
    """

    gone: bool
    heartbeat: str = ""
    done: str = ""
    boot_id: str | None = None
    rebooted: bool = False
    finished: tuple[int, ...] = ()
    markers: str = ""
    dead: bool = False

    @property
    def running(self) -> int | None:
        """The session under way, or that was when the block died; None between sessions."""
        last = None
        for line in self.markers.splitlines():
            words = line.split()
            if len(words) >= 3 and words[2].isdecimal() and words[1] in ("start", "stop"):
                last = int(words[2]) if words[1] == "start" else None
        return last


class DeviceBlock:
    """Access to one block's folder on one phone. Every method may raise PhoneTransientError or DeadlineError.

    Args:
        scripts: paths on the phone of run.sh, sampler.sh and end.sh.
    """

    def __init__(self, phone: Phone, block_id: str, scripts: tuple[str, str, str]) -> None:
        self._phone = phone
        self.serial = phone.serial
        self._run, self._sampler, self._end = scripts
        self.folder = f"{DEVICE_ROOT}/blocks/{block_id}"
        self._name = block_id

    def others(self) -> list[str]:
        """Blocks that some other run has at work on this phone."""
        blocks = device_path(f"{DEVICE_ROOT}/blocks")
        found = self._phone.shell(f"cd {blocks} 2>/dev/null || exit 0; {_AT_WORK}", timeout_s=30).stdout.split()
        return [name for name in found if name != self._name]

    def end_others(self) -> None:
        """End what earlier owners of the phone still have at work there, restore what they changed, see it gone.

        Their folders stay, for those who left them to collect.

        Raises:
            PhoneTransientError: one does not end.
        """
        for name in self.others():
            log.warning("%s: ending what an earlier run left at work: %s", self.serial, name)
        end_jobs(self._phone, but=self._name)
        if left := self.others():
            raise PhoneTransientError(f"what an earlier run left at work does not end ({left[0]})", serial=self.serial)

    def started(self) -> bool:
        """True where this block was started before, on this phone, by whatever process."""
        return self._phone.shell(f"[ -d {device_path(self.folder)}/started ]").exit_code == 0

    def place(self, archive: bytes) -> None:
        """Write the block's files.

        Raises:
            StorageFullError: there is no room.
        """
        self._phone.write(archive, f"{self.folder}/block.tar")
        unpack = self._phone.shell(f"cd {device_path(self.folder)} && tar -xf block.tar && rm block.tar")
        if unpack.exit_code != 0:
            why = (unpack.stderr or unpack.stdout).strip()[-200:]
            raise StorageFullError(f"the block could not be unpacked: {why}", serial=self.serial, advice=_CLEAN)

    def start(self) -> None:
        """Start it detached; harmless where it was started before, since run.sh takes it by one atomic mkdir."""
        self._phone.start_detached(self._run, [self.folder, self._sampler, self._end], log=f"{self.folder}/run.log")

    def look(self) -> BlockState:
        """How far it is."""
        text = self._phone.shell(f"cd {device_path(self.folder)} 2>/dev/null || exit 9; {_GONE}{_LOOK}", timeout_s=30)
        if text.exit_code == 9:
            return BlockState(gone=True)
        parts = [p.strip() for p in text.stdout.split("==\n", 6)]
        if len(parts) != 7:
            raise PhoneTransientError("the phone stopped answering in the middle", serial=self.serial)
        gone, heartbeat, done, boot, boot_now, finished, markers = parts
        indices = (path.split("/")[1] for path in finished.split())
        return BlockState(
            gone=False,
            heartbeat=heartbeat,
            done=done,
            boot_id=boot or None,
            rebooted=bool(boot) and boot != boot_now,
            finished=tuple(int(i) for i in indices if i.isdecimal()),
            markers=markers,
            dead=bool(gone) and boot == boot_now,
        )

    def fetch(self, indices: Sequence[int], target: Path) -> None:
        """Copy the files of sessions to `target`/s/INDEX.

        Raises:
            HostError: they cannot be written.
        """
        self._phone.pull_tree(self.folder, target, names=[session_folder(i) for i in indices])

    def end(self) -> None:
        """End what runs of it, and restore what it changed on the phone, even where its run.sh was killed."""
        self._phone.shell(f"sh {device_path(self._end)} {device_path(self.folder)}", timeout_s=60)

    def remove(self) -> None:
        """Delete it from the phone; what could not be restored is warned of."""
        folder = device_path(self.folder)
        command = f"cd {folder} 2>/dev/null && . ./lib/state.sh && state_left; rm -rf {folder}"
        for note in self._phone.shell(command, timeout_s=60).stdout.splitlines():
            log.warning("%s: %s", self._phone.serial, note)
