# Power as Android's tracing sees it: perfetto's battery counters, and on some phones its power rails. Sourced by run.sh.
# It works where the shell user may not read the battery's own nodes. Its policy lets perfetto neither read nor write our
# folder: the config goes through a pipe, the trace into its own folder and from there into the session's.
# `perfetto.pid` and `perfetto.out` say what runs and where it writes, for end.sh.
traces="${PHONE_ROOT}/data/misc/perfetto-traces"
# An unknown name voids the whole config, and the voltage is known to newer builds only.
power_voltage='battery_counters: BATTERY_COUNTER_VOLTAGE'

# power_config: what is traced; by itself it ends after all that a session may take
power_config() {
  cat <<CONFIG
buffers { size_kb: 4096 fill_policy: RING_BUFFER }
data_sources { config { name: "android.power" android_power_config {
  battery_poll_ms: 250
  battery_counters: BATTERY_COUNTER_CURRENT battery_counters: BATTERY_COUNTER_CHARGE $power_voltage
  collect_power_rails: true } } }
duration_ms: $(( deadline_s + 2 * ${idle_s%.*} + 60 ))000
write_into_file: true
file_write_period_ms: 5000
CONFIG
}

# power_begin: sets perfetto_pid, empty where it does not start
power_begin() {
  perfetto_pid=$(power_config | perfetto --txt -c - -o "$1" -d 2>/dev/null)
  case $perfetto_pid in *[!0-9]*) perfetto_pid='' ;; esac
  [ -n "$perfetto_pid" ]
}

# power_start: traces from now on, where the settings and the phone allow it
power_start() {
  perfetto_pid=''
  [ "${perfetto:-0}" = 1 ] || return 0
  trace="$traces/harness-$$-${now%.*}.pftrace"
  echo "$trace" >perfetto.out
  power_begin "$trace" || { power_voltage=''; power_begin "$trace"; } || { perfetto=0; mark "note no-perfetto"; return 0; }
  start_time "$perfetto_pid"
  echo "$perfetto_pid $started" >perfetto.pid
}

# power_stop DIR: ends it, and keeps the trace as DIR/power.pftrace
power_stop() {
  [ -n "$perfetto_pid" ] || return 0
  kill -TERM "$perfetto_pid" 2>/dev/null
  n=0
  while { alive "$perfetto_pid" || [ -d "${PHONE_ROOT}/proc/$perfetto_pid" ]; } && [ "$n" -lt 50 ]; do
    ${SLEEP:-sleep} 0.1
    n=$(( n + 1 ))
  done
  cat "$trace" >"$1/power.pftrace" 2>/dev/null
  rm -f "$trace" perfetto.pid perfetto.out
  perfetto_pid=''
}

# on_battery: whether Android says that the phone runs from its battery
on_battery() {
  dumpsys battery >unplugged 2>&1
  said status unplugged
  [ "$number" = 3 ] && ! grep -q 'powered: true' unplugged
}

# power_wait: where the host cuts the power of the USB port, wait until it did. A hub may switch data alone, and a host
# may be dead: then what follows is measured plugged in, and says so.
cut_wait_s=${cut_wait_s:-120}
power_wait() {
  [ "${cut_usb:-0}" = 1 ] || return 0
  on_battery && return 0
  latest=''
  uptime_now
  from_s=${now%.*}
  until on_battery; do
    beat
    if [ "${now%.*}" -ge $(( from_s + cut_wait_s )) ]; then mark "note still-plugged"; cut_wait_s=10; return 0; fi
    ${SLEEP:-sleep} 1
  done
  mark "note unplugged"
}
