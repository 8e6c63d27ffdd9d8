"""System properties of a virtual phone, as `getprop` prints them on its kind."""

from __future__ import annotations

from harness.virtual.profile import Profile


def properties(profile: Profile, serialno: str) -> dict[str, str]:
    """All properties by name; `ro.harness.virtual` marks the phone for what it is."""
    p = profile
    fingerprint = f"{p.brand}/{p.device}/{p.device}:{p.android}/{p.build_id}/1:user/release-keys"
    found = {
        "ro.harness.virtual": "1",
        "ro.serialno": serialno,
        "ro.boot.serialno": serialno,
        "ro.product.brand": p.brand,
        "ro.product.manufacturer": p.manufacturer,
        "ro.product.model": p.model,
        "ro.product.device": p.device,
        "ro.product.name": p.device,
        "ro.product.board": p.board,
        "ro.board.platform": p.board,
        "ro.hardware": p.hardware,
        "ro.product.cpu.abi": p.abis[0],
        "ro.product.cpu.abilist": ",".join(p.abis),
        "ro.product.cpu.abilist32": ",".join(a for a in p.abis if "64" not in a),
        "ro.product.cpu.abilist64": ",".join(a for a in p.abis if "64" in a),
        "ro.product.first_api_level": str(p.sdk),
        "ro.build.version.release": p.android,
        "ro.build.version.sdk": str(p.sdk),
        "ro.build.version.security_patch": p.security_patch,
        "ro.build.id": p.build_id,
        "ro.build.type": "user",
        "ro.build.tags": "release-keys",
        "ro.build.fingerprint": fingerprint,
        "ro.debuggable": "0",
        "ro.secure": "1",
        "ro.boot.hardware": p.hardware,
        "ro.config.low_ram": "true" if p.low_ram else "",
        "persist.sys.timezone": "UTC",
        "sys.boot_completed": "1",
        "dev.bootcomplete": "1",
        "init.svc.adbd": "running",
    }
    if p.soc_manufacturer and p.soc_model:
        found["ro.soc.manufacturer"] = p.soc_manufacturer
        found["ro.soc.model"] = p.soc_model
    if p.performance_class:
        found["ro.odm.build.media_performance_class"] = str(p.performance_class)
    if not p.low_ram:
        del found["ro.config.low_ram"]
    return {**found, **p.props}
