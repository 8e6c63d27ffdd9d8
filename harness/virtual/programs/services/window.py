"""The service `window`: which app has the screen, and whether it is locked."""

from __future__ import annotations

from harness.virtual.profile import Profile
from harness.virtual.program import Call
from harness.virtual.programs.services import Service, register

_SDK_DISPLAYS, _SDK_ACTIVITY_RECORD = 29, 29
#: Home screens by maker; others ship Android's own.
_HOMES = {
    "google": "com.google.android.apps.nexuslauncher/com.google.android.apps.nexuslauncher.NexusLauncherActivity",
    "samsung": "com.sec.android.app.launcher/com.sec.android.app.launcher.activities.LauncherActivity",
    "xiaomi": "com.miui.home/com.miui.home.launcher.Launcher",
    "oneplus": "net.oneplus.launcher/net.oneplus.launcher.Launcher",
}
_HOME = "com.android.launcher3/com.android.launcher3.uioverrides.QuickstepLauncher"


def home(profile: Profile) -> str:
    """The activity that is the home screen."""
    return _HOMES.get(profile.manufacturer.lower(), _HOME)


async def dump(call: Call, args: list[str]) -> int:
    """`dumpsys window [displays|windows|policy]`: since Android 10 the focus stands with its display."""
    state, profile = call.phone.state, call.phone.profile
    at_display = profile.sdk >= _SDK_DISPLAYS
    part = args[0] if args else ""
    lines = []
    if part in ("", "displays", "d"):
        lines += ["WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)", "  Display: mDisplayId=0"]
        lines += _focus(call, "  ") if at_display else []
    if part in ("", "windows", "w"):
        lines += ["WINDOW MANAGER WINDOWS (dumpsys window windows)"]
        lines += [f"  Window #0 Window{{5f1c2d0 u0 {state.front or home(profile)}}}:", "    mDisplayId=0"]
        lines += [] if at_display else _focus(call, "  ")
    if part in ("", "policy", "p"):
        shown = "true" if state.keyguard else "false"
        lines += ["WINDOW MANAGER POLICY STATE (dumpsys window policy)", "    KeyguardServiceDelegate"]
        lines += [f"      showing={shown}", "      inputRestricted=false", f"    mDreamingLockscreen={shown}"]
    await call.out("\n".join(lines) + "\n")
    return 0


def _focus(call: Call, indent: str) -> list[str]:
    state, profile = call.phone.state, call.phone.profile
    if not state.machine.screen_on:
        return [f"{indent}mCurrentFocus=null", f"{indent}mFocusedApp=null"]
    component = state.front or home(profile)
    package, _, activity = component.partition("/")
    record = f"ActivityRecord{{8ab3c41 u0 {package}/{activity.removeprefix(package)} t7}}"
    app = (
        record if profile.sdk >= _SDK_ACTIVITY_RECORD else f"AppWindowToken{{77de1a2 token=Token{{9e33b0c {record}}}}}"
    )
    return [f"{indent}mCurrentFocus=Window{{5f1c2d0 u0 {component}}}", f"{indent}mFocusedApp={app}"]


register(Service("window", "android.view.IWindowManager", dump))
