# A closer look at a phone than probe.sh takes: what harness doctor judges and harness probe writes down.
# Prints sections, as probe.sh does; leaves nothing changed.
section() { echo "=== $1"; }
cpus="${PHONE_ROOT}/sys/devices/system/cpu"
# show FILE...: each readable one as path:content, as `grep .` would print it
show() {
  for file in "$@"; do
    [ -f "$file" ] || continue
    while IFS= read -r line; do echo "${file#"${PHONE_ROOT}"}:$line"; done 2>/dev/null <"$file"
  done
}
section cpuinfo; cat "${PHONE_ROOT}/proc/cpuinfo"
section kernel; uname -a
section clocks
show "$cpus/online" "$cpus/possible" "$cpus"/cpu[0-9]*/cpu_capacity
for policy in "$cpus"/cpufreq/policy*; do
  show "$policy/related_cpus" "$policy/cpuinfo_min_freq" "$policy/cpuinfo_max_freq" "$policy/scaling_governor" \
    "$policy/scaling_available_frequencies" "$policy/stats/time_in_state"
done
section supplies
for supply in "${PHONE_ROOT}"/sys/class/power_supply/*; do
  [ -d "$supply" ] || continue
  echo "${supply#"${PHONE_ROOT}"}"
  show "$supply/uevent"
done
section zones
for zone in "${PHONE_ROOT}"/sys/class/thermal/thermal_zone*; do
  [ -d "$zone" ] && show "$zone/type" "$zone/temp"
done
section features; pm list features 2>/dev/null
section user; id; cat "${PHONE_ROOT}/proc/self/cpuset" 2>/dev/null; getenforce 2>/dev/null
section opencl
for name in libOpenCL.so libOpenCL-pixel.so libGLES_mali.so libPVROCL.so; do
  for folder in /vendor/lib64 /system/vendor/lib64 /vendor/lib /system/lib64 /system/lib /vendor/lib64/egl /vendor/lib/egl; do
    [ -e "${PHONE_ROOT}$folder/$name" ] && echo "$folder/$name"
  done
done
section tools
for name in setsid nohup tar sha256sum timeout taskset logcat dumpsys settings svc perfetto simpleperf; do
  command -v "$name" >/dev/null 2>&1 && echo "$name"
done
# A setting of our own, gone again at once: where a maker refuses that, it refuses every setting.
section settings
settings put global harness_look 1 2>&1 && settings delete global harness_look >/dev/null 2>&1 && echo writable
section end
