"""`keys show`, `rotate`, `paper`, `check-paper`: the master key, and the keys in the database that it wraps."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from monitor.commands.opened import out, say, settings_of, store_of
from monitor.config_secrets import key_file
from monitor.errors import MonitorError
from monitor.key_paper import ROWS, key_of, part_of
from monitor.private_files import fill, opened

if TYPE_CHECKING:
    from monitor.config import Settings


def show(config: Path | None, *, as_json: bool) -> None:
    """Which master key is in use, how many keys it wraps, and how far a change of it has come. Shows no key."""
    from sqlmodel import select

    from monitor.key_rotation import is_pending
    from monitor.keys import SEALING
    from monitor.tables_keys import SealingKeyRow

    with store_of(settings_of(config)) as store, store.read() as session:
        rows = session.exec(select(SealingKeyRow).where(SealingKeyRow.school_id == store.school)).all()
        pending = is_pending(session, store)
        fingerprint = store.vault.fingerprint[:8]
    kept = Counter(row.purpose for row in rows if row.purpose in SEALING and row.destroyed_at is None)
    destroyed = sum(row.purpose in SEALING and row.destroyed_at is not None for row in rows)
    if as_json:
        told = {"master_key": fingerprint, "kept": dict(kept), "destroyed": destroyed, "changing": pending}
        out.print_json(json.dumps(told))
        return
    table = Table(show_header=False)
    table.add_row("master key", fingerprint)
    for purpose in sorted(SEALING):
        table.add_row(f"keys of a {purpose}", str(kept[purpose]))
    table.add_row("keys destroyed", str(destroyed))
    out.print(table)
    if pending:
        out.print(
            "The master key is being changed: both work until the service has started with the new one.",
            highlight=False,
        )


def rotate(config: Path | None, new_key_file: Path) -> None:
    """Wrap every key by the one in `new_key_file` (made, 0600, where it is not there) and seal anew what is not sealed with
    a key of its own yet. Killed anywhere, it goes on when it is run again."""
    from monitor.app import utc_now
    from monitor.key_rotation import begin, reseal
    from monitor.vault import Vault

    settings = settings_of(config)
    made = _made(new_key_file)
    coming = Vault(key_file(new_key_file))
    with store_of(settings) as store:
        begin(store, coming, utc_now())
        again = sum(reseal(store))
        store.checkpoint()
    if made:
        out.print(f"Made {new_key_file}.", markup=False, highlight=False)
    if again:
        out.print(f"{again} older values have a key of their own now.", highlight=False)
    for line in (
        f"Every key is wrapped by the new master key {coming.fingerprint[:8]}. Both keys work until the service has started with it.",
        f"1. Print it and lock it away: schoolgate keys paper --key-file {new_key_file} --out key.pdf",
        f"2. Put {new_key_file} where storage.master_key is read from, and restart the service.",
        "3. When `schoolgate keys show` says no more that it is being changed, delete the former key file.",
        "   Keep the former paper until the backups from before today are gone.",
    ):
        out.print(line, markup=False, highlight=False)


def _made(path: Path) -> bool:
    """Whether a new key had to be made there; it is on the disk before anything is wrapped by it."""
    if path.exists() or path.is_symlink():
        return False
    if not path.parent.is_dir():
        raise MonitorError(
            f"--new-key-file {path}: {path.parent} is not a folder; make it first, or name another"
        )
    with opened(path) as file:
        fill(file, secrets.token_hex(32) + "\n")
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True


def paper(config: Path | None, target: Path, of_file: Path | None) -> None:
    """Write the page for the school's safe, of the key in use or of the one in a file."""
    from monitor.app import page_of_key, utc_now

    settings = settings_of(config)
    page = page_of_key(settings, key_file(of_file) if of_file else _key_in_use(settings), utc_now())
    _refuse(target)
    with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(page)
    out.print(
        f"Wrote {target}. It is the key: print it, lock it away, and delete the file.",
        markup=False,
        highlight=False,
    )


def check_paper(config: Path | None, target: Path | None, of_file: Path | None) -> int:
    """Ask for the eight rows and say whether they are the key. `target`: write them there as a key file instead, with
    no configuration needed. 1: they are another key."""
    typed = key_of(_rows())
    if target is not None:
        _refuse(target)
        with opened(target) as file:
            fill(file, typed.hex() + "\n")
        out.print(f"Wrote {target}. Only you can read it.", markup=False, highlight=False)
        return 0
    key = key_file(of_file) if of_file else _key_in_use(settings_of(config))
    named = f"the key in {of_file}" if of_file else "the key in use"
    if not secrets.compare_digest(typed, key):
        say(
            f"This is a page of another key: the rows were typed rightly, and they are not {named}. Print a new page."
        )
        return 1
    out.print(f"The page is right: it is {named}.", markup=False, highlight=False)
    return 0


def _rows() -> list[str]:
    """Typed one after another at a terminal, where each is checked at once; else read from standard input."""
    if not sys.stdin.isatty():
        return [line.strip() for line in sys.stdin.read().split("\n") if line.strip()]
    rows: list[str] = []
    while len(rows) < ROWS:
        row = input(f"row {len(rows) + 1}: ")
        if part_of(len(rows), row) is None:
            say(f"That does not read as row {len(rows) + 1}. Look at it again, letter by letter.")
        else:
            rows.append(row)
    return rows


def _refuse(target: Path) -> None:
    if target.exists():
        raise MonitorError(f"{target} is there already; name another file, or move it away first")
    if not target.parent.is_dir():
        raise MonitorError(f"{target.parent} is not a folder; make it first, or name another")


def _key_in_use(settings: Settings) -> bytes:
    return settings.storage.master_key.get_secret_value()
