"""The tools in a virtual phone's /system/bin, built once per rack.

With mksh and toybox on the host (Debian packages of those names) the phone has the shell and tools of a real one;
without them dash or sh and an allow-list of the host's tools, so that what a phone lacks (bash, jq, python) is missing
here too.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

#: Tools that Android's toybox has and that a phone's shell user may run.
TOYBOX = [
    "base64",
    "basename",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "chrt",
    "cksum",
    "clear",
    "cmp",
    "comm",
    "cp",
    "cpio",
    "cut",
    "date",
    "dd",
    "df",
    "diff",
    "dirname",
    "dmesg",
    "dos2unix",
    "du",
    "echo",
    "egrep",
    "env",
    "expand",
    "expr",
    "fallocate",
    "false",
    "fgrep",
    "file",
    "find",
    "flock",
    "fmt",
    "free",
    "getconf",
    "grep",
    "groups",
    "gunzip",
    "gzip",
    "head",
    "hostname",
    "id",
    "inotifyd",
    "ionice",
    "iorenice",
    "kill",
    "killall",
    "ln",
    "logname",
    "ls",
    "lsof",
    "md5sum",
    "microcom",
    "mkdir",
    "mktemp",
    "more",
    "mountpoint",
    "mv",
    "nice",
    "nl",
    "nohup",
    "nproc",
    "od",
    "paste",
    "patch",
    "pgrep",
    "pidof",
    "pkill",
    "pmap",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "readelf",
    "readlink",
    "realpath",
    "renice",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "setsid",
    "sha1sum",
    "sha224sum",
    "sha256sum",
    "sha384sum",
    "sha512sum",
    "sleep",
    "sort",
    "split",
    "stat",
    "strings",
    "stty",
    "sync",
    "tac",
    "tail",
    "tar",
    "taskset",
    "tee",
    "test",
    "time",
    "timeout",
    "top",
    "touch",
    "tr",
    "true",
    "truncate",
    "tty",
    "uname",
    "uniq",
    "unix2dos",
    "unlink",
    "uptime",
    "usleep",
    "uudecode",
    "uuencode",
    "uuidgen",
    "vmstat",
    "watch",
    "wc",
    "which",
    "whoami",
    "xargs",
    "xxd",
    "yes",
    "zcat",
]

# Scripts without `#!`: the shell that finds one runs it itself, so no path of the phone or the host stands in them.
_MKFIFO = """# A phone's policy lets the shell user create files, folders and links in /data/local/tmp, and no FIFO.
for name in "$@"; do echo "mkfifo: cannot create fifo '$name': Permission denied" >&2; done
exit 1
"""

_TASKSET = """# Its cores are the phone's, which the host does not have: the program is told, and whatever it starts.
case $1 in
  ''|*[!0-9a-fA-F]*) echo "taskset: needs MASK COMMAND; -p does not work on a virtual phone" >&2; exit 1 ;;
esac
PHONE_AFFINITY=$1
export PHONE_AFFINITY
shift
exec "$@"
"""

# Shell arithmetic of mksh has 32 bits, as on a phone: milliseconds are good for 24 days.
_SCALE = """# Waits on this phone's clock, which runs {milli} thousandths as fast as the host's.
scale() {{
  n=$1; unit=1
  case $n in
    *s) n=${{n%s}} ;; *m) n=${{n%m}}; unit=60 ;; *h) n=${{n%h}}; unit=3600 ;; *d) n=${{n%d}}; unit=86400 ;;
  esac
  case $n in infinity) scaled=infinity; return ;; ''|.|*[!0-9.]*|*.*.*) return 1 ;; esac
  whole=${{n%%.*}}; part=
  case $n in *.*) part=${{n#*.}} ;; esac
  part=${{part}}000
  part=${{part%"${{part#???}}"}}
  while :; do case $whole in 0*) whole=${{whole#0}} ;; *) break ;; esac; done
  while :; do case $part in 0*) part=${{part#0}} ;; *) break ;; esac; done
  ms=$(( (${{whole:-0}} * 1000 + ${{part:-0}}) * unit ))
  rest=000$(( {rest} ))
  scaled=$(( ms / {milli} )).${{rest#"${{rest%???}}"}}
}}
"""

_SLEEP = """scale "$1" || { echo "sleep: bad number '$1'" >&2; exit 1; }
exec "${PHONE_ROOT}/system/bin/.sleep" "$scaled"
"""

_TIMEOUT = """options=
while :; do
  case $1 in
    -k) scale "$2" || break; options="$options -k $scaled"; shift 2 ;;
    -s) options="$options -s $2"; shift 2 ;;
    -v) options="$options -v"; shift ;;
    -f|--foreground) options="$options --foreground"; shift ;;
    *) break ;;
  esac
done
scale "$1" || { echo "timeout: bad number '$1'" >&2; exit 125; }
shift
exec "${PHONE_ROOT}/system/bin/.timeout" $options "$scaled" "$@"
"""

#: Toybox runs its own `sleep` inside these without looking into PATH, so that a clock with a rate takes the host's.
_RUNNERS = ("chrt", "env", "flock", "ionice", "nice", "nohup", "setsid", "taskset", "time", "timeout", "xargs")


def build_tools(folder: Path, programs: Iterable[str], *, rate: float = 1.0) -> str:
    """Fill `folder` with what a phone's /system/bin holds.

    Args:
        folder: made here; read-only for the phones.
        programs: names that the rack plays itself (see client.py); they win over tools of the same name.
        rate: of the phones' clock; other than 1 makes `sleep` and `timeout` follow it.

    Returns:
        "mksh+toybox", or what stands in for them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shell = next(p for p in (shutil.which(n) for n in ("mksh", "dash", "sh")) if p)
    _copy(Path(shell), folder / "sh")
    toybox = shutil.which("toybox")
    offered: set[str] = set()
    if toybox:
        _copy(Path(toybox), folder / "toybox")
        offered = set(subprocess.run([toybox], capture_output=True, text=True, check=True).stdout.split())
    for name in TOYBOX:
        if name in offered and (rate == 1.0 or name not in _RUNNERS or not shutil.which(name)):
            (folder / name).symlink_to("toybox")
        elif found := shutil.which(name):
            _copy(Path(found), folder / name)
    _replace(folder / "mkfifo", _MKFIFO)
    _replace(folder / "taskset", _TASKSET)
    if rate != 1.0:
        _follow_clock(folder, rate)
    client = (Path(__file__).parent / "client.py").read_text()
    for name in programs:
        _replace(folder / name, f"#!{python()} -IS\n{client}")
    return f"{Path(shell).name}+{'toybox' if toybox else 'host tools'}"


def _follow_clock(folder: Path, rate: float) -> None:
    milli = round(rate * 1000)
    # What is left of a second, in thousandths; the order of the steps keeps within 32 bits.
    rest = f"ms % {milli} / {milli // 1000}" if rate >= 1000 else f"ms % {milli} * 1000 / {milli}"
    scale = _SCALE.format(milli=milli, rest=rest)
    for name, text in (("sleep", _SLEEP), ("timeout", _TIMEOUT)):
        if real := shutil.which(name):
            _copy(Path(real), folder / f".{name}")
            _replace(folder / name, scale + text)


def python() -> str:
    """The interpreter that plays programs: the base one, since a virtual environment's links lead outside it."""
    return str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())


def host_folders() -> list[str]:
    """Host folders that dynamically linked tools and the interpreter need, each at its own path."""
    folders = [p for p in ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/lib32") if Path(p).is_dir()]
    prefix = Path(sys.base_prefix).resolve()
    if str(prefix) == "/usr":
        return [*folders, python()]
    return [*folders, str(prefix)]


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    shutil.copy(source.resolve(), target)
    target.chmod(0o755)


def _replace(target: Path, text: str) -> None:
    target.unlink(missing_ok=True)
    target.write_text(text)
    target.chmod(0o755)
