"""A disk that can lose its power: every write of SQLite is recorded on its way to the real file, with every sync.

From the record, `Outage` makes the files as they may stand after a power cut at any moment: what was synced is there;
of what was not, each 512-byte sector holds what was there before or what was written, whatever the order, and a file
that was made or removed may or may not have been. SQLite is told that its disk does not tear what was there already
(powersafe overwrite, its default on Linux), and the sectors keep to that.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512
CHARGED = 0.5  # of the un-synced sectors, how many the disk had written


@dataclass(frozen=True, slots=True)
class Event:
    """`kind`: made, write, cut (to `at` bytes), sync, gone (`lasting`: the folder was synced), acknowledged."""

    kind: str
    name: str = ""
    at: int = 0
    data: bytes = b""
    lasting: bool = False


class Recording(apsw.VFS):
    """SQLite's way to the disk, written down. `hinder(kind, name)` is asked before each event and may raise."""

    def __init__(self, name: str, *, hinder: Callable[[str, str], None] | None = None) -> None:
        self.name = name
        self.events: list[Event] = []
        self.recording = True
        self._hinder = hinder or (lambda _kind, _name: None)
        self._lock = threading.Lock()
        super().__init__(name, base="unix", maxpathname=4096)

    def note(self, event: Event) -> None:
        """Of SQLite's own passing files, which have no name, nothing outlives the process."""
        if self.recording and (event.name or event.kind == "acknowledged"):
            with self._lock:
                self.events.append(event)

    def about(self, kind: str, name: str) -> None:
        self._hinder(kind, name)

    def acknowledge(self) -> None:
        self.note(Event("acknowledged"))

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        path = name.filename() if isinstance(name, apsw.URIFilename) else name or ""
        self.about("open", path)
        new = bool(path) and not Path(path).exists()
        opened = RecordedFile(self, path, name, flags)
        if new:
            self.note(Event("made", Path(path).name))
        return opened

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802
        self.about("delete", name)
        super().xDelete(name, syncdir)
        self.note(Event("gone", Path(name).name, lasting=syncdir))


class RecordedFile(apsw.VFSFile):
    def __init__(
        self, disk: Recording, path: str, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> None:
        self._disk = disk
        self._name = Path(path).name
        super().__init__("unix", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.about("write", self._name)
        super().xWrite(data, offset)
        self._disk.note(Event("write", self._name, offset, bytes(data)))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.about("truncate", self._name)
        super().xTruncate(size)
        self._disk.note(Event("cut", self._name, size))

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.about("sync", self._name)
        super().xSync(flags)
        self._disk.note(Event("sync", self._name))


@dataclass
class _File:
    """`safe`: what is on the disk for certain; `maybe`: what was written since."""

    safe: bytearray = field(default_factory=bytearray)
    there: bool = False  # for certain
    maybe: list[Event] = field(default_factory=list)
    maybe_gone: bool = False
    older: _File | None = (
        None  # of the same name, removed before this one was made: the folder may still show it
    )


@dataclass
class Outage:
    """The disk as it was before the record, then event by event. `truthful` False: the disk only says that it synced."""

    files: dict[str, _File]
    truthful: bool = True
    acknowledged: int = 0

    @classmethod
    def of(cls, folder: Path, *, truthful: bool = True) -> Outage:
        """What stands in `folder` now is safe."""
        kept = (path for path in folder.iterdir() if not path.name.endswith("-shm"))
        return cls({path.name: _File(bytearray(path.read_bytes()), there=True) for path in kept}, truthful)

    def happens(self, event: Event) -> None:
        if event.kind == "acknowledged":
            self.acknowledged += 1
            return
        if event.kind == "made":
            self.files[event.name] = _File(older=self.files.get(event.name))
            return
        file = self.files.setdefault(event.name, _File())
        if event.kind in {"write", "cut"}:
            file.maybe.append(event)
        elif event.kind == "gone":
            file.maybe_gone = True
        if event.kind == "sync" and self.truthful:
            for one in file.maybe:
                _apply(file.safe, one)
            file.maybe.clear()
            if not file.there:  # the folder is synced with the first sync of a file in it
                file.there, file.older = True, None
                self._forget_the_gone()
        elif event.kind == "gone" and event.lasting and self.truthful:
            self._forget_the_gone()

    def _forget_the_gone(self) -> None:
        self.files = {name: file for name, file in self.files.items() if not file.maybe_gone}

    def leaves(self, chance: random.Random, how: str) -> Iterator[tuple[str, bytes]]:
        """The files after the cut. `how`: nothing of what was not synced is there, all of it, or some."""
        for name, newest in self.files.items():
            file = _seen(newest, chance, how)
            if file is None:
                continue
            left = bytearray(file.safe)
            if how != "nothing":
                for event in file.maybe:
                    if how == "all":
                        _apply(left, event)
                    else:
                        _apply_some(left, event, chance)
            yield name, bytes(left)


def _seen(file: _File, chance: random.Random, how: str) -> _File | None:
    """Which file the folder shows under a name: what was last made or removed in it may not have reached the disk."""
    luck = {"nothing": False, "all": True}.get(how)
    if not file.there and not (luck if luck is not None else chance.random() < CHARGED):
        return _seen(file.older, chance, "nothing") if file.older else None
    if file.maybe_gone and (luck if luck is not None else chance.random() < CHARGED):
        return None
    return file


def _apply(content: bytearray, event: Event) -> None:
    if event.kind == "cut":
        del content[event.at :]
        content.extend(bytes(max(0, event.at - len(content))))
        return
    if len(content) < event.at:
        content.extend(bytes(event.at - len(content)))
    content[event.at : event.at + len(event.data)] = event.data


def _apply_some(content: bytearray, event: Event, chance: random.Random) -> None:
    """Each sector by itself, or not at all; a longer file may have its length and not its content."""
    if event.kind == "cut":
        if chance.random() < CHARGED:
            _apply(content, event)
        return
    at, end = event.at, event.at + len(event.data)
    share = chance.choice((0.0, CHARGED, CHARGED, 1.0))
    while at < end:
        until = min(end, (at // SECTOR + 1) * SECTOR)
        if chance.random() < share:
            _apply(content, Event("write", event.name, at, event.data[at - event.at : until - event.at]))
        at = until
