# Reads what changes while a benchmark runs, and appends it to a file; see harness/measure/sampler.py for the format.
# Runs under mksh and dash. No fork in the loop where the shell's own sleep is used: values are read with `read`.
# usage: sampler.sh OUT PERIOD DEADLINE_S PIDFILE NODE_FILE
# NODE_FILE: lines "name path" of nodes that the host found readable.
out=$1 period=$2 deadline=$3 pidfile=$4 nodes=$5
uptime="${PHONE_ROOT}/proc/uptime"
names='' paths=''
while read -r name path; do
  names="$names $name"
  paths="$paths ${PHONE_ROOT}$path"
done <"$nodes"
read -r now _ <"$uptime"
read -r boot_id <"${PHONE_ROOT}/proc/sys/kernel/random/boot_id"
end=$(( ${now%.*} + deadline ))
{
  echo "#v1 period=$period boot_id=$boot_id"
  echo "#cols seq boot_s$names rss_pages"
} >"$out"
# A signal must end the wait at once, or each session would last a period longer: mksh's own sleep and `wait` do end.
if [ -n "$KSH_VERSION" ] && [ -z "$SLEEP" ]; then
  nap() { sleep "$period"; }
else
  nap() { ${SLEEP:-sleep} "$period" & wait $!; }
fi
seq=0 why=deadline
trap 'why=stopped' TERM INT
trap '' HUP
while [ "$why" = deadline ]; do
  read -r now _ <"$uptime"
  [ "${now%.*}" -lt "$end" ] || break
  line="S $seq $now"
  for path in $paths; do
    value=NA
    read -r value _ 2>/dev/null <"$path"
    line="$line ${value:-NA}"
  done
  rss=NA pid=
  [ -s "$pidfile" ] && read -r pid _ <"$pidfile"
  if [ -n "$pid" ] && [ -r "${PHONE_ROOT}/proc/$pid/statm" ]; then
    read -r _ rss _ 2>/dev/null <"${PHONE_ROOT}/proc/$pid/statm"
  fi
  echo "$line ${rss:-NA}" >>"$out"
  seq=$(( seq + 1 ))
  nap
done
read -r now _ <"$uptime"
echo "E $seq $now why=$why" >>"$out"
