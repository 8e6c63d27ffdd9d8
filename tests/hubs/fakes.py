"""Stand-ins for the hub programs at the machine's edge: they keep a port's state and print what the real ones print."""

from __future__ import annotations

from pathlib import Path

#: A hub of USB 3 shows as two; `STUCK` in its folder keeps it from switching; other locations do not exist.
UHUBCTL = """#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >>calls
while [ $# -gt 0 ]; do
  case $1 in -l) location=$2 ;; -p) port=$2 ;; -a) action=$2 ;; esac
  shift 2
done
if [ "$location" = 1-9 ]; then
  echo "No compatible devices detected at location 1-9!" >&2
  echo "Run with -h to get usage info." >&2
  echo "There were permission problems while accessing USB." >&2
  exit 1
fi
if [ "$location" != 1-1.4 ]; then
  echo "No compatible devices detected at location $location!" >&2
  echo "Run with -h to get usage info." >&2
  exit 1
fi
status() {
  for half in 1-1.4 2-1.4; do
    [ $half = 1-1.4 ] && on="0103 power enable connect [18d1:4ee7 Google Pixel 8 Pro 3A091FDJG0004C]" off="0000 off"
    [ $half = 2-1.4 ] && on="02a0 power 5gbps Rx.Detect" off="0080 off"
    echo "$1 status for hub $half [2109:2817 VIA Labs, Inc. USB Hub, USB 2.10, 4 ports, ppps]"
    [ "$port" -le 4 ] || continue
    if [ "$(cat state)" = on ]; then echo "  Port $port: $on"; else echo "  Port $port: $off"; fi
  done
}
status Current
[ -n "$action" ] || exit 0
[ -e STUCK ] || echo "$action" >state
echo "Sent power $action request"
status New
"""

#: Ends with code 0 whatever happens, as the real one does.
YKUSHCMD = """#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >>calls
case $1 in ykush3|ykushxs) board=$1; shift ;; esac
[ "$2" = YK1 ] || { echo "Unable to open device"; exit 0; }
number=$4
[ "$board" = ykushxs ] && number=1
case $3 in
  -u) [ -e STUCK ] || echo ON >state ;;
  -d) [ -e STUCK ] || echo OFF >state ;;
  -g) printf '\\n\\nDownstream port %d is %s\\n\\n' "$number" "$(cat state)" ;;
esac
exit 0
"""


def install(folder: Path, name: str, text: str, state: str) -> None:
    """Put a program and its port's state into a folder."""
    program = folder / name
    program.write_text(text)
    program.chmod(0o755)
    (folder / "state").write_text(f"{state}\n")
