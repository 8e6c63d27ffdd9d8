# Reads what changes while a benchmark runs, and appends it to a file; see harness/measure/sampler.py for the format.
# Runs under mksh and dash. No fork in the loop where the shell's own sleep is used: values are read with `read`.
# usage: sampler.sh OUT PERIOD DEADLINE_S PIDFILE NODE_FILE
# NODE_FILE: lines "name path" of nodes that the host found readable.
# run.sh ends it by KILL, since the sleep of mksh would hold any gentler signal back, and then writes the last line,
# with what it cost.
trap '' HUP
out=$1 period=$2 deadline=$3 pidfile=$4 nodes=$5
uptime="${PHONE_ROOT}/proc/uptime"
# Temperatures move slowly, and there may be a hundred of them.
slow_every=10
# Threads move quickly, and each costs a read: every fourth tick from the second on that sees the program.
threads_every=4
names='' paths='' slow_names='' slow_paths='' nothing=''
while read -r name path; do
  case $name in
    zone.*) slow_names="$slow_names $name" slow_paths="$slow_paths $path" nothing="$nothing NA" ;;
    *) names="$names $name" paths="$paths $path" ;;
  esac
done <"$nodes"
read -r now _ <"$uptime"
read -r boot_id <"${PHONE_ROOT}/proc/sys/kernel/random/boot_id"
end=$(( ${now%.*} + deadline ))
{
  echo "#v1 period=$period boot_id=$boot_id"
  echo "#cols seq boot_s$names$slow_names rss_pages"
} >"$out"
# values PATH…: appends the first word of each file to `line`
values() {
  for path; do
    value=NA
    read -r value _ 2>/dev/null <"${PHONE_ROOT}$path"
    line="$line ${value:-NA}"
  done
}
# tick SLOW: one line; the temperatures only where SLOW is 0
tick() {
  line="S $seq $now"
  values $paths
  if [ "$1" -eq 0 ]; then values $slow_paths; else line="$line$nothing"; fi
  rss=NA pid=
  [ -s "$pidfile" ] && read -r pid _ <"$pidfile"
  if [ -n "$pid" ] && [ -r "${PHONE_ROOT}/proc/$pid/statm" ]; then
    read -r _ rss _ 2>/dev/null <"${PHONE_ROOT}/proc/$pid/statm"
  fi
  echo "$line ${rss:-NA}" >>"$out"
  seq=$(( seq + 1 ))
}
# threads: CPU ticks of the program's threads so far, and on which core each was last (fields 14, 15 and 39 of stat)
threads() {
  ticks=0 cpus=''
  for task in "${PHONE_ROOT}/proc/$pid/task"/*; do
    stat=''
    read -r stat 2>/dev/null <"$task/stat"
    set -- ${stat##*) }
    [ $# -ge 37 ] || continue
    ticks=$(( ticks + ${12} + ${13} )) cpus="$cpus ${37}"
  done
  [ -z "$cpus" ] || echo "T $now $ticks$cpus" >>"$out"
}
# allowed: the cores that the program may run on, from a file of fifty lines: once
allowed() {
  while read -r key value _; do
    [ "$key" = Cpus_allowed_list: ] && echo "A $now $value" >>"$out" && return
  done 2>/dev/null <"${PHONE_ROOT}/proc/$pid/task/$pid/status"
}
# program: what is read of the program itself
program() {
  [ "$pid" = "$last_pid" ] || seen=0
  last_pid=$pid
  [ $(( seen % threads_every )) -eq 1 ] && threads
  [ "$seen" -eq 1 ] && allowed
  seen=$(( seen + 1 ))
}
seq=0 seen=0 last_pid='' pid=''
read -r now _ <"$uptime"
while [ "${now%.*}" -lt "$end" ]; do
  tick $(( seq % slow_every ))
  [ -z "$pid" ] || program
  ${SLEEP:-sleep} "$period"
  read -r now _ <"$uptime"
done
echo "E $seq $now why=deadline" >>"$out"
