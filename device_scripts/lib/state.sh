# What a block changes on the phone, and how it is put back. Sourced by run.sh and end.sh in the block's folder.
# What was there before is written down first, so that whoever comes later can restore it.

# state_apply: keeps the screen on, since a phone on battery would sleep otherwise
state_apply() {
  [ "$stay_on" = 1 ] || return 0
  settings get global stay_on_while_plugged_in >stayon.old 2>/dev/null
  svc power stayon true >/dev/null 2>&1
  [ "$(settings get global stay_on_while_plugged_in 2>/dev/null)" = 7 ] || mark "note stay-on-refused"
}

# state_restore: puts back what is written down; harmless where nothing is
state_restore() {
  [ -f stayon.old ] || return 0
  read -r old <stayon.old
  # `svc` works where the maker refuses `settings put`; it knows these values only.
  case $old in
    ''|null|0) old=0 way=false ;;
    1) way=ac ;; 2) way=usb ;; 4) way=wireless ;; 7) way=true ;;
    *) way='' ;;
  esac
  if [ -n "$way" ]; then svc power stayon "$way"; else settings put global stay_on_while_plugged_in "$old"; fi >/dev/null 2>&1
  if [ "$(settings get global stay_on_while_plugged_in 2>/dev/null)" = "$old" ]; then
    rm -f stayon.old
  else
    echo "stay_on_while_plugged_in could not be set back to $old"
  fi
}
