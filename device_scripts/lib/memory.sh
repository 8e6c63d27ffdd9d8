# What a process holds in memory while it runs. Sourced by run.sh in the block's folder, and used in sessions of kind
# memory only: each look stalls the process a little, smaps_rollup walks all of its pages, and dumpsys keeps a core busy.
# Leaves in the session's folder `memory.tsv` (see harness/measure/memory.py), `smaps_rollup` and `gpumem`.

# progress DIR: `phase`, by what the program has printed so far: start, loaded, ready, warm, ran
progress() {
  phase=start phases_run=0
  for printed in "$1/out" "$1/err"; do
    while read -r words; do
      case $words in
        *'Loaded model '*) [ $phase = start ] && phase=loaded ;;
        *'Initialized session in '*) phase=ready ;;
        *count=[0-9]*' curr='*) phases_run=$(( phases_run + 1 )) ;;
      esac
    done 2>/dev/null <"$printed"
  done
  case $phases_run in 0) ;; 1) phase=warm ;; *) phase=ran ;; esac
}
# status PID: what the kernel counts for a process, kB; without a fork
status() {
  name=NA hwm=NA rss=NA anon=NA file=NA shmem=NA swap=NA
  while read -r key value _; do
    case $key in
      Name:) name=$value ;;
      VmHWM:) hwm=$value ;;
      VmRSS:) rss=$value ;;
      RssAnon:) anon=$value ;;
      RssFile:) file=$value ;;
      RssShmem:) shmem=$value ;;
      VmSwap:) swap=$value ;;
    esac
  done 2>/dev/null <"${PHONE_ROOT}/proc/$1/status"
}
# gpu_total: what the driver of a Mali says of all processes together, bytes; few phones let the shell read it
gpu_total() {
  total=NA
  for node in "${PHONE_ROOT}"/sys/devices/platform/*.mali/total_gpu_mem; do
    read -r total _ 2>/dev/null <"$node" && return
  done
  total=NA
}
# memory_begin DIR: before the program starts
memory_begin() {
  kernel=''
  read -r _ _ kernel _ 2>/dev/null <"${PHONE_ROOT}/proc/version"
  gpu_total
  echo "#v1 kernel=${kernel:-NA} gpu_total=$total" >"$1/memory.tsv"
  echo '#cols boot_s phase_before phase_after name hwm_kb rss_kb anon_kb file_kb shmem_kb swap_kb gpu_total' >>"$1/memory.tsv"
}
# memory_watch PID DIR: until the process is gone
memory_watch() {
  echo "#pid $1" >>"$2/memory.tsv"
  once=''
  while alive "$1"; do
    progress "$2"
    before=$phase
    status "$1"
    gpu_total
    uptime_now
    # What was read belongs to a phase only where that was the same before and after.
    progress "$2"
    echo "M $now $before $phase $name $hwm $rss $anon $file $shmem $swap $total" >>"$2/memory.tsv"
    case $once$phase in
      warm|ran)
        once=done
        while read -r line; do echo "$line"; done 2>/dev/null <"${PHONE_ROOT}/proc/$1/smaps_rollup" >"$2/smaps_rollup"
        dumpsys gpu --gpumem >"$2/gpumem" 2>&1
        ;;
    esac
    # Initialisation may be over in a moment, and nothing is timed.
    case $phase in start|loaded) ${SLEEP:-sleep} "$memory_quick" ;; *) ${SLEEP:-sleep} "$memory_period" ;; esac
  done
}
