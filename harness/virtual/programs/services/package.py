"""The service `package`, for `pm` and `cmd package`: packages, what is installed, features, the compiler's job."""

from __future__ import annotations

from harness.virtual.installing import install, uninstall
from harness.virtual.nodes.proc import is_32_bit
from harness.virtual.profile import Profile
from harness.virtual.program import Call
from harness.virtual.programs.services import FAILED, Service, register, unknown_command
from harness.virtual.programs.services.window import home

_PATHS = {
    "android": "/system/framework/framework-res.apk",
    "com.android.settings": "/system/priv-app/Settings/Settings.apk",
    "com.android.shell": "/system/priv-app/Shell/Shell.apk",
    "com.android.systemui": "/system/priv-app/SystemUI/SystemUI.apk",
}
_VULKAN_1_1, _VULKAN_1_3 = 4198400, 4206592


def features(profile: Profile) -> list[str]:
    """Lines of `pm list features` without their `feature:`."""
    found = [
        "android.hardware.camera",
        "android.hardware.location",
        "android.hardware.ram.low" if profile.low_ram else "android.hardware.ram.normal",
        "android.hardware.touchscreen",
        "android.hardware.usb.accessory",
        "android.hardware.wifi",
        "android.software.webview",
    ]
    if profile.speed.gpu and not is_32_bit(profile):
        version = _VULKAN_1_3 if profile.sdk >= 33 else _VULKAN_1_1
        found += [
            "android.hardware.vulkan.compute",
            f"android.hardware.vulkan.level={1 if profile.tier_hint != 'low' else 0}",
            f"android.hardware.vulkan.version={version}",
        ]
    if profile.speed.nnapi and profile.sdk >= 31:
        found.append(f"android.software.vulkan.deqp.level={132383489 if profile.sdk < 33 else 132580097}")
    return ["reqGlEsVersion=0x30002" if profile.sdk >= 24 else "reqGlEsVersion=0x30001", *sorted(found)]


async def dump(call: Call, args: list[str]) -> int:
    """`dumpsys package`: the head of it."""
    sdk = call.phone.profile.sdk
    await call.out(
        f"Database versions:\n  Internal:\n    sdkVersion={sdk} databaseVersion=3\n    fingerprint=virtual\n"
    )
    return 0


async def command(call: Call, args: list[str]) -> int:
    """`cmd package …` and `pm …`."""
    match args:
        case ["path", name]:
            paths = {**_PATHS, **call.phone.state.apps}
            if name not in paths:
                return 1
            await call.out(f"package:{paths[name]}\n")
        case ["install", *rest]:
            return await install(call, rest)
        case ["uninstall", name]:
            return await uninstall(call, name)
        case ["list", "features"]:
            await call.out("".join(f"feature:{f}\n" for f in features(call.phone.profile)))
        case ["list", "packages", *rest]:
            wanted = next((a for a in rest if not a.startswith("-")), "")
            await call.out(
                "".join(f"package:{name}\n" for name in sorted({*_PATHS, *call.phone.state.apps}) if wanted in name)
            )
        case ["resolve-activity", *rest] if "android.intent.category.HOME" in rest:
            if "--brief" not in rest:
                return await unknown_command(call, "resolve-activity")
            head = "priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=true"
            await call.out(f"{head}\n{home(call.phone.profile)}\n")
        case ["bg-dexopt-job", *_]:
            await call.out("Success\n")
        case ["disable-user", *_, name] | ["enable", *_, name]:
            await call.err(f"Error: java.lang.IllegalArgumentException: Unknown package: {name}\n")
            return FAILED
        case [other, *_]:
            return await unknown_command(call, other)
        case _:
            await call.out(
                "Package manager (package) commands: path, list, install, uninstall, resolve-activity, bg-dexopt-job\n"
            )
            return FAILED
    return 0


register(Service("package", "android.content.pm.IPackageManager", dump, command))
