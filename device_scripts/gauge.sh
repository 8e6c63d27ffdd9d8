# Watches the battery gauge of an idle phone, of one whose cores are all busy, and of an idle one again.
# usage: gauge.sh FOLDER SAMPLER PERIOD IDLE_S BUSY_S   (FOLDER/nodes: what to sample; writes FOLDER/log and FOLDER/marks)
# BUSY_S 0: only IDLE_S are watched.
trap '' HUP
cd "$1" || exit 1
sampler=$2 period=$3 idle=$4 busy=$5
spinners=''
quit() { for pid in $spinners $watcher; do kill -KILL "$pid" 2>/dev/null; done; }
trap quit EXIT
mark() { read -r now _ <"${PHONE_ROOT}/proc/uptime"; echo "$now $1" >>marks; }
sh "$sampler" "$1/log" "$period" "$(( 2 * idle + busy + 60 ))" /dev/null "$1/nodes" </dev/null >/dev/null 2>&1 &
watcher=$!
${SLEEP:-sleep} "$idle"
if [ "$busy" -gt 0 ]; then
  mark start
  for core in "${PHONE_ROOT}"/sys/devices/system/cpu/cpu[0-9]*; do
    if command -v yes >/dev/null 2>&1; then yes >/dev/null 2>&1 & else while :; do :; done & fi
    spinners="$spinners $!"
  done
  ${SLEEP:-sleep} "$busy"
  for pid in $spinners; do kill -KILL "$pid" 2>/dev/null; done
  spinners=''
  mark stop
  ${SLEEP:-sleep} "$idle"
fi
exit 0
