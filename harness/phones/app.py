"""The benchmark app on a phone: installed once by its content, and removed where we installed it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from harness.adb.phone import Phone
from harness.adb.quote import DEVICE_ROOT, device_path, quote
from harness.errors import StorageFullError

log = logging.getLogger("harness.phones")

#: Says that the app is there because of us; `harness clean` takes away no app of somebody else's.
_MARK = f"{DEVICE_ROOT}/app.installed"
#: Some installers look at the name; the store names files by their content alone.
_NAMED = f"{DEVICE_ROOT}/benchmark.apk"
_INSTALL_S = 180.0
#: What Android's installer says, and what to do about it. The first that is in the answer counts.
_REFUSALS = (
    (
        "USER_RESTRICTED",
        "this maker's Android refuses installs over USB",
        "switch on 'Install via USB' in its developer options, or confirm on its screen, and run again",
    ),
    ("VERIFICATION", "its verifier refuses the app", "switch off 'Verify apps over USB' in its developer options"),
    ("NO_MATCHING_ABIS", "the app is built for another ABI", "give that of the phone's ABI with --apk"),
    ("CPU_ABI_INCOMPATIBLE", "the app is built for another ABI", "give that of the phone's ABI with --apk"),
    (
        "UPDATE_INCOMPATIBLE",
        "a build of the app that was signed by somebody else is installed",
        "remove it: adb uninstall {package}",
    ),
    ("OLDER_SDK", "the app needs a later Android", "leave the phone out, or give an older build with --apk"),
    ("DEPRECATED_SDK_VERSION", "the app is too old for this Android", "give a later build with --apk"),
    ("PARSE_FAILED", "the file is no app that it can read", "give another build with --apk"),
)


@dataclass(frozen=True)
class Installed:
    """What came of it: None where the app is there as it should be, else why not; and the bytes that were sent."""

    refusal: str | None
    bytes_sent: int = 0


def install_app(phone: Phone, apk: Path, sha256: str, package: str) -> Installed:
    """Have the app installed, by its content; nothing is sent where it is there. A new install ends the app.

    Raises:
        StorageFullError: there is no room.
        PhoneTransientError, DeadlineError: the phone does not answer.
    """
    if _installed(phone, package) == sha256:
        return Installed(None)
    pushed = phone.push(apk)
    place = device_path(_NAMED)
    command = (
        f"cp {device_path(pushed.path)} {place} && chmod 644 {place} && pm install -r -d -g {place}; "
        f"code=$?; rm -f {place}; exit $code"
    )
    done = phone.shell(command, timeout_s=_INSTALL_S)
    said = f"{done.stdout}\n{done.stderr}".strip()
    if "INSUFFICIENT_STORAGE" in said or "No space left" in said:
        raise StorageFullError(
            "there is no room to install the benchmark app", serial=phone.serial, advice="run harness clean"
        )
    # Old installers fail with the exit code 0; new ones warn on the way to success.
    if done.exit_code != 0 or "Success" not in said:
        return Installed(_refusal(said, package), pushed.bytes_sent)
    found = _installed(phone, package)
    if found != sha256:
        what = "is not there" if found is None else "is another build"
        return Installed(f"the installer said yes, and the app {what}", pushed.bytes_sent)
    phone.write(f"{package}\n".encode(), _MARK)
    log.info("%s: installed the benchmark app", phone.serial)
    return Installed(None, pushed.bytes_sent)


def open_folders(phone: Phone, model: str) -> None:
    """Let the app pass to a file of ours and read it: an app is another user than the shell.

    Raises:
        PhoneError: the phone does not let us.
    """
    folders = " ".join(device_path(p) for p in (DEVICE_ROOT, f"{DEVICE_ROOT}/files"))
    phone.shell(f"chmod a+x {folders} && chmod a+r {device_path(model)}", check=True)


def remove_app(phone: Phone) -> None:
    """Uninstall the app where we installed it; what does not go is warned of."""
    mark = device_path(_MARK)
    package = phone.shell(f"cat {mark} 2>/dev/null").stdout.strip()
    if not package:
        return
    done = phone.shell(f"pm uninstall {quote(package)} && rm -f {mark}", timeout_s=_INSTALL_S)
    if done.exit_code != 0 or "Success" not in done.stdout:
        log.warning("%s: %s does not go; remove it: adb uninstall %s", phone.serial, package, package)


def _installed(phone: Phone, package: str) -> str | None:
    """sha256 of the app that is installed; "" where it cannot be read, None where there is none."""
    listed = phone.shell(f"pm path {quote(package)}", timeout_s=60).stdout.split()
    path = next((line.removeprefix("package:") for line in listed if line.startswith("package:")), None)
    if path is None:
        return None
    words = phone.shell(f"sha256sum {device_path(path)}", timeout_s=60).stdout.split()
    return words[0] if words else ""


def _refusal(said: str, package: str) -> str:
    for word, what, advice in _REFUSALS:
        if word in said:
            return f"the benchmark app cannot be installed: {what}; {advice.format(package=package)}"
    lines = said.splitlines()
    return f"the benchmark app cannot be installed: {lines[-1][:200] if lines else 'pm install fails and says nothing'}"
