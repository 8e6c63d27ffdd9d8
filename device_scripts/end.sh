# Ends a block that runs on this phone, or only restores what a dead one left changed.
# usage: end.sh BLOCK_DIR [restore]
cd "$1" 2>/dev/null || exit 0
mode=${2:-end}

# runs FILE: the process that FILE names by pid and start time still runs, and the phone has not booted since
runs() {
  pid='' then='' boot='' boot_now='' stat=''
  read -r pid then 2>/dev/null <"$1"
  read -r boot 2>/dev/null <boot_id
  read -r boot_now <"${PHONE_ROOT}/proc/sys/kernel/random/boot_id"
  [ -n "$pid" ] && [ "$boot" = "$boot_now" ] && kill -0 "$pid" 2>/dev/null || return 1
  [ "$then" != - ] || return 0
  read -r stat 2>/dev/null <"${PHONE_ROOT}/proc/$pid/stat"
  set -- ${stat##*) }
  # A zombie has ended; only its parent has not looked yet.
  [ $# -ge 20 ] && [ "$1" != Z ] || return 1
  shift 19
  [ "$1" = "$then" ]
}

if [ "$mode" = end ]; then
  : >stop
  if runs run.pid; then
    kill -TERM "$pid"
    n=0
    while runs run.pid && [ "$n" -lt 100 ]; do
      ${SLEEP:-sleep} 0.1
      n=$(( n + 1 ))
    done
    runs run.pid && kill -KILL "$pid"
  fi
  runs sampler.pid && kill -KILL "$pid"
  runs app.pid && { kill -KILL -"$pid" 2>/dev/null || kill -KILL "$pid"; }
  runs pid && { kill -KILL -"$pid" 2>/dev/null || kill -KILL "$pid"; }
fi
[ -f lib/app.sh ] && . ./lib/app.sh && app_stop
# A trace that nobody collected is worth nothing.
runs perfetto.pid && kill -TERM "$pid"
[ -f perfetto.out ] && read -r out <perfetto.out && rm -f "$out" perfetto.out
[ -f lib/state.sh ] && . ./lib/state.sh && state_restore
exit 0
