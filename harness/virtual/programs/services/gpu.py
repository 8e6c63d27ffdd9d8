"""The service `gpu`: graphics memory per process, and what Vulkan says of the device."""

from __future__ import annotations

import json

from harness.virtual.nodes.gpu import SYSTEM_MEMORY_BYTES
from harness.virtual.nodes.process import counts_gpu
from harness.virtual.program import Call
from harness.virtual.programs.services import Service, register, unknown_command

_SDK_GPUMEM = 31
_VENDOR_ID = {"Qualcomm": 0x5143, "ARM": 0x13B5, "Imagination Technologies": 0x1010}
_VULKAN_1_1, _VULKAN_1_3 = 0x401000, 0x403000
_SURFACEFLINGER_PID = 640


async def dump(call: Call, args: list[str]) -> int:
    """`dumpsys gpu [--gpumem]`; the memory part came with Android 12."""
    state = call.phone.state
    text = "" if "--gpumem" in args else "Stable Game Driver: unsupported\nPre-release Game Driver: unsupported\n\n"
    if call.phone.profile.sdk >= _SDK_GPUMEM:
        # Drivers of older kernels have no tracepoint for it.
        if not counts_gpu(call.phone.profile.kernel):
            await call.out(text + "GPU memory total usage map is empty\n")
            return 0
        text += f"Memory snapshot for GPU 0:\nGlobal total: {SYSTEM_MEMORY_BYTES + state.gpu_memory_bytes}\n"
        text += f"Proc {_SURFACEFLINGER_PID} total: {SYSTEM_MEMORY_BYTES}\n"
        for pid, process in sorted(state.pids.items()):
            if process.gpu_mb:
                text += f"Proc {pid} total: {round(process.gpu_mb * (1 << 20))}\n"
    await call.out(text)
    return 0


async def command(call: Call, args: list[str]) -> int:
    """`cmd gpu vkjson | vkprofiles`: JSON with the device's name and limits."""
    if args[:1] != ["vkjson"]:
        return await unknown_command(call, args[0] if args else "")
    gpu, profile = call.phone.profile.speed.gpu, call.phone.profile
    devices = []
    if gpu:
        devices.append(
            {
                "properties": {
                    "apiVersion": _VULKAN_1_3 if profile.sdk >= 33 else _VULKAN_1_1,
                    "driverVersion": 0x8000_0000 | sum(map(ord, gpu.gl_version)),
                    "vendorID": _VENDOR_ID.get(gpu.vendor, 0),
                    "deviceID": sum(map(ord, gpu.renderer)) << 8,
                    "deviceType": 1,
                    "deviceName": gpu.renderer,
                    "limits": {"maxImageDimension2D": 16384, "maxComputeSharedMemorySize": 32768},
                }
            }
        )
    await call.out(json.dumps({"apiVersion": _VULKAN_1_1, "devices": devices}, indent=1) + "\n")
    return 0


register(Service("gpu", "android.graphicsenv.IGpuService", dump, command))
