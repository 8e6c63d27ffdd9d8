# What this phone is and what it lets the shell user read, as sections that the host parses (harness/phones/probe.py).
section() { echo "=== $1"; }
section getprop; getprop
section battery; dumpsys battery 2>&1
section thermal; dumpsys thermalservice 2>&1
section gles; dumpsys SurfaceFlinger 2>/dev/null | grep GLES
section meminfo; cat "${PHONE_ROOT}/proc/meminfo"
section df; df -k "${PHONE_ROOT}/data/local/tmp" 2>&1
section boot; cat "${PHONE_ROOT}/proc/sys/kernel/random/boot_id" "${PHONE_ROOT}/proc/uptime"
# As lease.sh has it.
section lease
last=00000000 held='' boot_id='' now=''
for last in "${PHONE_ROOT}"/data/local/tmp/harness/leases/[0-9]*; do :; done
if [ -d "$last" ]; then
  read -r held 2>/dev/null <"$last/held"
  read -r boot_id <"${PHONE_ROOT}/proc/sys/kernel/random/boot_id"
  read -r now _ <"${PHONE_ROOT}/proc/uptime"
  echo "$boot_id ${now%.*} ${last##*/} $held"
fi
section cpufreq
for policy in "${PHONE_ROOT}"/sys/devices/system/cpu/cpufreq/policy*; do
  [ -d "$policy" ] || continue
  echo "${policy##*/} max=$(cat "$policy/cpuinfo_max_freq" 2>/dev/null) cap=$(cat "$policy/scaling_max_freq" 2>/dev/null) cpus=$(cat "$policy/related_cpus" 2>/dev/null)"
done
section nodes
# try NAME PATH: readable, denied or absent, found by reading, since a node can be listed and still refuse
try() {
  if [ ! -e "${PHONE_ROOT}$2" ]; then echo "$1 $2 absent"
  elif value=$(cat "${PHONE_ROOT}$2" 2>/dev/null) && [ -n "$value" ]; then echo "$1 $2 ok $value"
  else echo "$1 $2 denied"; fi
}
for supply in battery bms maxfg; do
  for name in current_now voltage_now charge_counter status; do
    try "$supply.$name" "/sys/class/power_supply/$supply/$name"
  done
done
for supply in usb ac dc wireless; do try "$supply.online" "/sys/class/power_supply/$supply/online"; done
for policy in "${PHONE_ROOT}"/sys/devices/system/cpu/cpufreq/policy*; do
  [ -d "$policy" ] || continue
  try "${policy##*/}.cur" "${policy#"${PHONE_ROOT}"}/scaling_cur_freq"
  try "${policy##*/}.cap" "${policy#"${PHONE_ROOT}"}/scaling_max_freq"
done
for zone in "${PHONE_ROOT}"/sys/class/thermal/thermal_zone*; do
  [ -d "$zone" ] || continue
  kind=$(tr ' ' _ 2>/dev/null <"$zone/type") || continue
  try "zone.$kind" "${zone#"${PHONE_ROOT}"}/temp"
done
section end
