"""Dumps of our own in every form that is known, with what they say: (kind, text, what must be read)."""

from __future__ import annotations

from typing import Any

OLD_BATTERY = """Current Battery Service state:
  AC powered: true
  USB powered: false
  status: 5
  health: 2
  present: true
  level: 100
  scale: 100
  voltage:4331
  temperature: 301
  technology: Li-ion
"""
NEW_BATTERY = """Current Battery Service state:
  (UPDATES STOPPED -- use 'reset' to restart)
  AC powered: false
  USB powered: true
  Wireless powered: false
  Dock powered: false
  Max charging current: 500000
  Max charging voltage: 5000000
  Charge counter: 2771000
  status: 3
  health: 2
  present: true
  level: 61
  scale: 100
  voltage: 3921
 The last voltage value sent via the battery changed broadcast: 3999
  temperature: -31
  technology: Li-ion
  current now: -412
  mSavedBatteryUsage: [51234]
"""
OLD_CPUINFO = """Processor\t: ARMv7 Processor rev 0 (v7l)
processor\t: 0
BogoMIPS\t: 38.40

processor\t: 1
BogoMIPS\t: 38.40

Features\t: swp half thumb
CPU implementer\t: 0x51
CPU architecture: 7
CPU part\t: 0x06f
CPU revision\t: 0

Hardware\t: Own SoC
"""
THERMAL = """IsStatusOverride: true
ThermalEventListeners:
\tcallbacks: 2
Thermal Status: 2
Cached temperatures:
\tTemperature{mValue=99.0, mType=0, mName=BIG, mStatus=0}
HAL Ready: true
HAL connection:
\tThermalHAL AIDL 2  connected: yes
Current temperatures from HAL:
\tTemperature{mValue=41.25, mType=0, mName=BIG, mStatus=0}
\tTemperature{mValue=NaN, mType=1, mName=GPU, mStatus=0}
\tTemperature{mValue=36.5, mType=3, mName=VIRTUAL-SKIN-HINT, mStatus=0}
\tTemperature{mValue=36.0, mType=3, mName=VIRTUAL-SKIN, mStatus=1}
Current cooling devices from HAL:
\tCoolingDevice{mValue=3, mType=2, mName=thermal-cpufreq-0}
Temperature static thresholds from HAL:
\tTemperatureThreshold{mType=3, mName=VIRTUAL-SKIN, mHotThrottlingThresholds=[NaN, 39.0, 43.0], mColdThrottlingThresholds=[NaN], mVrThrottlingThreshold=NaN}
"""
FIRST_THERMAL = """IsStatusOverride: false
Thermal Status: 0
Cached temperatures:
 Name: cpu, Type: 0, Status: 0, Value: 33.1
 Name: skin, Type: 3, Status: 0, Value: 29.5
HAL Ready: true
"""
MEMINFO = """Applications Memory Usage (in Kilobytes):
Uptime: 100 Realtime: 200

** MEMINFO in pid 4321 [benchmark_model] **
                   Pss  Private  Private  SwapPss      Rss     Heap     Heap     Heap
                 Total    Dirty    Clean    Dirty    Total     Size    Alloc     Free
                ------   ------   ------   ------   ------   ------   ------   ------
  Native Heap    11000    10900       10        7    12000    20000    15000     5000
  Dalvik Heap        0        0        0        0        0
   EGL mtrack     3000     3000        0        0     3000
    GL mtrack     2000     2000        0        0     2000
        TOTAL    20000    18000      500        9    30000    20000    15000     5000

 App Summary
                       Pss(KB)                        Rss(KB)
                        ------                         ------
           Java Heap:        0                              0
         Native Heap:    10900                          12000
                Code:      600                           3000
            Graphics:     5000                           5000
              System:     3500

           TOTAL PSS:    20000            TOTAL RSS:    30000       TOTAL SWAP PSS:        9
"""
STATS = """Battery History (0% used, 12KB used of 4096KB):
Statistics since last charge:
  Estimated power use (mAh):
    Capacity: 4000, Computed drain: 120, actual drain: 100-140
    Global
      screen: 50.5 apps: 12 duration: 3s
    UID u0a12: 33.5 fg: 10 ( cpu=33.5 )
    UID 1000: 8.25e-05

  Something else:
    UID u0a99: 1
"""

FORMS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "battery",
        OLD_BATTERY,
        {
            "level_pct": 100, "status": {"code": 5, "meaning": "full"}, "plugged": ["ac"], "temperature_c": 30.1,
            "voltage_mv": 4331, "charge_counter_uah": None, "current_now": None, "updates_stopped": False,
        },
    ),
    (
        "battery",
        NEW_BATTERY,
        {
            "level_pct": 61, "voltage_mv": 3921, "temperature_c": -3.1, "plugged": ["usb"], "updates_stopped": True,
            "charge_counter_uah": 2771000, "max_charging_current_ua": 500000, "rated_cycle_usage_raw": 51234,
            "current_now": {"value": -412, "unit": "mA", "sign": "negative while discharging", "key": "current now"},
        },
    ),
    ("battery", NEW_BATTERY.replace("\n", "\r\n"), {"level_pct": 61, "technology": "Li-ion"}),
    ("battery", OLD_BATTERY.replace("level: 100", "level: 30").replace("scale: 100", "scale: 60"), {"level_pct": 50}),
    ("battery", "Current Battery Service state:\n  level: x\n", {"level_pct": None, "status": None, "plugged": []}),
    (
        "batterystats",
        STATS,
        {
            "capacity_mah": 4000, "computed_drain_mah": 120, "actual_drain_mah": [100, 140],
            "uid_mah": {"u0a12": 33.5, "1000": 8.25e-05},
        },
    ),
    (
        "batterystats",
        "9,0,i,vers,36,0\n9,0,l,pws,3080,96.2,80,110\n9,0,l,pwi,scrn,20.5,1\n9,10123,l,pwi,uid,7.5,0,0,0\n",
        {"capacity_mah": 3080, "actual_drain_mah": [80, 110], "uid_mah": {"10123": 7.5}, "parts_mah": {"scrn": 20.5}},
    ),
    (
        "batterystats",
        "Estimated power use (mAh):\n  Capacity: 3000, Computed drain: 5, actual drain: 30\n",
        {"actual_drain_mah": [30, 30], "uid_mah": {}},
    ),
    (
        "thermal",
        THERMAL,
        {
            "thermal_status": 2, "is_status_override": True, "hal_ready": True,
            "current_c": {"BIG": 41.25, "GPU": None, "VIRTUAL-SKIN-HINT": 36.5, "VIRTUAL-SKIN": 36.0},
            "cooling": {"thermal-cpufreq-0": 3}, "thresholds_c": {"VIRTUAL-SKIN": [None, 39.0, 43.0]},
            "skin_sensor": {"name": "VIRTUAL-SKIN", "mType": 3, "value_c": 36.0},
        },
    ),
    (
        "thermal",
        FIRST_THERMAL,
        {"current_c": {"cpu": 33.1, "skin": 29.5}, "skin_sensor": {"name": "skin", "mType": 3, "value_c": 29.5}},
    ),
    ("thermal", "IsStatusOverride: false\nThermal Status: 0\nHAL Ready: false\n", {"current_c": {}, "skin_sensor": None}),
    (
        "meminfo",
        MEMINFO,
        {
            "pid": 4321, "package": "benchmark_model", "total_pss_kb": 20000, "total_rss_kb": 30000,
            "total_private_dirty_kb": 18000, "total_swap_pss_kb": 9, "native_heap_pss_kb": 11000, "graphics_kb": 5000,
            "dalvik_heap_pss_kb": 0, "summary_native_heap_kb": 10900, "summary_code_kb": 600,
        },
    ),
    ("meminfo", MEMINFO.partition(" App Summary")[0], {"total_pss_kb": 20000, "graphics_kb": 5000}),
    ("meminfo", "No process found for: 99\n", {"pid": None, "total_pss_kb": None}),
    (
        "proc-meminfo",
        "MemTotal:        3710000 kB\nMemFree:  90 kB\nMemAvailable: 1 kB\nSwapTotal: 0 kB\n",
        {"mem_total_kb": 3710000, "mem_available_kb": 1, "swap_total_kb": 0, "swap_free_kb": None},
    ),
    (
        "cpuinfo",
        OLD_CPUINFO,
        {
            "processors_listed": 2, "hardware": "Own SoC", "processor_line": "ARMv7 Processor rev 0 (v7l)",
            "cores": [{"implementer": "0x51", "part": "0x06f", "count": 2}],
        },
    ),
    ("cpuinfo", "processor\t: 0\nvendor_id\t: Own\nmodel name\t: Own CPU\n", {"model_name": "Own CPU", "cores": []}),
    (
        "cpufreq",
        "/sys/devices/system/cpu/cpufreq/policy0/related_cpus:0-1\n"
        "/sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq:1800000\n"
        "/sys/devices/system/cpu/cpufreq/policy2/related_cpus:2 3\n"
        "/sys/devices/system/cpu/cpufreq/policy2/cpuinfo_max_freq:2400000\n",
        {"clusters": [{"cpus": [0, 1], "max_khz": 1800000}, {"cpus": [2, 3], "max_khz": 2400000}]},
    ),
    (
        "cpufreq",
        "".join(f"==> /sys/devices/system/cpu/cpu{n}/cpufreq/cpuinfo_max_freq <==\n{f}\n\n" for n, f in enumerate((18, 18, 24))),
        {"clusters": [{"cpus": [0, 1], "max_khz": 18}, {"cpus": [2], "max_khz": 24}]},
    ),
    ("time-in-state", "300000 12\n1800000 7\n", {"policy": None, "min_khz": 300000, "max_khz": 1800000, "steps": 2}),
    (
        "time-in-state",
        "".join(f"/sys/devices/system/cpu/cpufreq/policy4/stats/time_in_state:{f}00000 1\n" for f in (4, 9))
        + "/sys/devices/system/cpu/cpufreq/policy7/stats/time_in_state:100000 1\n",
        {"policy": 4, "min_khz": 400000, "steps": 2},
    ),
    (
        "getprop",
        "[a.b]: [1]\n\n[c.d]: [first\nsecond]\n[e]: []\n[f]: [x]: [y]\n",
        {"count": 4, "props": {"a.b": "1", "c.d": "first\nsecond", "e": "", "f": "x]: [y"}},
    ),
    (
        "build-prop",
        "# comment\nro.build.version.sdk=28\nro.product.system.model=Own\nro.product.cpu.abi=armeabi-v7a\n"
        "ro.product.cpu.abi2=armeabi\nro.build.version.sdk=99\n",
        {"model": "Own", "sdk": 28, "abilist": ["armeabi-v7a", "armeabi"], "brand": None},
    ),
    (
        "gles",
        "GLES: ARM, Mali-G78, OpenGL ES 3.2 v1.r32p1-01eac0.0123abc\n",
        {"vendor": "ARM", "renderer": "Mali-G78", "version": "OpenGL ES 3.2", "driver": "v1.r32p1-01eac0.0123abc"},
    ),
    (
        "gles",
        " GLES: Google Inc. (Own), ANGLE (Own, Vulkan 1.3.0 (Own GPU (0x1)), own driver), OpenGL ES 3.1 (ANGLE 2.1)\n",
        {"vendor": "Google Inc. (Own)", "renderer": "ANGLE (Own, Vulkan 1.3.0 (Own GPU (0x1)), own driver)", "driver": None},
    ),
    (
        "gles",
        "GLES: Imagination Technologies, PowerVR Rogue GE8320, OpenGL ES 3.2 build 1.11@5425693\n",
        {"renderer": "PowerVR Rogue GE8320", "driver": "1.11@5425693", "driver_date": None},
    ),
    (
        "df",
        "Filesystem       1K-blocks    Used Available Use% Mounted on\n/dev/block/platform/a/very/long/name\n"
        "                   1000     400       600  40% /data\ntmpfs 10 0 10 0% /a b\n",
        {"rows": [
            {"fs": "/dev/block/platform/a/very/long/name", "total_kb": 1000, "use_pct": 40, "mount": "/data"},
            {"fs": "tmpfs", "available_kb": 10, "mount": "/a b"},
        ]},
    ),
    (
        "df",
        "Filesystem               Size     Used     Free   Blksize\n/data                   12.0G     3.5G     8.5G   4096\n",
        {"rows": [{"mount": "/data", "total_kb": 12582912, "use_pct": None, "fs": None}]},
    ),
    (
        "df",
        "Filesystem        Size  Used Avail Use% Mounted on\n/dev/fuse         110G   84G   26G  77% /storage/emulated\n",
        {"rows": [{"total_kb": 115343360, "available_kb": 27262976, "use_pct": 77}]},
    ),
    (
        "features",
        "feature:reqGlEsVersion=0x30002\nfeature:android.hardware.vulkan.version=4198400\n"
        "feature:android.hardware.vulkan.level\nfeature:android.hardware.wifi\n",
        {"vulkan_version": "4198400 (1.1.0)", "vulkan_level": 0, "vulkan_compute": False, "gles_version": "3.2"},
    ),
    (
        "adb-devices",
        "* daemon not running; starting now at tcp:5037\n* daemon started successfully\nList of devices attached\n"
        "A1\tdevice\n10.0.0.2:5555   offline transport_id:4\n????????????    no permissions (user in plugdev group; are "
        "your udev rules wrong?); see [http://x] usb:1-2\nB2 device usb:1-4 product:o model:O_1 device:o transport_id:7\n\n",
        {"devices": [
            {"serial": "A1", "state": "device"},
            {"serial": "10.0.0.2:5555", "state": "offline", "transport_id": 4},
            {"serial": "????????????", "state": "no permissions", "usb": "1-2"},
            {"serial": "B2", "model": "O_1", "usb": "1-4"},
        ]},
    ),
    (
        "uevent",
        "POWER_SUPPLY_NAME=bms\nPOWER_SUPPLY_CURRENT_NOW=251000\nPOWER_SUPPLY_VOLTAGE_NOW=3987654\nPOWER_SUPPLY_TEMP=-5\n",
        {"name": "bms", "voltage_uv": 3987654, "temperature_c": -0.5, "current_now": {"value": 251000, "unit": "uA"}},
    ),
    (
        "uevent",
        "POWER_SUPPLY_STATUS=Charging\nPOWER_SUPPLY_CURRENT_NOW=900\nPOWER_SUPPLY_VOLTAGE_NOW=4100\n",
        {"voltage_uv": 4100000, "current_now": {"value": 900, "unit": None, "unit_reason": "its size fits both µA and mA"}},
    ),
    ("uevent", "POWER_SUPPLY_CURRENT_NOW=-2147483648\n", {"current_now": None, "level_pct": None, "status": None}),
]  # fmt: skip
