"""`python3 confined.py UNIT COMMAND...`: run a command as the unit's service would be, without a running systemd.

For a Debian 12 root with python3-seccomp and systemd's own tools; nothing else is imported. What the unit says of system
calls, executable memory, address families, namespaces, personality, set-id bits, tasks, cores and privileges holds for
the command: as seccomp filters, and as PR_SET_MDWE where the kernel has it (6.3). The mounts are the caller's part.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import seccomp  # type: ignore[import-not-found]

SERVICE = 61_184  # the first of the numbers that DynamicUser= takes (systemd.exec(5))
PR_SET_NO_NEW_PRIVS, PR_SET_MDWE, MDWE_REFUSE_EXEC_GAIN = 38, 65, 1
WRITE_EXEC, EXEC, SHM_EXEC = 0x6, 0x4, 0o100000
NAMESPACES = 0x7E020080  # CLONE_NEW* of clone(2)
SET_ID = 0o6000
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}


def words_of(unit: str, key: str) -> list[str]:
    return [word for line in re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE) for word in line.split()]


def expanded(name: str) -> set[str]:
    """A group of system calls as systemd's own tool lists it; a name stands for itself."""
    if not name.startswith("@"):
        return {name}
    said = subprocess.run(
        ["systemd-analyze", "syscall-filter", name, "--no-pager"], capture_output=True, text=True, check=True
    ).stdout
    inside = [line.strip() for line in said.splitlines()[1:]]
    return {call for one in inside if one and not one.startswith("#") for call in expanded(one)}


def allowed(unit: str) -> set[str]:
    calls: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.MULTILINE):
        named = {call for word in line.removeprefix("~").split() for call in expanded(word)}
        calls = calls - named if line.startswith("~") else calls | named
    return calls


def confine(unit: str) -> None:
    """Close this process and all that come from it."""
    calls = allowed(unit)
    filters = seccomp.SyscallFilter(defaction=seccomp.ERRNO(errno.EPERM))
    bounded = {
        "mmap": [(2, WRITE_EXEC, bits) for bits in (0, 2, 4)],
        "mprotect": [(2, EXEC, 0)],
        "pkey_mprotect": [(2, EXEC, 0)],
        "shmat": [(2, SHM_EXEC, 0)],
        "clone": [(0, NAMESPACES, 0)],
        **{key: [(1, SET_ID, 0)] for key in ("chmod", "fchmod")},
        "fchmodat": [(2, SET_ID, 0)],
        "personality": [(0, 0xFFFFFFFF, 0)],
    }
    families = [FAMILIES[name] for name in words_of(unit, "RestrictAddressFamilies")]
    for call in sorted(calls - {"unshare", "setns", "clone3"}):
        try:
            if call == "socket":
                for family in families:
                    filters.add_rule(seccomp.ALLOW, call, seccomp.Arg(0, seccomp.EQ, family))
            elif call in bounded:
                for place, mask, value in bounded[call]:
                    filters.add_rule(seccomp.ALLOW, call, seccomp.Arg(place, seccomp.MASKED_EQ, mask, value))
            else:
                filters.add_rule(seccomp.ALLOW, call)
        except (RuntimeError, OSError, ValueError):
            print(f"confined: this machine has no system call {call}", file=sys.stderr)
    filters.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # as systemd: its flags lie behind a pointer
    libc = ctypes.CDLL(None, use_errno=True)
    os.setgroups([])
    os.setgid(SERVICE)
    os.setuid(SERVICE)
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    tasks = int(words_of(unit, "TasksMax")[0])
    resource.setrlimit(resource.RLIMIT_NPROC, (tasks, tasks))
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_MDWE, MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0:
        print("confined: this kernel has no PR_SET_MDWE; the filter stands alone", file=sys.stderr)
    filters.load()


def main() -> None:
    unit = Path(sys.argv[1]).read_text("utf-8")
    confine(unit)
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
