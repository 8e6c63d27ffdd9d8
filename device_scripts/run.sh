# Runs one block of sessions by itself, so that a lost link or a dead host loses nothing.
# usage: run.sh BLOCK_DIR SAMPLER ENDER (the other two scripts; ENDER restores what was changed)
# The phone's lease (see lease.sh) must be the one in `settings` before and after each session: who has lost the phone
# starts nothing more, and the session that was under way is marked `fenced`.
# In BLOCK_DIR: `settings` (assignments), `nodes` (what to sample), `lib/` (scripts that this one reads), `plan` (a line a
# session: its index, what it runs for, and `goes-on` where it follows the one before without a rest) and for each session
# s/INDEX/cmd (one command line). Starting twice is harmless: the first mkdir wins. A session that does not run for its
# times has no figures: it waits for nothing and leaves no samples or dumps.
# A battery below `battery_floor_pct` ends the block before its next session (`done` says low), one at `hard_stop_tenths`
# of a degree ends the session that runs too (hot); 0 switches either off.
# Every absolute path begins with ${PHONE_ROOT}; time comes from /proc/uptime only; waits go through sleep only.
block=$1 sampler=$2 ender=$3
mkdir "$block/started" 2>/dev/null || exit 0
cd "$block" || exit 1
. ./settings
. ./lib/state.sh
. ./lib/app.sh
. ./lib/clocks.sh
. ./lib/activity.sh
. ./lib/power.sh
. ./lib/memory.sh
. ./lib/cold.sh
read -r boot_id <"${PHONE_ROOT}/proc/sys/kernel/random/boot_id"
echo "$boot_id" >boot_id
# A pid counts only together with its start time and the boot (see end.sh).
start_time() {
  stat='' started=-
  read -r stat 2>/dev/null <"${PHONE_ROOT}/proc/$1/stat"
  set -- ${stat##*) }
  [ $# -ge 20 ] && shift 19 && started=$1
}
start_time $$
echo "$$ $started" >run.pid

sampler_pid='''' child='' dog='' reader='' latest='' heat_node=''
battery_floor_pct=${battery_floor_pct:-0} hard_stop_tenths=${hard_stop_tenths:-0}

uptime_now() { read -r now _ <"${PHONE_ROOT}/proc/uptime"; }
beat() { uptime_now; echo "$now" >heartbeat; }
mark() { beat; echo "$now $*" >>markers; }
# ours: the lease under which this block was started is still the phone's last one
ours() {
  [ -n "$lease_key" ] || return 0
  last='' key=''
  for last in ../../leases/[0-9]*; do :; done
  read -r key _ 2>/dev/null <"$last/held"
  [ "${last##*/}" = "$lease_number" ] && [ "$key" = "$lease_key" ]
}
alive() { kill -0 "$1" 2>/dev/null; }
# end_group PID: the whole process group, or the process where it has no group of its own
end_group() { kill -KILL -"$1" 2>/dev/null || kill -KILL "$1" 2>/dev/null; }
# quit PID: helpers have nothing to tidy up, and the sleep of mksh, a builtin, would hold a gentler signal back
quit() { [ -n "$1" ] && kill -KILL "$1" 2>/dev/null && wait "$1" 2>/dev/null; }

finish() {
  trap '' EXIT TERM INT HUP
  [ -n "$child" ] && end_group "$child"
  quit "$dog"
  quit "$reader"
  quit "$sampler_pid"
  sh "$ender" "$block" restore
  mark "end $1"
  echo "$1" >done
  exit 0
}
trap 'finish stopped' TERM INT
trap 'finish died' EXIT
trap '' HUP

# total and idle jiffies of all cores together
jiffies() {
  total=0 idle=0
  read -r _ a b c d e f g h _ 2>/dev/null <"${PHONE_ROOT}/proc/stat" || return
  total=$(( a + b + c + d + e + f + g + h )) idle=$(( d + e ))
}

# services DIR: what the battery and the thermal service say; each costs the phone tens of milliseconds
services() {
  dumpsys battery >"$1/battery" 2>&1
  [ "$thermal_service" = 1 ] && dumpsys thermalservice >"$1/thermal" 2>&1
}
# said KEY FILE: the whole number in a line of `dumpsys battery`, or nothing
said() {
  number=''
  while read -r key value; do [ "$key" = "$1:" ] && number=$value; done <"$2"
  case $number in *[!0-9]*) number='' ;; esac
}
# temperature DIR: the battery's, in tenths of a degree; the one that every phone offers
temperature() { said temperature "$1/battery"; tenths=${number:-0}; }
# too_hot TENTHS
too_hot() { [ "$hard_stop_tenths" -gt 0 ] && [ "$1" -ge "$hard_stop_tenths" ]; }
# fit DIR: ends the block where the battery is too low or too hot for another session
fit() {
  said level "$1/battery"
  [ -n "$number" ] && [ "$number" -lt "$battery_floor_pct" ] && finish low
  temperature "$1"
  too_hot "$tenths" && finish hot
}
# find_heat_node: the battery's own node costs no fork and next to no time, but may be denied, and some makers count in
# other units: it is taken where it agrees with Android, in `tenths` now, to 5 degrees.
find_heat_node() {
  for node in "${PHONE_ROOT}"/sys/class/power_supply/battery/temp "${PHONE_ROOT}"/sys/class/power_supply/bms/temp; do
    value=''
    read -r value 2>/dev/null <"$node"
    case $value in ''|*[!0-9]*) continue ;; esac
    [ "$value" -gt $(( tenths - 50 )) ] && [ "$value" -lt $(( tenths + 50 )) ] && heat_node=$node && return
  done
}
# measure_heat DIR: `tenths` of a session that runs. Without a node Android is asked, which takes tens of milliseconds of
# a core, and has a new answer once a minute: so every 30 s only.
measure_heat() {
  if [ -n "$heat_node" ]; then
    value=''
    read -r value 2>/dev/null <"$heat_node"
    case $value in ''|*[!0-9]*) ;; *) tenths=$value ;; esac
  elif [ "${now%.*}" -ge "$ask_heat" ]; then
    ask_heat=$(( ${now%.*} + 30 ))
    dumpsys battery >"$1/heat" 2>&1 && said temperature "$1/heat" && tenths=${number:-0}
  fi
}
# cool_down DIR [goes-on]: wait until the battery is nearly as cool as at rest and no clock is capped, or time is up.
# DIR/before then holds what the services say: where nothing was waited for, what they said after the last session.
cool_down() {
  if [ -n "$latest" ]; then cp "$latest/"[bt]* "$1/before"; else services "$1/before"; fi
  [ "$2" = goes-on ] || [ "$cooldown_s" -le 0 ] && return 0
  uptime_now
  from_s=${now%.*} wait_s=$cooldown_s
  # A phone that did not cool in all that time before will not now.
  [ "$cooldown_left" -lt "$wait_s" ] && wait_s=$cooldown_left
  while :; do
    temperature "$1/before"
    if [ "$tenths" -le "$cool_tenths" ] && ! capped; then break; fi
    beat
    if [ "${now%.*}" -ge $(( from_s + wait_s )) ]; then : >"$1/warm_start"; break; fi
    ${SLEEP:-sleep} 1
    services "$1/before"
  done
  uptime_now
  cooldown_left=$(( cooldown_left - (${now%.*} - from_s) ))
}

# watchdog PID DIR: ends a session that takes too long or makes the battery too hot, and shows that this phone is alive
watchdog() {
  uptime_now
  last=$(( ${now%.*} + deadline_s )) ask_heat=$(( ${now%.*} + 30 ))
  while alive "$1"; do
    beat
    if [ "$hard_stop_tenths" -gt 0 ]; then
      measure_heat "$2"
      if too_hot "$tenths"; then
        echo "$tenths" >"$2/hot"
        end_group "$1"
        return
      fi
    fi
    left=$(( last - ${now%.*} ))
    if [ "$left" -le 0 ]; then
      : >"$2/deadline"
      end_group "$1"
      return
    fi
    [ "$left" -gt 5 ] && left=5
    ${SLEEP:-sleep} "$left"
  done
}

# failure DIR PID: what the system's log says of a session that failed
failure() {
  logcat -d -b main,system,crash -t 1000 2>/dev/null |
    grep -E " $2 |[ ($2)]lowmemorykiller|lmkd|libc *:|DEBUG *:|crash_dump|tombstoned|tflite|litert|am_kill" |
    tail -n 100 >"$1/logcat"
  ls -l "${PHONE_ROOT}/data/tombstones" >"$1/tombstones" 2>/dev/null || rm -f "$1/tombstones"
}

# prepare DIR [goes-on]: cool down, note the phone's state, start the sampler
prepare() {
  power_wait
  jiffies
  total_0=$total idle_0=$idle
  mkdir -p "$1/before" "$1/after"
  cool_down "$1" "$2"
  fit "$1/before"
  clocks "$1/before"
  jiffies
  echo "$(( total - total_0 )) $(( idle - idle_0 ))" >"$1/before/jiffies"
  sh "$sampler" "$1/sampler.tsv" "$period" "$(( deadline_s + 2 * ${idle_s%.*} + 60 ))" pid nodes 2>/dev/null </dev/null &
  sampler_pid=$!
  start_time "$sampler_pid"
  echo "$sampler_pid $started" >sampler.pid
  power_start
}
# conclude DIR: end the sampler, note the phone's state
conclude() {
  alive "$sampler_pid" || : >"$1/sampler_died"
  cpu_ticks "$sampler_pid"
  quit "$sampler_pid"
  sampler_pid=''
  : >sampler.pid
  power_stop "$1"
  uptime_now
  echo "E - $now why=stopped cpu=$ticks" >>"$1/sampler.tsv"
  clocks "$1/after"
  services "$1/after"
  latest=$1/after
}

# session INDEX KIND [goes-on]
session() {
  dir=s/$1 timed=1
  case $2 in outputs|operators|memory) timed=0 ;; esac
  [ -d "$dir" ] || return 0
  [ -f "$dir/rc" ] && return 0
  : >pid
  if [ $timed = 1 ]; then
    prepare "$dir" "$3"
    [ "$idle_s" = 0 ] || { mark "idle $1"; ${SLEEP:-sleep} "$idle_s"; }
  fi
  [ "$2" != cold ] || cold_clear "$dir"
  [ $timed = 0 ] || activity_begin "$dir"
  [ "$2" != memory ] || memory_begin "$dir"
  mark "start $1"
  setsid sh "$dir/cmd" >"$dir/out" 2>"$dir/err" </dev/null &
  child=$!
  start_time "$child"
  echo "$child $started" >pid
  watchdog "$child" "$dir" &
  dog=$!
  if [ "$2" = memory ]; then
    memory_watch "$child" "$dir" &
    reader=$!
  fi
  wait "$child"
  rc=$?
  mark "stop $1 $rc"
  app_stop
  [ $timed = 0 ] || activity_end "$dir"
  pid=$child child=''
  : >pid
  quit "$dog"
  quit "$reader"
  dog='' reader=''
  if [ $timed = 1 ]; then
    [ "$idle_s" = 0 ] || { ${SLEEP:-sleep} "$idle_s"; mark "idle-end $1"; }
    conclude "$dir"
  fi
  [ "$rc" -eq 0 ] || failure "$dir" "$pid"
  state_check "$dir/state"
  ours || : >"$dir/fenced"
  echo "$rc" >"$dir/rc.part"
  # Where nothing can be written, what the session left is not whole, and the next one would leave nothing.
  [ -s "$dir/rc.part" ] || finish full
  mv "$dir/rc.part" "$dir/rc"
  [ -f "$dir/hot" ] && finish hot
}

state_apply
clocks_allowed
services .
temperature .
find_heat_node
cooldown_left=${cooldown_total_s:-1000000}
cool_tenths=$(( tenths + cool_above_tenths ))
# A phone that is warm from what ran before shall not take that for rest; below 30 degrees it is cool in any case.
if [ -n "$cool_idle_tenths" ] && [ "$cool_idle_tenths" -lt "$tenths" ] && [ "$cool_tenths" -gt 300 ]; then
  cool_tenths=$(( cool_idle_tenths + cool_above_tenths ))
  [ "$cool_tenths" -ge 300 ] || cool_tenths=300
fi
mark begin
while read -r index kind rest; do
  [ -f stop ] && finish stopped
  ours || finish fenced
  session "$index" "$kind" "$rest"
done <plan
finish complete
