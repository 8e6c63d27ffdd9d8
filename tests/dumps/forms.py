"""Dumps as phones print them, one for each known form, all made up; and the reading that each should give."""

from __future__ import annotations

from typing import Any

BATTERY_17 = """Current Battery Service state:
  AC powered: false
  USB powered: false
  Wireless powered: true
  Dock powered: false
  Max charging current: 500000
  Max charging voltage: 5000000
  Charge counter: 2100000
  status: 2
  health: 2
  present: true
  level: 60
  scale: 100
  voltage: 4012
 The last voltage value sent via the battery changed broadcast: 4001
  temperature: 301
  technology: Li-ion
  current now: 812
  mSavedBatteryUsage: [1234]
01-02 03:04:05.678  Sending ACTION_BATTERY_CHANGED: level:71, status:3, health:2, temperature:999
"""
BATTERY_4 = (
    "Current Battery Service state:\r\n  AC powered: true\r\n  USB powered: false\r\n  status: 5\r\n  level: 100\r\n"
)
THERMAL_10 = """IsStatusOverride: true
ThermalEventListeners:
\tcallbacks: 1
Thermal Status: 2
Cached temperatures:
\tTemperature{mValue=30.0, mType=3, mName=skin, mStatus=0}
HAL Ready: true
HAL connection:
\tThermalHAL 2.0 connected: yes
Current temperatures from HAL:
\tName: cpu0, Type: 0, Status: 0, Value: 41.500000
\tName: skin-therm, Type: 3, Status: 2, Value: 40.1
\tName: battery, Type: 2, Status: 0, Value: nan
Current cooling devices from HAL:
\tName: fan, Type: 0, Value: 3
"""
THERMAL_15 = """IsStatusOverride: false
Thermal Status: 0
Cached temperatures:
HAL Ready: true
Current temperatures from HAL:
\tTemperature{mValue=NaN, mType=9, mName=TPU, mStatus=0}
\tTemperature{mValue=33.1, mType=3, mName=VIRTUAL-SKIN, mStatus=0}
Current cooling devices from HAL:
\tCoolingDevice{mValue=0, mType=2, mName=thermal-cpufreq-0}
Temperature static thresholds from HAL:
\tTemperatureThreshold{mType=3, mName=VIRTUAL-SKIN, mHotThrottlingThresholds=[NaN, 39.0, 43.0]}
Temperature headroom thresholds:
\t[NaN, 0.8, 0.93, 1.0]
"""
THERMAL_SHIFTED = """Thermal Status: 0
Current temperatures from HAL:
\tTemperature{mValue=24.4, mType=3, mName=TYPE_BATTERY, mStatus=0}
\tTemperature{mValue=-99.9, mType=6, mName=TYPE_POWER_AMPLIFIER, mStatus=0}
\tTemperature{mValue=26.0, mType=4, mName=TYPE_SKIN, mStatus=0}
"""
HARDWARE = """****** Dump of HardwarePropertiesManagerService ******
CPU temperatures: [41.0, 42.5]
Battery temperatures: [30.0]
Skin temperatures: [31.0]
Fan speed: []
"""
MEMINFO_14 = """Applications Memory Usage (in Kilobytes):
Uptime: 1 Realtime: 2

** MEMINFO in pid 900 [org.example.benchmark_model] **
                   Pss  Private  Private  SwapPss      Rss     Heap     Heap     Heap
                 Total    Dirty    Clean    Dirty    Total     Size    Alloc     Free
                ------   ------   ------   ------   ------   ------   ------   ------
  Native Heap    10000     9900       10        5    12000    20000    15000     5000
  Dalvik Heap     2000     1900        0        1     3000     4000     2000     2000
    .so mmap      100        0       50        0      900
        TOTAL    12100    11800       60        6    15900    24000    17000     7000

 App Summary
                       Pss(KB)                        Rss(KB)
           Java Heap:     1900                           3000
         Native Heap:     9900                          12000
            Graphics:       40                              0
             Unknown:                                     900

           TOTAL PSS:    12100            TOTAL RSS:    15900       TOTAL SWAP PSS:        6

** MEMINFO in pid 901 [org.example.other] **
                   Pss  Private  Private  SwapPss      Rss     Heap     Heap     Heap
                 Total    Dirty    Clean    Dirty    Total     Size    Alloc     Free
        TOTAL      500      400        0        0      900        0        0        0
"""
MEMINFO_6 = """** MEMINFO in pid 77 [org.example] **
                   Pss  Private  Private  Swapped     Heap     Heap     Heap
                 Total    Dirty    Clean    Dirty     Size    Alloc     Free
                ------   ------   ------   ------   ------   ------   ------
  Dalvik Heap    10000     9000        0        0    20000    19000     1000
        TOTAL    30000    20000     5000        9    35400    33000     2399
"""
MEMINFO_4 = """** MEMINFO in pid 77 [org.example] **
                         Shared  Private     Heap     Heap     Heap
                   Pss    Dirty    Dirty     Size    Alloc     Free
                ------   ------   ------   ------   ------   ------
       Native       16        8       15     3416     3140      151
       Dalvik     3000     4000     2900     9000     8500      500
        TOTAL     9000     5000     8000    12416    11640      651
"""
STATS_13 = """Statistics since last charge:
  Estimated power use (mAh):
    Capacity: 4410, Computed drain: 120, actual drain: 88.2-132
    Global
      screen: 60.1 apps: 60.1 duration: 2h 3m
      cpu: 30.2 apps: 28
    UID 1000: 20.1 fg: 1.0 bg: 2 ( cpu=10 (1h) wifi=0.1 )
        wakelock: 10.0
    UID u0a123: 5.50 ( screen=5 )

  All partial wake locks:
"""
STATS_CHECKIN = """9,0,i,vers,35,200,A,B
9,0,l,pws,4410,120,88.2,132
9,0,u,pws,4410,1,2,3
9,10123,l,pwi,uid,5.5,0,0,5.5
9,0,l,pwi,scrn,60.1,1
"""
CPU_64 = """processor\t: 0
CPU implementer\t: 0x41
CPU part\t: 0xd05

processor\t: 4
CPU implementer\t: 0x41
CPU part\t: 0xd0a

Hardware\t: Example SoC
"""
CPU_32 = """Processor\t: ARMv7 Processor rev 3 (v7l)
processor\t: 0
BogoMIPS\t: 13.50

processor\t: 1
BogoMIPS\t: 13.50

Features\t: swp neon
CPU implementer : 0x41
CPU part        : 0xc07

Hardware\t: Example
Serial\t\t: 0000
"""
CPU_ONE = "Processor\t: ARMv7 rev 1\nBogoMIPS\t: 38.40\nCPU implementer\t: 0x51\nCPU part\t: 0x00f\n"
CPU_X86 = "processor\t: 0\nvendor_id\t: Example\nmodel name\t: Virtual\nflags\t\t: fpu\n\nprocessor\t: 1\nvendor_id\t: Example\n"
FREQ_POLICY = """/sys/devices/system/cpu/online:0-6
/sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq:1800000
/sys/devices/system/cpu/cpufreq/policy0/related_cpus:0 1 2 3
/sys/devices/system/cpu/cpufreq/policy0/scaling_governor:schedutil
/sys/devices/system/cpu/cpufreq/policy4/cpuinfo_max_freq:2800000
/sys/devices/system/cpu/cpufreq/policy4/related_cpus:4-6
"""
FREQ_LOOP = """/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq
1800000
==> /sys/devices/system/cpu/cpu1/cpufreq/cpuinfo_max_freq <==
1800000
/sys/devices/system/cpu/cpu4/cpufreq/cpuinfo_max_freq
2400000
"""
FREQ_PROBE = "policy0 max=1800000 cap=1500000 cpus=0 1 2 3\npolicy4 max= cap= cpus=4 5\n"
TIS = "/sys/devices/system/cpu/cpufreq/policy4/stats/time_in_state"
TIS_GREP = f"{TIS}:300000 5\n{TIS}:400000 7\n{TIS.replace('policy4', 'policy6')}:500000 9\n"
TIS_HEAD = "==> /sys/devices/system/cpu/cpu4/cpufreq/stats/time_in_state <==\r\n300000 5\r\n400000 6\r\n"
GETPROP = """[a.b]: [first
second]

[ro.product.model]: [Example 6 ]
[ro.serialno]: [unknown]
[ro.boot.serialno]: [S1]
[ro.build.version.sdk]: [x]
[ro.product.cpu.abilist]: [arm64-v8a,armeabi-v7a]
[ro.cut]: [abc
"""
BUILD_10 = """# begin build properties
import /vendor/x.prop
ro.build.version.sdk=30
ro.product.system.model=mainline
ro.product.vendor.model=Example 7
ro.twice=1
ro.twice=2
"""
BUILD_4 = (
    "ro.build.version.sdk=17\nro.product.cpu.abi=armeabi-v7a\nro.product.cpu.abi2=armeabi\nro.twice=1\nro.twice=2\n"
)
DF_H = (
    "Filesystem      Size  Used Avail Use% Mounted on\n/dev/block/dm-5 109G   84G   25G  77% /data\nnone 0 0 0 - /a b\n"
)
DF_TOOLBOX = "Filesystem               Size     Used     Free   Blksize\n/data                   11.5G     3.5G     8.0G   4096\n/x: Permission denied\n"
DF_WRAPPED = (
    "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/block/a/very/long/name\n   25000 1000 24000   4% /data\n"
)
FEATURES = """feature:reqGlEsVersion=0x30002
feature:android.hardware.vulkan.version=4198400
feature:android.hardware.vulkan.level=1
feature:android.hardware.wifi
"""
ADB = """* daemon not running; starting now at tcp:5037
* daemon started successfully
List of devices attached
????????????\tno permissions (user in plugdev group; are your udev rules wrong?); see [http://example.org/device.html]
0a1b\tdevice
192.168.1.5:5555       device product:oriole model:Pixel_6 device:oriole transport_id:3
adb-1A-x (2)._adb-tls-connect._tcp offline usb:1-1 transport_id:9
emulator-5554\tauthorizing

"""
UEVENT = """POWER_SUPPLY_NAME=bms
POWER_SUPPLY_STATUS=Charging
POWER_SUPPLY_CURRENT_NOW=-1250000
POWER_SUPPLY_VOLTAGE_NOW=4246
POWER_SUPPLY_TEMP=-15
POWER_SUPPLY_CYCLE_COUNT=12
"""
UEVENT_USB = "/sys/class/power_supply/usb/uevent:POWER_SUPPLY_NAME=usb\n/sys/class/power_supply/usb/uevent:POWER_SUPPLY_ONLINE=0\nPOWER_SUPPLY_NAME=dc\nPOWER_SUPPLY_TYPE=Mains\n"

_ANGLE = "ANGLE (Maker, Vulkan 1.3.128 (Chip (TM) 740 (0x43050A01)), Maker Driver-512.744.0)"


def gles(line: str) -> str:
    """One GLES line between other lines of SurfaceFlinger."""
    return f"Build configuration: [sf]\n------------RE GLES------------\nGLES: {line}\nEGL implementation : 1.4\n"


#: (kind, text, what must be among the reading)
FORMS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "battery",
        BATTERY_17,
        {
            "level_pct": 60,
            "status": {"code": 2, "meaning": "charging"},
            "voltage_mv": 4012,
            "temperature_c": 30.1,
            "plugged": ["wireless"],
            "charge_counter_uah": 2100000,
            "rated_cycle_usage_raw": 1234,
            "updates_stopped": False,
        },
    ),
    ("battery", BATTERY_4, {"level_pct": 100, "plugged": ["ac"], "charge_counter_uah": None, "current_now": None}),
    ("battery", BATTERY_4 + "  (UPDATES STOPPED -- use 'reset' to restart)\n", {"updates_stopped": True}),
    ("battery", "  level: 30\n  scale: 50\n  voltage: 4\n", {"level_pct": 60, "voltage_mv": None}),
    ("battery", "Can't find service: battery\n", {"level_pct": None, "status": None, "plugged": None}),
    (
        "thermal",
        THERMAL_10,
        {
            "thermal_status": 2,
            "is_status_override": True,
            "current_c": {"cpu0": 41.5, "skin-therm": 40.1, "battery": None},
            "cached_c": {"skin": 30.0},
            "cooling": {"fan": 3},
            "skin_sensor": {"name": "skin-therm", "mType": 3, "value_c": 40.1},
            "thresholds": 0,
        },
    ),
    ("thermal", THERMAL_15, {"current_c": {"TPU": None, "VIRTUAL-SKIN": 33.1}, "hal_ready": True, "thresholds": 1}),
    ("thermal", THERMAL_SHIFTED, {"skin_sensor": {"name": "TYPE_SKIN", "mType": 4, "value_c": 26.0}}),
    ("thermal", HARDWARE, {"current_c": {"CPU0": 41.0, "CPU1": 42.5, "Battery": 30.0, "Skin": 31.0}}),
    (
        "thermal",
        "Can't find service: thermalservice\n",
        {"current_c": {}, "reason": "Can't find service: thermalservice"},
    ),
    (
        "meminfo",
        MEMINFO_14,
        {
            "pid": 900,
            "package": "org.example.benchmark_model",
            "total_pss_kb": 12100,
            "total_rss_kb": 15900,
            "total_private_dirty_kb": 11800,
            "total_swap_pss_kb": 6,
            "native_heap_pss_kb": 10000,
            "graphics_kb": 40,
            "summary_native_heap_kb": 9900,
        },
    ),
    (
        "meminfo",
        MEMINFO_6,
        {"total_pss_kb": 30000, "total_swap_pss_kb": None, "total_swap_kb": 9, "dalvik_heap_pss_kb": 10000},
    ),
    ("meminfo", MEMINFO_4, {"total_pss_kb": 9000, "total_private_dirty_kb": 8000, "native_heap_pss_kb": 16}),
    ("meminfo", "No process found for: org.example\n", {"pid": None, "reason": "No process found for: org.example"}),
    (
        "batterystats",
        STATS_13,
        {
            "capacity_mah": 4410,
            "actual_drain_mah": [88.2, 132],
            "uid_mah": {"1000": 20.1, "u0a123": 5.5},
            "component_mah": {"screen": 60.1, "cpu": 30.2},
        },
    ),
    (
        "batterystats",
        "Estimated power use (mAh):\n  Capacity: 2300, Rated: 2200, Typical: 2250, Computed drain: 9.5, Min drain: 6.0, Max drain: 9\n",
        {"capacity_mah": 2300, "actual_drain_mah": [6, 9]},
    ),
    (
        "batterystats",
        "9,0,u,pws,2300,9.5,6,9\n9,1000,u,pwi,uid,1.5\n",
        {"capacity_mah": 2300, "uid_mah": {"1000": 1.5}},
    ),
    (
        "batterystats",
        STATS_CHECKIN,
        {"computed_drain_mah": 120, "actual_drain_mah": [88.2, 132], "uid_mah": {"10123": 5.5}},
    ),
    (
        "proc-meminfo",
        "MemTotal:  2048 kB\r\nActive(anon): 5 kB\r\nHugePages_Total:   0\r\n",
        {"mem_total_kb": 2048, "mem_available_kb": None, "active_anon_kb": 5, "huge_pages_total": 0},
    ),
    (
        "cpuinfo",
        CPU_64,
        {
            "hardware": "Example SoC",
            "processors_listed": 2,
            "cores": [
                {"implementer": "0x41", "part": "0xd05", "count": 1},
                {"implementer": "0x41", "part": "0xd0a", "count": 1},
            ],
        },
    ),
    (
        "cpuinfo",
        CPU_32,
        {
            "processors_listed": 2,
            "cores": [{"implementer": "0x41", "part": "0xc07", "count": 2}],
            "processor_line": "ARMv7 Processor rev 3 (v7l)",
            "features": ["swp", "neon"],
        },
    ),
    ("cpuinfo", CPU_ONE, {"processors_listed": None, "cores": [{"implementer": "0x51", "part": "0x00f", "count": 1}]}),
    ("cpuinfo", CPU_X86, {"processors_listed": 2, "cores": [], "model_name": "Virtual", "vendor_id": "Example"}),
    ("time-in-state", TIS_GREP, {"policy": 4, "min_khz": 300000, "max_khz": 400000, "steps": 2, "total_ticks": 12}),
    ("time-in-state", "cpu1/cpufreq/stats/time_in_state:300000 5\ncpu1/cpufreq/stats/trans_table: 300000: 0\n", {"policy": 1, "steps": 1}),
    ("time-in-state", TIS_HEAD, {"policy": 4, "steps": 2}),
    ("time-in-state", "300000 5\n400000 6\n", {"policy": None, "max_khz": 400000, "total_ticks": 11}),
    ("getprop", GETPROP, {"count": 6, "model": "Example 6", "sdk": None, "serial": "S1", "abilist": ["arm64-v8a", "armeabi-v7a"]}),
    ("build-prop", BUILD_10, {"model": "Example 7", "sdk": 30, "abilist": None}),
    ("build-prop", BUILD_4, {"sdk": 17, "abi": "armeabi-v7a", "abi2": "armeabi", "abilist": None}),
    (
        "gles",
        gles("ARM, Mali-G78, OpenGL ES 3.2 v1.r32p1-01eac0.abc"),
        {"vendor": "ARM", "renderer": "Mali-G78", "version": "OpenGL ES 3.2", "driver": "v1.r32p1-01eac0.abc"},
    ),
    (
        "gles",
        gles("Imagination Technologies, PowerVR Rogue GE8320, OpenGL ES 3.2 build 1.11@5425693"),
        {"renderer": "PowerVR Rogue GE8320", "driver": "build 1.11@5425693", "driver_date": None},
    ),
    (
        "gles",
        gles("Qualcomm, Adreno (TM) 540, OpenGL ES 3.2 V@331.0 (GIT@1, I2) (Date:04/12/19)"),
        {"renderer": "Adreno (TM) 540", "driver": "V@331.0", "driver_date": "04/12/19"},
    ),
    (
        "gles",
        gles("Google Inc., Google SwiftShader, OpenGL ES 3.0 SwiftShader 4.0.0.1"),
        {"vendor": "Google Inc.", "renderer": "Google SwiftShader", "driver": "SwiftShader 4.0.0.1"},
    ),
    (
        "gles",
        gles(f"Google Inc. (Maker), {_ANGLE}, OpenGL ES 3.2.0 (ANGLE 2.1.0 git hash: abc)"),
        {"vendor": "Google Inc. (Maker)", "renderer": _ANGLE, "version": "OpenGL ES 3.2.0"},
    ),
    ("df", DF_TOOLBOX, {"rows": [{"fs": "/data", "total_kb": 12058624, "used_kb": 3670016, "available_kb": 8388608, "use_pct": None, "mount": "/data"}]}),
    ("df", DF_WRAPPED, {"rows": [{"fs": "/dev/block/a/very/long/name", "total_kb": 25000, "used_kb": 1000, "available_kb": 24000, "use_pct": 4, "mount": "/data"}]}),
    (
        "features",
        FEATURES,
        {"gles_version": "3.2", "vulkan_version": "4198400 (1.1.0)", "vulkan_level": 1, "vulkan_compute": None},
    ),
    ("features", "Features:\n  android.hardware.vulkan.level version=1\n  android.hardware.wifi\n", {"vulkan_level": 1, "count": 2}),
    ("features", "feature:com.maker.pen=S\n", {"features": {"com.maker.pen": None}}),
    ("features", "".join(f"feature:android.x{i}\n" for i in range(30)), {"count": 30, "vulkan_compute": False}),
    ("adb-devices", "List of devices attached\n\n", {"devices": []}),
    (
        "uevent",
        UEVENT,
        {
            "name": "bms",
            "status": "Charging",
            "voltage_uv": 4246000,
            "temperature_c": -1.5,
            "cycle_count": 12,
            "current_now": {
                "value": -1250000,
                "unit": "uA",
                "sign": "negative while charging",
                "key": "POWER_SUPPLY_CURRENT_NOW",
            },
        },
    ),
    ("uevent", UEVENT_USB, {"name": "usb", "type": None, "online": 0, "status": None, "current_now": None}),
    ("cpufreq", FREQ_PROBE, {"online": None}),
]  # fmt: skip
