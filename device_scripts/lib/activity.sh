# Who used the cores while a session ran. Sourced by run.sh in the block's folder.
# DIR/activity: the kernel's counters of all cores, and the shell's of its ended children (`times`), before and after.
# Numbers stay text: the shell's have 32 bits, and those of /proc/stat are longer after a month.

# activity_now: one reading
activity_now() {
  act_line=''
  read -r act_line 2>/dev/null <"${PHONE_ROOT}/proc/stat"
  echo "$act_line"
  times
}
activity_begin() { activity_now >"$1/activity"; }
# activity_end DIR: right after the wait for the program, before any other child is waited for
activity_end() { activity_now >>"$1/activity"; }
# cpu_ticks PID: `ticks` of CPU time that a process and its ended children took; empty where it is gone
cpu_ticks() {
  act_line='' ticks=''
  read -r act_line 2>/dev/null <"${PHONE_ROOT}/proc/$1/stat"
  set -- ${act_line##*) }
  [ $# -lt 15 ] || ticks=$(( ${12} + ${13} + ${14} + ${15} ))
}
