"""Plays one program on a virtual phone; runs by itself under `python -I -S`, with the standard library only.

Sends its arguments to the rack and does what comes back: print, hold memory, exit, or die of a signal. Frames are a
kind (one byte), a length (4 bytes) and data: `o` and `e` text for stdout and stderr, `m` bytes to hold, `f` a file to
map, `h` hide what /proc shows to others but for the sums, `x` exit code, `s` signal number, `i` a wish for all of
standard input (which goes back as length and data), `d` to go on detached, as a daemon does that prints its process id.
"""

import _signal  # type: ignore[import-not-found]
import _socket  # `signal`, `socket` and `struct` would double the time that each program takes to start
import os
import sys

_FULL = (27, 28)  # EFBIG and ENOSPC, without a module for them


def main() -> None:
    """Be the program that argv[0] names."""
    for number in (_signal.SIGINT, _signal.SIGPIPE):  # as a native program takes them: no traceback, no exception
        _signal.signal(number, _signal.SIG_DFL)
    root = os.environ.get("PHONE_ROOT", "")
    link = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        link.connect(root + "/dev/socket/rack")
    except OSError:
        os.write(2, b"the rack of this virtual phone is gone\n")
        sys.exit(1)
    cwd = os.getcwd()  # noqa: PTH109 - pathlib costs as much as the whole client
    cwd = cwd[len(root) :] or "/" if root and cwd.startswith(root) else cwd
    parts = [str(os.getpid()), cwd, _stdout(root), os.environ.get("PHONE_AFFINITY", ""), *sys.argv]
    data = b"\0".join(os.fsencode(p) for p in parts)
    link.sendall(len(data).to_bytes(4, "little") + data)
    held: list[object] = []
    while True:
        head = _read(link, 5)
        kind, body = chr(head[0]), _read(link, int.from_bytes(head[1:], "little"))
        if kind in "oe":
            _write(1 if kind == "o" else 2, body)
        elif kind == "m":
            import mmap

            size = int.from_bytes(body, "little")
            flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_POPULATE", 0)
            held.append(mmap.mmap(-1, max(size, 1), flags=flags))
        elif kind == "i":
            text = _input()
            link.sendall(len(text).to_bytes(4, "little") + text)
        elif kind == "d":
            _detach()
        elif kind == "f":
            held.append(_mapped(root, os.fsdecode(body)))
        elif kind == "h":
            _hide()
        elif kind == "x":
            os._exit(int.from_bytes(body, "little", signed=True))
        elif kind == "s":
            import resource

            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.kill(os.getpid(), int.from_bytes(body, "little", signed=True))


def _mapped(root: str, path: str) -> object:
    import mmap

    fd = os.open(root + path if path.startswith("/") else path, os.O_RDONLY)
    flags = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)
    return mmap.mmap(fd, 0, flags=flags, prot=mmap.PROT_READ)


def _hide() -> None:
    import ctypes

    if hasattr(ctypes.CDLL(None), "prctl"):
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


def _stdout(root: str) -> str:
    """The file that standard output goes to, or nothing where it is a pipe or a terminal."""
    try:
        path = os.readlink("/proc/self/fd/1")  # noqa: PTH115
    except OSError:
        return ""
    path = path[len(root) :] if root and path.startswith(root) else path
    return path if path.startswith("/") and not path.startswith("/dev/") else ""


def _input() -> bytes:
    data = b""
    while piece := os.read(0, 65536):
        data += piece
    return data


def _detach() -> None:
    """Go on in a process of its own without descriptors of ours; the one that was started prints its id and ends."""
    child = os.fork()
    if child:
        os.write(1, b"%d\n" % child)
        os._exit(0)
    os.setsid()
    nothing = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)


def _read(link: _socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = link.recv(count - len(data))
        if not piece:
            os._exit(1)  # the rack is gone
        data += piece
    return data


def _write(fd: int, data: bytes) -> None:
    while data:
        try:
            data = data[os.write(fd, data) :]
        except OSError as error:
            if error.errno not in _FULL:
                raise
            return  # a full disk: a native program's print fails unseen


main()
