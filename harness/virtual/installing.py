"""`pm install` and `pm uninstall` of a virtual phone; what they print and refuse is Android's."""

from __future__ import annotations

import hashlib
import shutil

from harness.virtual.apps import read_package
from harness.virtual.program import Call
from harness.virtual.programs.am import force_stop


async def install(call: Call, args: list[str]) -> int:
    """`pm install [-r] [-d] [-g] [-t] FILE`: the file is copied to where apps live."""
    flags, paths = [a for a in args if a.startswith("-")], [a for a in args if not a.startswith("-")]
    if len(paths) != 1:
        await call.err("Error: must either specify a package size or an APK file\n")
        return 1
    try:
        data = call.path(paths[0]).read_bytes()
    except OSError:
        await call.err(f"Error: Unable to open file: {paths[0]}\nConsider using a file under /data/local/tmp/\n")
        return 1
    refusal = _refusal(call, data, paths[0], flags)
    if refusal is not None:
        await call.out(f"Failure [{refusal}]\n")
        return 1
    package = read_package(data)
    assert package is not None
    force_stop(call, package.name)
    _remove(call, package.name)
    digest = hashlib.sha256(data).hexdigest()
    path = f"/data/app/~~{digest[:22]}==/{package.name}-{digest[22:44]}==/base.apk"
    place = call.phone.root / path.lstrip("/")
    place.parent.mkdir(parents=True)
    place.write_bytes(data)
    call.phone.state.apps[package.name] = path
    await call.out("Success\n")
    return 0


def _refusal(call: Call, data: bytes, path: str, flags: list[str]) -> str | None:
    phone, package = call.phone, read_package(data)
    if phone.profile.settings_locked:
        return "INSTALL_FAILED_USER_RESTRICTED: Install canceled by user"
    if package is None:
        return f"INSTALL_PARSE_FAILED_NOT_APK: Failed to parse {path}"
    if package.abis and not package.abis & set(phone.profile.abis):
        return "INSTALL_FAILED_NO_MATCHING_ABIS: Failed to extract native libraries, res=-113"
    if len(data) // 1024 >= phone.free_kb():
        return "INSTALL_FAILED_INSUFFICIENT_STORAGE: Failed to override installation location"
    if package.name in phone.state.apps and "-r" not in flags:
        return f"INSTALL_FAILED_ALREADY_EXISTS: Attempt to re-install {package.name} without first uninstalling."
    return None


async def uninstall(call: Call, name: str) -> int:
    """`pm uninstall NAME`."""
    if name not in call.phone.state.apps:
        await call.out("Failure [DELETE_FAILED_INTERNAL_ERROR]\n")
        return 1
    force_stop(call, name)
    _remove(call, name)
    await call.out("Success\n")
    return 0


def _remove(call: Call, name: str) -> None:
    path = call.phone.state.apps.pop(name, None)
    if path is not None:
        shutil.rmtree((call.phone.root / path.lstrip("/")).parents[1], ignore_errors=True)
