# What this phone is and what it lets the shell user read, as sections that the host parses (harness/phones/probe.py).
section() { echo "=== $1"; }
# How busy the cores are while the rest of this script runs, and the clock before it takes its time.
read -r busy_from 2>/dev/null <"${PHONE_ROOT}/proc/stat"
section now; date +%s
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
# capacity POLICY_PATH: of its first core; the strongest core of a phone has 1024
capacity() {
  first=''
  read -r first _ 2>/dev/null <"$1/related_cpus"
  cat "${PHONE_ROOT}/sys/devices/system/cpu/cpu$first/cpu_capacity" 2>/dev/null
}
for policy in "${PHONE_ROOT}"/sys/devices/system/cpu/cpufreq/policy*; do
  [ -d "$policy" ] || continue
  echo "${policy##*/} max=$(cat "$policy/cpuinfo_max_freq" 2>/dev/null) cap=$(cat "$policy/scaling_max_freq" 2>/dev/null) cpus=$(cat "$policy/related_cpus" 2>/dev/null) capacity=$(capacity "$policy")"
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
# What has the screen. Most makers name their home screen so; of another name the package manager is asked.
section front
focus=$(dumpsys window displays 2>/dev/null | grep -m 1 mCurrentFocus= ||
  dumpsys window windows 2>/dev/null | grep -m 1 mCurrentFocus=)
echo "$focus"
case $focus in
  *[Ll]auncher*|*.home/*|*.systemui/*) ;;
  */*) cmd package resolve-activity --brief -a android.intent.action.MAIN -c android.intent.category.HOME 2>/dev/null ;;
esac
section updates; ps -A -o NAME 2>/dev/null | grep -E -x '(dex2oat(32|64)?|odrefresh|otapreopt(_chroot)?) *'
# Keys expire since Android 11; before Android 10, which brought /apex, asking takes a second.
section adb_keys; [ -d "${PHONE_ROOT}/apex" ] && settings get global adb_allowed_connection_time 2>/dev/null
# Programs must be startable where we put them.
section exec
test="${PHONE_ROOT}/data/local/tmp/harness/.exec-$$"
if echo 'echo runs' 2>/dev/null >"$test" && [ -s "$test" ] && chmod 755 "$test"; then "$test" 2>&1 || echo "exit code $?"; fi
rm -f "$test"
section load
load='' busy_to=''
read -r load 2>/dev/null <"${PHONE_ROOT}/proc/loadavg"
read -r busy_to 2>/dev/null <"${PHONE_ROOT}/proc/stat"
echo "$load"; echo "$busy_from"; echo "$busy_to"
section end
