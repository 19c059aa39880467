"""The inner wall, around each submission: own namespaces, Landlock, limits. Everything the kernel offers, and what it refused.

Runs inside the sandbox, in a fork of the warm worker, before the first line of a student's code. Calls the kernel
directly (ctypes): nothing needs to be installed, and no privilege is needed where user namespaces are allowed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import struct
import sys
from pathlib import Path

MEMORY = (
    1536 * 2**20
)  # bytes that a submission may add to the warm process; training 64-30-10 on the digits takes 100 MB
FILES = 32 * 2**20  # bytes of one file, and half of what the private /tmp holds
PROCESSES = 64  # threads count; four students' joblib workers fit, a fork storm does not
LIMITS = {
    "RLIMIT_FSIZE": FILES,
    "RLIMIT_NOFILE": 128,
    "RLIMIT_NPROC": PROCESSES,
    "RLIMIT_CPU": 600,
    "RLIMIT_CORE": 0,
    "RLIMIT_MEMLOCK": 2**16,
}

NEWUSER, NEWNS, NEWPID, NEWIPC, NEWNET, NEWUTS = 0x10000000, 0x20000, 0x20000000, 0x8000000, 0x40000000, 0x4000000
NOSUID, NODEV, REC, PRIVATE = 2, 4, 0x4000, 1 << 18
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 36, 38
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
WRITING = 0b1111111110010  # Landlock: every right that changes a file or a folder, of ABI 1
ADDING = {2: 1 << 13, 3: 1 << 14}  # refer, truncate
WRITABLE = ("/tmp", "/dev/shm", "/dev/null")
OWN_PROC, NO_PROC = "own /proc", "no /proc"

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments) -> int:
    result = getattr(_libc, name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def hide() -> None:
    """Make this process unreadable for others of the same user."""
    _call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)


def adopt() -> None:
    """Let all orphans below this process come to it: it can wait for them and is told what they used."""
    _call("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """However the parent ends, this process ends with it."""
    if sys.platform == "linux":
        _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def become(user: int) -> None:
    """Give up root for an ordinary user: the limit on processes does not bind root."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)


def separate() -> list[str]:
    """Enter new namespaces; the next fork is the first process of its own PID namespace. → the walls that stand."""
    if sys.platform != "linux":
        return []
    user, group = os.getuid(), os.getgid()
    _call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)  # else /proc/self/uid_map belongs to root
    try:
        _call("unshare", NEWUSER | NEWNS | NEWPID | NEWIPC | NEWNET | NEWUTS)
    except OSError:
        return []
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return ["namespaces"]


def enclose(separated: bool, own_proc: bool = True) -> list[str]:
    """In the first process of a submission: private folders, no capabilities, Landlock, limits. → the walls that stand.

    own_proc    whether to ask the kernel for a /proc of its own. It logs each refusal, and will not change its mind.
    """
    walls, base = [], _address_space()
    if separated:
        walls += ["private folders", _mounts(own_proc)]
    if sys.platform == "linux":
        _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if separated:
            _drop_capabilities()
        with contextlib.suppress(OSError):
            walls.append(f"Landlock {_landlock()}")
    _limits(base + MEMORY)
    return [*walls, "limits"]


def _mounts(own_proc) -> str:
    """A /tmp and a /dev/shm of its own; /proc shows its own processes, or nothing where the kernel refuses a new one."""
    _mount("none", "/", "none", REC | PRIVATE)
    for folder, size in (("/tmp", 2 * FILES), ("/dev/shm", FILES)):
        if os.path.isdir(folder):
            _mount("tmpfs", folder, "tmpfs", NOSUID | NODEV, f"size={size},nr_inodes=4096,mode=1777")
    os.chdir("/tmp")
    with contextlib.suppress(OSError):
        if own_proc:
            _mount("proc", "/proc", "proc", NOSUID | NODEV)
            return OWN_PROC
    _mount("tmpfs", "/proc", "tmpfs", NOSUID | NODEV, "size=4096,mode=555")
    return NO_PROC


def _mount(source, target, kind, flags, options=""):
    _call("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())


def _drop_capabilities():
    header, none = struct.pack("=Ii", 0x20080522, 0), bytes(24)
    _call("capset", header, none)


def _landlock() -> int:
    """Allow writing below WRITABLE only; no signals and abstract sockets to the outside. → the kernel's ABI."""
    abi = _syscall(CREATE_RULESET, None, 0, 1)
    files = WRITING | sum(bit for since, bit in ADDING.items() if abi >= since)
    scoped = 3 if abi >= 6 else 0
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    rules = _syscall(CREATE_RULESET, struct.pack("=QQQ", files, 0, scoped)[:size], size, 0)
    for path in filter(os.path.exists, WRITABLE):
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
        allowed = files if os.path.isdir(path) else files & (1 << 1 | 1 << 14)
        _syscall(ADD_RULE, rules, 1, struct.pack("=Qi", allowed, folder), 0)
        os.close(folder)
    _syscall(RESTRICT_SELF, rules, 0)
    os.close(rules)
    return abi


def _syscall(number, *arguments):
    kinds = {int: ctypes.c_long, bytes: ctypes.c_char_p, type(None): ctypes.c_void_p}
    return _call("syscall", ctypes.c_long(number), *(kinds[type(item)](item) for item in arguments))


def _limits(address_space):
    for name, wanted in {**LIMITS, "RLIMIT_AS": address_space}.items():
        number = getattr(resource, name, None)
        if number is not None:
            hard = resource.getrlimit(number)[1]
            value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            with contextlib.suppress(ValueError, OSError):  # macOS knows limits that it does not let you set
                resource.setrlimit(number, (value, value))


def _address_space() -> int:
    """Bytes of address space that the warm process has already; it has more than a gigabyte before any student's code."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 2 * 2**30
