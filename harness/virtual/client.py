"""Plays one program on a virtual phone; runs by itself under `python -I -S`, with the standard library only.

Sends its arguments to the rack and does what comes back: print, hold memory, exit, or die of a signal. Frames are a
kind (one byte), a length (4 bytes) and data: `o` and `e` text for stdout and stderr, `m` bytes to hold, `x` exit code,
`s` signal number.
"""

import mmap
import os
import resource
import socket
import struct
import sys


def main() -> None:
    """Be the program that argv[0] names."""
    root = os.environ.get("PHONE_ROOT", "")
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        link.connect(root + "/dev/socket/rack")
    except OSError:
        os.write(2, b"the rack of this virtual phone is gone\n")
        sys.exit(1)
    cwd = os.getcwd()  # noqa: PTH109 - pathlib costs as much as the whole client
    cwd = cwd[len(root) :] or "/" if root and cwd.startswith(root) else cwd
    parts = [str(os.getpid()), cwd, *sys.argv]
    data = b"\0".join(os.fsencode(p) for p in parts)
    link.sendall(struct.pack("<I", len(data)) + data)
    held = []
    stream = link.makefile("rb")
    while True:
        head = stream.read(5)
        if len(head) < 5:
            sys.exit(1)
        kind, length = chr(head[0]), struct.unpack("<I", head[1:])[0]
        body = stream.read(length)
        if kind in "oe":
            _write(1 if kind == "o" else 2, body)
        elif kind == "m":
            size = struct.unpack("<Q", body)[0]
            flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_POPULATE", 0)
            held.append(mmap.mmap(-1, max(size, 1), flags=flags))
        elif kind == "x":
            os._exit(struct.unpack("<i", body)[0])
        elif kind == "s":
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.kill(os.getpid(), struct.unpack("<i", body)[0])


def _write(fd: int, data: bytes) -> None:
    try:
        while data:
            data = data[os.write(fd, data) :]
    except BrokenPipeError:
        os._exit(141)


main()
