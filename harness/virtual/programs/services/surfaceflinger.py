"""The service `SurfaceFlinger`: the line that names the graphics driver, amid others."""

from __future__ import annotations

from harness.virtual.program import Call
from harness.virtual.programs.services import Service, register


async def dump(call: Call, args: list[str]) -> int:
    """`dumpsys SurfaceFlinger`."""
    gpu = call.phone.profile.speed.gpu
    screen = "ON" if call.phone.state.machine.screen_on else "OFF"
    lines = [
        "Build configuration: [sf PRESENT_TIME_OFFSET=0 FORCE_HWC_FOR_RBG_TO_YUV=1 MAX_VIRT_DISPLAY_DIM=4096]",
        "",
        "Display identification data:",
        "Display 0 (HWC display 0): no identification data",
        "",
        "h/w composer state:",
        "  h/w composer enabled",
        "Visible layers (count = 3)",
        f"    display mode: {screen}",
        "",
        "RenderEngine supports protected context: 1",
        "EGL implementation : 1.5",
        "EGL_ANDROID_front_buffer_auto_refresh EGL_ANDROID_get_native_client_buffer EGL_KHR_fence_sync",
    ]
    if gpu:
        lines += [f"GLES: {gpu.vendor}, {gpu.renderer}, {gpu.gl_version}", "GL_OES_EGL_image GL_OES_EGL_sync"]
    lines += ["", "h/w composer present and enabled"]
    await call.out("\n".join(lines) + "\n")
    return 0


register(Service("SurfaceFlinger", "android.ui.ISurfaceComposer", dump))
