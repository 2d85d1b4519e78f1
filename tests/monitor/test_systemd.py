"""What a service manager hears, over a real datagram socket."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from monitor.systemd import notify, watchdog_seconds


def test_a_state_reaches_the_managers_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        assert notify("READY=1\nSTATUS=Watching", {"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert manager.recv(100) == b"READY=1\nSTATUS=Watching"


def test_an_at_sign_is_an_abstract_address() -> None:
    name = f"schoolgate-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")
        assert notify("WATCHDOG=1", {"NOTIFY_SOCKET": f"@{name}"})
        assert manager.recv(100) == b"WATCHDOG=1"


def test_without_a_manager_nothing_is_sent() -> None:
    assert not notify("READY=1", {})
    assert not notify("READY=1", {"NOTIFY_SOCKET": ""})


@pytest.mark.parametrize(
    ("env", "seconds"),
    [
        ({"WATCHDOG_USEC": "120000000"}, 60.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": str(os.getpid())}, 60.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "1"}, None),  # meant for another process
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_manager_hears_twice_in_the_time_it_allows(env: dict[str, str], seconds: float | None) -> None:
    assert watchdog_seconds(env) == seconds
