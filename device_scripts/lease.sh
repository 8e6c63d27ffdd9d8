# Who holds this phone (see harness/phones/lease.py). The highest of leases/NUMBER counts; numbers have eight digits.
# usage: lease.sh ROOT read
#        lease.sh ROOT take NUMBER KEY SECONDS OWNER RUN   one of several that try gets it; prints `taken` or `late`
#        lease.sh ROOT renew NUMBER KEY SECONDS            prints `kept` or `lost`
#        lease.sh ROOT release NUMBER KEY                  the same
# Whatever was asked, the last line is what `read` prints: boot_id, uptime, and the lease that counts now.
# A lease is one line in leases/NUMBER/held: KEY BOOT_ID DEADLINE held|released OWNER RUN
root=$1 verb=$2 number=$3 key=$4
mkdir -p "$root/leases" && cd "$root/leases" || exit 1
read -r boot_id <"${PHONE_ROOT}/proc/sys/kernel/random/boot_id"
read -r now _ <"${PHONE_ROOT}/proc/uptime"
now=${now%.*}

top() {
  last=''
  for last in [0-9]*; do :; done
  [ -d "$last" ] || last=00000000
}
# write DIR LINE: in one step, so that nobody reads half a line
write() { echo "$2" >"$1/held.$$" && mv "$1/held.$$" "$1/held"; }
# change DEADLINE STATE: the lease that counts, where it is ours
change() {
  top
  was='' boot='' until='' state='' who=''
  read -r was boot until state who 2>/dev/null <"$last/held"
  if [ "$last" = "$number" ] && [ "$was" = "$key" ] && write "$last" "$key $boot_id $1 $2 $who"; then
    echo kept
  else
    echo lost
  fi
}

# drop DIR: an old lease goes; one that is damaged is kept aside
drop() {
  boot='' until='' state='' who='' run='' more=''
  read -r was boot until state who run more 2>/dev/null <"$1/held"
  if [ -s "$1/held" ] && { [ -z "$run" ] || [ -n "$more" ]; }; then mv "$1" "damaged-$1"; else rm -rf "$1"; fi
}

case $verb in
  take)
    if mkdir "$number" 2>/dev/null; then
      write "$number" "$key $boot_id $(( now + $5 )) held $6 $7"
      top
      # Somebody may have gone on from the same number before ours was written.
      [ "$last" = "$number" ] && echo taken || echo late
      # The 1 before it keeps the shell from reading an octal number.
      for old in [0-9]*; do [ "1$old" -ge "1$last" ] || drop "$old"; done
    else
      echo late
    fi ;;
  renew) change "$(( now + $5 ))" held ;;
  release) change "$now" released ;;
esac
top
held=''
read -r held 2>/dev/null <"$last/held"
echo "$boot_id $now $last $held"
