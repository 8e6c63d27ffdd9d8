# Before a session that shall start cold: empties what may be emptied. Sourced by run.sh in the block's folder.

# cold_clear DIR: DIR/cleared then names what was emptied, a line each, and with `not` before it what was refused
cold_clear() {
  rm -rf cache
  mkdir cache
  echo "what delegates keep" >"$1/cleared"
  # The model file lies in the page cache. Only root may empty it; what is not on the disk yet would stay in any case.
  sync
  caches="${PHONE_ROOT}/proc/sys/vm/drop_caches"
  if [ -w "$caches" ] && { echo 3 >"$caches"; } 2>/dev/null; then
    echo "the page cache" >>"$1/cleared"
  else
    echo "not the page cache, which needs root" >>"$1/cleared"
  fi
}
