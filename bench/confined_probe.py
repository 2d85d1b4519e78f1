"""What a closed service must not be able to do, as a program that tries all of it and says what was refused (JSON)."""

from __future__ import annotations

PROBE = """
import ctypes, json, mmap, os, socket

libc = ctypes.CDLL(None, use_errno=True)

def refused(work):
    try:
        return work() in (-1, None, 2**64 - 1)
    except (OSError, PermissionError):
        return True

def mapped(length, protection):
    libc.mmap.restype = ctypes.c_size_t
    return libc.mmap(None, length, protection, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)

def made_executable():
    page = mapped(4096, mmap.PROT_READ | mmap.PROT_WRITE)
    return libc.mprotect(ctypes.c_void_p(page), 4096, mmap.PROT_READ | mmap.PROT_EXEC)

def written_to(path):
    with open(path, "w") as file:
        return file.write("x")

open("/tmp/probe", "w").close()
tried = {
    "memory to write and run": lambda: mapped(4096, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    "memory made to run": made_executable,
    "another owner": lambda: os.chown("/tmp/probe", 0, 0) or 0,
    "a set-id bit": lambda: os.chmod("/tmp/probe", 0o4700) or 0,
    "raw packets": lambda: socket.socket(17, socket.SOCK_RAW).fileno(),
    "a netlink socket": lambda: socket.socket(16, socket.SOCK_RAW).fileno(),
    "a namespace of its own": lambda: libc.unshare(0x40000000),
    "a personality": lambda: libc.personality(0x0400000),
    "a mount": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
    "a priority": lambda: os.nice(-5),
    "processors of its choice": lambda: os.sched_setaffinity(0, {0}) or 0,
    "another user": lambda: os.setuid(0) or 0,
    "tracing": lambda: libc.ptrace(0, 0, 0, 0),
    "a file outside its folder": lambda: written_to("/etc/probe"),
    "others' processes": lambda: int(os.path.exists("/proc/cpuinfo")) - 1,
    "another root": lambda: os.chroot("/tmp") or 0,  # the last: nothing else is found afterwards
}
print(json.dumps({name: refused(work) for name, work in tried.items()}))
"""
