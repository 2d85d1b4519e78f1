"""What a service manager is told (sd_notify(3)): ready, alive, stopping, and one line of status. Nothing when there is none."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping


def notify(state: str, env: Mapping[str, str] = os.environ) -> bool:
    """Send a state such as "READY=1"; False when no service manager listens. Abstract addresses start with "@"."""
    address = env.get("NOTIFY_SOCKET")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.connect(address)
        channel.sendall(state.encode())
    return True


def watchdog_seconds(env: Mapping[str, str] = os.environ) -> float | None:
    """How often the manager wants to hear from us: half of what it allows; None when it does not watch this process."""
    if env.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    micro = env.get("WATCHDOG_USEC", "")
    return int(micro) / 2_000_000 if micro.isascii() and micro.isdigit() else None
