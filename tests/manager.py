"""What systemd is to a service: a socket that hears what the service says of itself."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

SOON = 90.0


class Manager:
    """Listens until it is closed; `said` is everything so far."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "notify")
        self.said: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while data := self._socket.recv(4096):
            with self._changed:
                self.said.append(data.decode())
                self._changed.notify_all()

    def hears(self, word: str, *, times: int = 1, seconds: float = SOON) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: sum(word in each for each in self.said) >= times, seconds):
                raise TimeoutError(f"{word} was not said {times} times; said: {self.said}")

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
            own.sendto(b"", self.address)
        self._thread.join()
        self._socket.close()
