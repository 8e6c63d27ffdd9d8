"""System properties of a virtual phone, as `getprop` prints them on its kind."""

from __future__ import annotations

from harness.virtual.nodes.proc import is_32_bit
from harness.virtual.profile import Profile

#: The property that marks a phone as virtual; nothing else tells it apart for certain.
MARK = "ro.harness.virtual"


def properties(profile: Profile, serialno: str) -> dict[str, str]:
    """All properties by name; those of the profile's own `props` win."""
    p = profile
    found = {
        "ro.serialno": serialno,
        "ro.boot.serialno": serialno,
        **_build(p),
        **_product(p),
        **_hardware(p),
        **_runtime(p),
    }
    # Whatever a profile says of itself, it does not hide that it is virtual.
    return {**found, **p.props, MARK: "1"}


def fingerprint(profile: Profile) -> str:
    """ro.build.fingerprint."""
    p = profile
    return f"{p.brand}/{p.device}/{p.device}:{p.android}/{p.build_id}/{_increment(p)}:user/release-keys"


def _increment(p: Profile) -> str:
    return str(sum(ord(c) for c in p.device + p.build_id) * 3571 % 9_000_000 + 1_000_000)


def _build(p: Profile) -> dict[str, str]:
    return {
        "ro.build.characteristics": "default",
        "ro.build.description": f"{p.device}-user {p.android} {p.build_id} {_increment(p)} release-keys",
        "ro.build.display.id": f"{p.build_id}.{_increment(p)}",
        "ro.build.fingerprint": fingerprint(p),
        "ro.build.flavor": f"{p.device}-user",
        "ro.build.id": p.build_id,
        "ro.build.product": p.device,
        "ro.build.tags": "release-keys",
        "ro.build.type": "user",
        "ro.build.version.codename": "REL",
        "ro.build.version.incremental": _increment(p),
        "ro.build.version.release": p.android,
        "ro.build.version.sdk": str(p.sdk),
        "ro.build.version.security_patch": p.security_patch,
        "ro.vendor.build.fingerprint": fingerprint(p),
    }


def _product(p: Profile) -> dict[str, str]:
    names = {"brand": p.brand, "device": p.device, "manufacturer": p.manufacturer, "model": p.model, "name": p.device}
    found = {f"ro.product.{key}": value for key, value in names.items()}
    if p.sdk >= 29:
        for part in ("system", "vendor", "odm"):
            found |= {f"ro.product.{part}.{key}": value for key, value in names.items()}
    return {
        **found,
        "ro.product.board": p.board,
        "ro.product.cpu.abi": p.abis[0],
        "ro.product.cpu.abilist": ",".join(p.abis),
        "ro.product.cpu.abilist32": ",".join(a for a in p.abis if "64" not in a),
        "ro.product.cpu.abilist64": ",".join(a for a in p.abis if "64" in a),
        "ro.product.first_api_level": str(p.sdk if p.sdk < 31 else p.sdk - 1),
        "ro.product.locale": "en-US",
    }


def _hardware(p: Profile) -> dict[str, str]:
    found = {
        "ro.board.platform": p.board,
        "ro.boot.hardware": p.hardware,
        "ro.boot.verifiedbootstate": "green",
        "ro.hardware": p.hardware,
        "ro.opengles.version": "196610" if p.sdk >= 24 else "196608",
        "ro.sf.lcd_density": "320" if p.low_ram or p.ram_kb < 4_000_000 else "420",
        "ro.zygote": "zygote32" if is_32_bit(p) else "zygote64" if len(p.abis) == 1 else "zygote64_32",
    }
    gpu = p.speed.gpu
    if gpu:
        driver = {"Qualcomm": "adreno", "ARM": "mali", "Imagination Technologies": "powervr"}.get(gpu.vendor)
        if driver:
            found |= {"ro.hardware.egl": driver, "ro.hardware.vulkan": driver}
    if p.soc_manufacturer and p.soc_model:
        found |= {"ro.soc.manufacturer": p.soc_manufacturer, "ro.soc.model": p.soc_model}
    if p.performance_class:
        found["ro.odm.build.media_performance_class"] = str(p.performance_class)
    if p.low_ram:
        found["ro.config.low_ram"] = "true"
    return found


def _runtime(p: Profile) -> dict[str, str]:
    found = {
        "dalvik.vm.heapgrowthlimit": "96m" if p.low_ram else "256m",
        "dalvik.vm.heapsize": "256m" if p.low_ram else "512m",
        "dev.bootcomplete": "1",
        "gsm.sim.state": "ABSENT",
        "init.svc.adbd": "running",
        "init.svc.surfaceflinger": "running",
        "init.svc.zygote": "running",
        "persist.sys.locale": "en-US",
        "persist.sys.timezone": "UTC",
        "ro.adb.secure": "1",
        "ro.crypto.state": "encrypted",
        "ro.debuggable": "0",
        "ro.secure": "1",
        "ro.treble.enabled": "true",
        "sys.boot_completed": "1",
        "sys.usb.config": "mtp,adb",
        "sys.usb.state": "none" if p.battery.plugged == "none" else "mtp,adb",
    }
    if p.battery.plugged == "none":
        found["service.adb.tcp.port"] = "5555"
    return found
