# Clocks and their limits, read without a fork. Sourced by run.sh in the block's folder.
cpus="${PHONE_ROOT}/sys/devices/system/cpu/cpufreq"

# clocks_allowed: notes what the state that is held lets each cluster have: below that, and no sooner, heat lowers it
clocks_allowed() {
  mkdir -p allowed
  for policy in "$cpus"/policy*; do
    name=${policy##*/} khz=''
    if [ -f state/limits.on ]; then read -r khz 2>/dev/null <"$policy/scaling_max_freq"
    else read -r khz 2>/dev/null <"$policy/cpuinfo_max_freq"; fi
    echo "$khz" >"allowed/$name"
  done
}
# limits POLICY_PATH: cap now, full (the maximum), and allowed
limits() {
  cap='' full='' allowed=''
  read -r cap 2>/dev/null <"$1/scaling_max_freq"
  read -r full 2>/dev/null <"$1/cpuinfo_max_freq"
  read -r allowed 2>/dev/null <"allowed/${1##*/}"
}
# clocks DIR: caps and residency of each cluster
clocks() {
  for policy in "$cpus"/policy*; do
    [ -d "$policy" ] || continue
    name=${policy##*/}
    while read -r khz ticks; do echo "$khz $ticks"; done 2>/dev/null <"$policy/stats/time_in_state" >"$1/$name.tis"
    limits "$policy"
    echo "$cap $full $allowed" >"$1/$name.cap"
  done
}
# capped: heat, or somebody else, holds a cluster below what it is allowed
capped() {
  for policy in "$cpus"/policy*; do
    limits "$policy"
    case $cap$allowed in ''|*[!0-9]*) continue ;; esac
    [ "${cap:-0}" -lt "${allowed:-0}" ] && return 0
  done
  return 1
}
