# What a block changes on the phone, and how it is put back. Sourced by run.sh and end.sh in the block's folder.
# state/NN is one change (see harness/phones/state/knob.py): it sets knob, value, what, wanted, steady and unmoved, and
# defines get, which prints the value that is there, and hand, which prints the command that sets a value.
# state/NN.old is what was there, written down before anything is changed, so that whoever comes later can restore it.
# state/report: a line `held KNOB VALUE`, `refused KNOB WHY` or `lost KNOB WHY` each.

# state_reads VALUE: get gives it, at once or soon: services take a moment
state_reads() {
  st_tries=0
  while :; do
    st_now=$(get 2>/dev/null)
    [ "$st_now" = "$1" ] && return 0
    st_tries=$(( st_tries + 1 ))
    [ $st_tries -lt 6 ] || return 1
    ${SLEEP:-sleep} 0.2
  done
}
# state_refuse WHY: the knob is not held, and what was changed for it is put back
state_refuse() {
  st_bad=$knob
  echo "refused $knob $1" >>state/report
  state_restore "$knob"
}
# state_whole: the knob of the last step is held where none of its steps was refused
state_whole() { [ -z "$st_knob" ] || [ "$st_knob" = "$st_bad" ] || echo "held $st_knob $st_value" >>state/report; }

# state_apply: puts in place what state/ asks for, and reports it
state_apply() {
  st_knob='' st_bad=''
  [ -d state ] || mkdir state
  [ ! -f state/refused ] || while read -r st_line; do echo "refused $st_line"; done <state/refused >state/report
  for st_step in state/[0-9][0-9]; do
    [ -f "$st_step" ] || continue
    . "./$st_step"
    if [ "$knob" != "$st_knob" ]; then
      state_whole
      st_knob=$knob st_value=$value
    fi
    [ "$knob" = "$st_bad" ] && continue
    st_now=$(get 2>/dev/null)
    if [ "$st_now" = "$wanted" ]; then continue; fi
    if [ -z "$st_now" ]; then state_refuse "$what cannot be read"; continue; fi
    echo "$st_now" >"$st_step.old"
    if [ ! -s "$st_step.old" ]; then state_refuse "there is no room to write down what $what was"; continue; fi
    st_said=$($(hand "$wanted") 2>&1)
    state_reads "$wanted" && continue
    case $st_said in
      *SecurityException*|*"Permission denial"*)
        state_refuse "the maker refuses it; switch on USB debugging (Security settings) in Developer options" ;;
      *) state_refuse "${unmoved:-$what stayed $st_now}" ;;
    esac
  done
  state_whole
}

# state_check FILE: what is held no more goes to FILE, beside the report. Only of what a suite asked for.
state_check() {
  cp state/report "$1" 2>/dev/null || return 0
  for st_step in state/[0-9][0-9]; do
    [ -f "$st_step" ] || continue
    . "./$st_step"
    [ "$steady" = 1 ] && [ "$knob" != awake ] && state_holds || continue
    st_now=$(get 2>/dev/null)
    [ "$st_now" = "$wanted" ] || echo "lost $knob $what became ${st_now:-unreadable}" >>"$1"
  done
}
# state_holds: the report has the knob as held
state_holds() {
  while read -r st_word st_name _; do
    [ "$st_word $st_name" = "held $knob" ] && return 0
  done <state/report
  return 1
}

# state_restore [KNOB]: puts back what is written down; harmless where nothing is
state_restore() {
  for st_file in state/[0-9][0-9].old; do
    [ -f "$st_file" ] || continue
    . "./${st_file%.old}"
    [ -z "$1" ] || [ "$knob" = "$1" ] || continue
    read -r st_old <"$st_file"
    $(hand "$st_old") >/dev/null 2>&1
    if state_reads "$st_old"; then rm -f "$st_file"; fi
  done
  [ -n "$1" ] || state_left
}
# state_left: what could not be put back, a sentence each
state_left() {
  for st_file in state/[0-9][0-9].old; do
    [ -f "$st_file" ] || continue
    . "./${st_file%.old}"
    read -r st_old <"$st_file"
    echo "$what could not be set back to $st_old; set it by hand: adb shell $(hand "$st_old")"
  done
}
