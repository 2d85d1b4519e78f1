"""Files that only their owner can read, never written over one that is there: secrets, letters."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO


def opened(path: Path) -> TextIO:
    """A new file of mode 0600, whatever the umask; OSError where there is one already."""
    file = os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline=""
    )
    os.fchmod(file.fileno(), 0o600)
    return file


def fill(file: TextIO, text: str) -> None:
    """Write, and be sure that it is on the disk."""
    file.write(text)
    file.flush()
    os.fsync(file.fileno())


def write_all(folder: Path, contents: Mapping[str, str], settle: Callable[[], None]) -> tuple[Path, ...]:
    """New files in `folder` (made, 0700, where it is missing), by name; returns their paths.

    `settle` runs when every name is taken and before a word is written: a process that dies on the way leaves empty
    files, never some that look right and are not settled. Whatever fails, OSError among it, no file stays.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made: list[Path] = []
    try:
        with ExitStack() as stack:
            files = {}
            for name in contents:
                files[name] = stack.enter_context(opened(folder / name))
                made.append(folder / name)
            settle()
            for name, text in contents.items():
                fill(files[name], text)
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise
    return tuple(made)
