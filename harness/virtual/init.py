"""The first process of a virtual phone; runs by itself under `python -I -S`, with the standard library only.

It makes the phone's own user, mount and process namespaces (or, in portable mode, none), then starts programs that the
rack asks for over a socket, reaps what ends, and reports it. When it dies or the rack does, so does everything on the
phone.

The socket's number is its only argument. Messages in both directions are 4 bytes of length and JSON; file descriptors
travel beside the first byte. The first message is the configuration: `mode` (namespace or portable), `root` and `binds`
(source, path on the phone, read-only).
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import fcntl
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import termios
from typing import Any

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID = 0x10000000, 0x20000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_NAME, PR_SET_SECUREBITS, PR_SET_CHILD_SUBREAPER = 1, 15, 28, 36
SECBIT_NOROOT_LOCKED = 3
SHELL_UID = 2000


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _mount(source: str | None, target: str, kind: str | None, flags: int) -> None:
    encoded = [None if v is None else os.fsencode(v) for v in (source, target, kind)]
    result = _libc().mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), None)
    _check(result, f"mount {target}")


def _bind(source: str, target: str, read_only: bool) -> None:
    _mount(source, target, None, MS_BIND | MS_REC)
    if read_only:
        # Flags that the host's mount has are locked in a user namespace and must be repeated.
        kept = os.statvfs(target).f_flag & (2 | 4 | 8 | 1024 | 2048)
        _mount(None, target, None, MS_BIND | MS_REMOUNT | MS_RDONLY | kept)


def enter_namespaces(config: dict[str, Any], control: int) -> None:
    """Unshare, fork, and become the phone's first process with its root pivoted; the parent waits and never returns."""
    uid, gid = os.getuid(), os.getgid()
    _check(_libc().unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"2000 {uid} 1"), ("gid_map", f"2000 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123
            file.write(text)
    child = os.fork()
    if child:
        os.close(control)
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    _libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    root = config["root"]
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    _bind(root, root, False)
    for source, target, read_only in config["binds"]:
        _bind(source, root + target, read_only)
    _mount_proc(root)
    old = root + "/mnt/.host"
    os.makedirs(old, exist_ok=True)  # noqa: PTH103
    _check(_libc().pivot_root(os.fsencode(root), os.fsencode(old)), "pivot_root")
    os.chdir("/")
    _check(_libc().umount2(b"/mnt/.host", MNT_DETACH), "umount")
    with contextlib.suppress(OSError):
        socket.sethostname("localhost")


def _mount_proc(root: str) -> None:
    # The real /proc, with the phone's own files over it: they are found in the tree before it is covered.
    stash = root + "/mnt/.proc"
    os.makedirs(stash, exist_ok=True)  # noqa: PTH103
    _bind(root + "/proc", stash, False)
    files = [
        os.path.relpath(os.path.join(folder, name), stash)  # noqa: PTH118
        for folder, _, names in os.walk(stash)
        for name in names
    ]
    _mount("proc", root + "/proc", "proc", 2 | 4 | 8)
    for name in files:
        if os.path.exists(f"{root}/proc/{name}"):  # noqa: PTH110
            _bind(f"{stash}/{name}", f"{root}/proc/{name}", False)
    _check(_libc().umount2(os.fsencode(stash), MNT_DETACH), "umount")


def on_phone(root: str | None) -> list[int]:
    """Ids of the phone's processes but this one: all that are seen, or in portable mode those with this PHONE_ROOT."""
    mark = f"PHONE_ROOT={root}\0".encode()
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208
        if not name.isdigit() or int(name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if root is not None:
                with open(f"/proc/{name}/environ", "rb") as file:  # noqa: PTH123
                    if mark not in file.read():
                        continue
            found.append(int(name))
    return found


def kill_tagged(root: str) -> None:
    """End every process that has this PHONE_ROOT: how a phone without a process namespace knows its own."""
    # More than once: what is about to be killed may be starting something.
    for _ in range(20):
        found = on_phone(root)
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            return


def signal_all(root: str | None, number: int) -> None:
    """Send a signal to everything on the phone; `root` in portable mode."""
    if root is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, number)  # all that this process may see but itself, at once
        return
    for pid in on_phone(root):
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def limit_files(root: str | None, most: int | None) -> int | None:
    """Let no process of the phone write a file beyond `most` bytes (None: as far as it likes).

    What runs fails with EFBIG where a full disk says ENOSPC; a limit is the one way to fail writes to files that are
    open already without a file system of our own. Gives what new programs get.
    """
    if not hasattr(resource, "prlimit"):
        return most
    value = (resource.RLIM_INFINITY if most is None else most, resource.RLIM_INFINITY)
    done: set[int] = set()
    # More than once: a process may be forking meanwhile.
    while new := set(on_phone(root)) - done:
        for pid in new:
            with contextlib.suppress(OSError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, value)
        done |= new
    return most


def list_processes(root: str | None) -> list[tuple[int, str]]:
    """Process id and command line of what runs on the phone; `root` in portable mode."""
    found = []
    for pid in on_phone(root):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123
            words = file.read().rstrip(b"\0").replace(b"\0", b" ")
            if words:  # a zombie has none
                found.append((pid, words.decode("utf-8", "replace")))
    return found


def drop_rights() -> None:
    """Give up root's power to read what the mode forbids: the next program starts without capabilities."""
    if sys.platform == "linux":
        _libc().prctl(PR_SET_SECUREBITS, SECBIT_NOROOT_LOCKED, 0, 0, 0)


def send(control: socket.socket, message: dict[str, Any]) -> None:
    """One message to the rack."""
    data = json.dumps(message).encode()
    control.sendall(struct.pack("<I", len(data)) + data)


def receive(control: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """The next message and its file descriptors; (None, []) when the rack is gone."""
    fds = array.array("i")
    head = b""
    while len(head) < 4:
        data, ancillary, _, _ = control.recvmsg(4 - len(head), socket.CMSG_SPACE(16))
        if not data:
            return None, []
        head += data
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(payload[: len(payload) - len(payload) % fds.itemsize])
    (length,) = struct.unpack("<I", head)
    body = b""
    while len(body) < length:
        data = control.recv(length - len(body))
        if not data:
            return None, []
        body += data
    return json.loads(body), list(fds)


def start(message: dict[str, Any], fds: list[int], inherited: list[int], limit: int | None) -> int:
    """Fork and run one program with the given descriptors as 0, 1, 2; `limit`: see `limit_files`. Returns its id."""
    pid = os.fork()
    if pid:
        for fd in fds:
            os.close(fd)
        return pid
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for name in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGHUP):
            signal.signal(name, signal.SIG_DFL)
        # A write beyond the limit fails, as on a full disk, and kills nobody.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        if message["pty"]:
            fcntl.ioctl(fds[0], termios.TIOCSCTTY, 0)
            fds = [fds[0]] * 3
        # Moved out of the way first: a descriptor may already be 0, 1 or 2.
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in fds]
        for number, fd in enumerate(high):
            os.dup2(fd, number)
        for fd in inherited:
            with contextlib.suppress(OSError):
                os.close(fd)
        os.closerange(3, 256)
        os.chdir(message["cwd"])
        drop_rights()
        os.execve(message["argv"][0], message["argv"], message["env"])
    except OSError as error:
        os.write(2, f"{message['argv'][0]}: {error.strerror}\n".encode())
    finally:
        os._exit(126)


def serve(control: socket.socket, root: str | None) -> None:
    """Start, signal, list and reap until the rack is gone; `root` in portable mode."""
    read_end, write_end = os.pipe()
    for fd in (read_end, write_end):
        os.set_blocking(fd, False)
    signal.set_wakeup_fd(write_end)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    known: dict[int, int] = {}
    limit = None
    poll = select.poll()  # the rack's descriptors may be beyond what select() takes
    for fd in (control.fileno(), read_end):
        poll.register(fd, select.POLLIN)
    send(control, {"ready": True})
    while True:
        ready = {fd for fd, _ in poll.poll()}
        if read_end in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(read_end, 4096)
            _reap(control, known)
        if control.fileno() in ready:
            message, fds = receive(control)
            if message is None:
                return
            if "processes" in message:
                send(control, {"id": message["processes"], "found": list_processes(root)})
                continue
            if "all" in message:
                signal_all(root, message["all"])
                continue
            if "limit" in message:
                limit = limit_files(root, message["limit"])
                continue
            if "show" in message:
                # A program that is gone already has nothing to be shown over.
                with contextlib.suppress(OSError):
                    _bind(message["show"], message["at"], False)
                continue
            if "kill" in message:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(message["kill"], message["signal"])
                continue
            pid = start(message, fds, [control.fileno(), read_end, write_end], limit)
            known[pid] = message["id"]
            send(control, {"id": message["id"], "pid": pid})


def _reap(control: socket.socket, known: dict[int, int]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid in known:
            send(control, {"id": known.pop(pid), "status": os.waitstatus_to_exitcode(status)})


def main() -> None:
    """Read the configuration, set the phone up, serve."""
    os.umask(0o022)
    control = socket.socket(fileno=int(sys.argv[1]))
    config, _ = receive(control)
    if config is None:
        return
    namespace = config["mode"] == "namespace"
    linux = sys.platform == "linux"
    try:
        if namespace:
            enter_namespaces(config, control.fileno())
        elif linux:
            _libc().prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        if linux:
            _libc().prctl(PR_SET_NAME, b"init", 0, 0, 0)
        serve(control, None if namespace else config["root"])
    except OSError as error:
        with contextlib.suppress(OSError):
            send(control, {"error": str(error)})
        sys.exit(1)
    finally:
        if linux and not namespace:
            kill_tagged(config["root"])


if __name__ == "__main__":
    main()
