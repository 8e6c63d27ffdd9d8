# Sessions of the official benchmark app, which answers to nobody but the system's log: no output, no exit code.
# Sourced in the block's folder by run.sh and end.sh (for app_stop) and by the command of an app's session.
# app.pid is there while the app may run on behalf of this block; in it the shell that watches it, for end.sh.
app_package=org.tensorflow.lite.benchmark

# app_stop: ends the app where this block started it; harmless where it did not
app_stop() {
  [ -f app.pid ] || return 0
  am force-stop "$app_package" >/dev/null 2>&1
  rm -f app.pid
}

# app_refuse WORDS: ends the session before the app was started
app_refuse() {
  echo "$1" >"$app_dir/refused"
  echo "harness: $1"
  rm -f app.pid
  exit 1
}

# app_unlock: an app behind a lock screen is no app in the foreground: it gets other cores, or none
app_unlock() {
  app_woken=''
  case $(dumpsys power 2>/dev/null) in
    *mWakefulness=Awake*) ;;
    *) input keyevent KEYCODE_WAKEUP >/dev/null 2>&1; app_woken=1 ;;
  esac
  wm dismiss-keyguard >/dev/null 2>&1
  [ -z "$app_woken" ] || ${SLEEP:-sleep} 1
  case $(dumpsys power 2>/dev/null) in
    *mWakefulness=Awake*) ;;
    *) app_refuse "the screen is off and the shell may not switch it on; press the phone's power button" ;;
  esac
  app_window=$(dumpsys window 2>/dev/null | grep -E 'Lockscreen=|isStatusBarKeyguard=|KeyguardServiceDelegate| showing=')
  app_delegate=${app_window#*KeyguardServiceDelegate}
  app_delegate=${app_delegate#*showing=}
  case $app_window in
    *mShowingLockscreen=true*|*mDreamingLockscreen=true*|*isStatusBarKeyguard=true*) app_delegate=true ;;
  esac
  case $app_delegate in
    true*) app_refuse "the phone is locked; unlock it, and set its screen lock to none" ;;
  esac
}

# app_found PID: whose memory the sampler reads from now on
app_found() {
  [ -z "$app_pid" ] || return 0
  app_pid=$1
  echo "$app_pid -" >pid
}

# app_line LINE: takes notice of one line of the log and prints it where it is about the app. Whose lines they are is told
# by the system or by the activity's tag: the tag tflite is that of every app with the library in it, and of the shell's
# own benchmark_model, which another host may ask for its flags meanwhile.
app_line() {
  app_text=$1
  if [ -z "$app_marked" ]; then
    case $app_text in *"$app_mark"*) app_marked=1 ;; esac
    return 0
  fi
  set -f
  set -- $app_text
  set +f
  case $app_text in
    *" Start proc "*:"$app_package"/*) app_word=${app_text#* Start proc }; app_found "${app_word%%:*}" ;;
    *" am_proc_start: ["*,"$app_package",*) app_word=${app_text#*\[*,}; app_found "${app_word%%,*}" ;;
    *" tflite_BenchmarkModelActivity: Running "*) app_found "$3" ;;
  esac
  if [ "$3" = "$app_pid" ]; then
    case $app_text in
      *": Inference timings in us"*) app_timed=1 ;;
      *": Memory footprint delta from the start"*) [ -z "$app_timed" ] || app_end=0 ;;
      *"Fatal signal "*) app_word=${app_text#*Fatal signal }; app_end=$(( 128 + ${app_word%% *} )) ;;
      *"FATAL EXCEPTION"*) app_end=1 ;;
    esac
  else
    # It may be gone before it was looked at once.
    case ${app_pid:+$app_text} in *am_proc_died:*,"$app_pid",*|*"(pid $app_pid) has died"*) app_lived=1 ;; esac
    case $app_text in
      *finish_activity:*"$app_package"/*) [ -n "$app_timed" ] && app_end=0 || app_end=${app_end:-1} ;;
      *am_anr*"$app_package"*|*am_crash*"$app_package"*|*am_proc_died*"$app_package"*|*died*"$app_package"*) ;;
      *lowmemorykiller*"$app_package"*|*lmkd*"$app_package"*|*am_kill*"$app_package"*|*"$app_package"*" has died"*) ;;
      *) return 0 ;;
    esac
  fi
  echo "$app_text"
}

# app_read: every line that is new; the last one may come in two pieces
app_read() {
  while IFS= read -r app_piece <&3; do
    app_line "$app_rest$app_piece"
    app_rest=''
  done
  app_rest=$app_rest$app_piece
}

# app_wait: until the app has said how it ends, or is gone. Once a second it reads what logcat wrote, without a fork; what
# the log brings is a few lines a second at most, as all tags but these are left out by logd itself.
app_wait() {
  app_left=3
  while [ -z "$app_end" ]; do
    ${SLEEP:-sleep} 1
    app_read
    if [ -d "${PHONE_ROOT}/proc/${app_pid:-none}" ]; then
      app_lived=1
    elif [ -n "$app_lived" ]; then
      # What it said last may still be on its way.
      app_left=$(( app_left - 1 ))
      [ "$app_left" -gt 0 ] || app_end=137
    fi
  done
  # It says more after the line that ends it.
  ${SLEEP:-sleep} 1
  app_read
  [ -z "$app_timed" ] || [ "$app_end" != 137 ] || app_end=0
}

# app_session DIR FLAG…: one run of the app with these flags, which must hold no blanks: it splits them there. Prints what
# it logs, and exits as the program would: 0 with timings, 128 and the signal where it dies, else 1.
# Without -W: the app works in its activity's onCreate, so `am start -W` would return only when Android gives up on it.
app_session() {
  app_dir=$1
  shift
  echo "$$ -" >app.pid
  app_unlock
  app_pid='' app_rest='' app_marked='' app_timed='' app_end='' app_lived=''
  read -r app_now _ <"${PHONE_ROOT}/proc/uptime"
  app_mark="session $app_dir at $app_now of $$"
  : >"$app_dir/app.log"
  logcat -b main,system,crash,events -v threadtime -T 1 harness_app:I tflite:V tflite_BenchmarkModelActivity:V \
    AndroidRuntime:E libc:F DEBUG:F ActivityManager:I lowmemorykiller:I lmkd:I am_proc_start:I am_proc_died:I am_kill:I \
    am_crash:I am_anr:I am_finish_activity:I wm_finish_activity:I '*:S' >"$app_dir/app.log" 2>/dev/null &
  app_reader=$!
  exec 3<"$app_dir/app.log"
  # What the log holds of earlier runs ends here.
  log -p i -t harness_app "$app_mark"
  app_tries=0
  while app_read; [ -z "$app_marked" ]; do
    app_tries=$(( app_tries + 1 ))
    [ "$app_tries" -lt 20 ] || { kill -KILL "$app_reader"; app_refuse "the shell's own line does not come back from logcat; the phone's log is switched off"; }
    ${SLEEP:-sleep} 0.5
  done
  am start -S -n "$app_package/.BenchmarkModelActivity" --es args "$*" >"$app_dir/am" 2>&1
  app_code=$?
  while read -r app_said; do
    case $app_said in Error*) app_code=1; echo "harness: am start: $app_said" ;; esac
  done <"$app_dir/am"
  [ "$app_code" -ne 0 ] && app_end=$app_code
  app_wait
  app_stop
  kill -KILL "$app_reader" 2>/dev/null
  exec 3<&-
  exit "$app_end"
}
