"""`db backup`, `db restore`, `db drill`: a copy that can be kept elsewhere, and the way back from it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.commands.opened import out, say, settings_of, store_of
from monitor.errors import MonitorError, StoreError

if TYPE_CHECKING:
    from monitor.backup_restore import Restored
    from monitor.store import Store
    from monitor.vault import Vault

_WORDS = {
    "item": "comments, posts and followers",
    "cases": "cases",
    "decision": "decisions",
    "evidence": "copies of evidence",
    "given_evidence": "files that people gave",
    "hold": "holds",
    "outbox": "mails",
    "audit": "audit entries",
}


def backup(config: Path | None, target: Path | None, *, as_json: bool) -> int:
    """One backup now, while the service runs; into the folder of `[backup]`, or to `target`. 1 when it could not be made."""
    from monitor import backup as making
    from monitor.app import backup_plan, utc_now
    from monitor.backup_watch import back_up

    settings = settings_of(config)
    if not settings.storage.database_path.exists():
        raise MonitorError(
            f"{settings.storage.database_path} does not exist yet; there is nothing to back up"
        )
    with store_of(settings) as store:
        if target is not None:
            made = making.make(store, target, utc_now())
            path, size, records = made.path, made.size, made.records
        else:
            row = back_up(store, backup_plan(settings), utc_now)
            if not row.ok:
                raise StoreError(f"no backup was made: {row.says}")
            path, size, records = backup_plan(settings).folder / row.file, row.size, row.records
    if as_json:
        out.print_json(json.dumps({"file": str(path), "size": size, "records": records}))
    else:
        out.print(
            f"Backed up to {path}. Keep it, with {making.KEYS} if that lies beside it, in another place than the master key.",
            markup=False,
            highlight=False,
        )
    return 0


def drill(config: Path | None, *, as_json: bool) -> int:
    """Restore the newest backup as a drill. 1 when it cannot be restored."""
    from monitor.app import backup_plan, utc_now
    from monitor.backup_watch import hold_drill

    settings = settings_of(config)
    with store_of(settings) as store:
        row = hold_drill(store, backup_plan(settings), utc_now)
    if as_json:
        out.print_json(json.dumps({"ok": row.ok, "file": row.file, "records": row.records, "says": row.says}))
    elif row.ok:
        out.print(
            f"{row.file} can be restored: {row.records} records, the audit log and all copies hold.",
            highlight=False,
        )
    if not row.ok and not as_json:
        say(f"The backup cannot be restored: {row.says}")
    return 0 if row.ok else 1


def restore(
    config: Path | None,
    file: Path,
    target: Path | None,
    *,
    replace: bool,
    for_rollback: bool,
    key_file: Path | None,
    as_json: bool,
) -> int:
    """Put a backup in the place of the database (or at `target`). 1 when it was restored and something in it does not hold."""
    from monitor.app import utc_now
    from monitor.backup_restore import restore as work
    from monitor.daemon import only_one
    from monitor.vault import Vault

    settings = settings_of(config)
    database = settings.storage.database_path
    chosen = (target or database).absolute()
    vaults = [Vault(settings.storage.master_key.get_secret_value())]
    if key_file is not None:
        vaults.append(_older(key_file))
    ours = chosen == database.absolute()
    with only_one(database.parent) if ours else contextlib.nullcontext():
        restored = work(
            file,
            chosen,
            vaults,
            school=settings.school.id,
            now=utc_now(),
            replace=replace,
            as_it_was=for_rollback,
            also=lambda store: _sign_everybody_out(store, utc_now()),
        )
    if as_json:
        out.print_json(json.dumps(asdict(restored), default=str))
    else:
        _tell(restored, chosen, settings.school.zone, for_rollback=for_rollback)
    return 1 if restored.problems else 0


def _older(file: Path) -> Vault:
    from monitor.config_secrets import decode_key
    from monitor.vault import Vault

    try:
        key = decode_key(file.read_text("utf-8").strip())
    except (OSError, UnicodeDecodeError):
        key = None
    if key is None:
        raise StoreError(
            f"{file} does not hold 32 bytes in base64 or hex; name the file of the master key of that time"
        )
    return Vault(key)


def _sign_everybody_out(store: Store, now: datetime) -> None:
    """Sign-ins that were ended after the backup would live again."""
    from monitor.app import end_sign_ins, open_sign_ins

    end_sign_ins(store, [one.id for one in open_sign_ins(store, now)], now)


def _tell(restored: Restored, target: Path, zone: ZoneInfo, *, for_rollback: bool) -> None:
    def line(text: str) -> None:
        out.print(text, markup=False, highlight=False)

    made = f" of {restored.made_at.astimezone(zone):%d %b %Y %H:%M}" if restored.made_at else ""
    line(f"Restored the backup{made} to {target}: {restored.records} records.")
    if for_rollback:
        line(
            f"It is in the shape of that time ({restored.revision}). Install the older version before anything starts."
        )
    if restored.aside:
        line(f"What stood there is kept as {restored.aside}.")
    if restored.missing is not None:
        counts = [
            f"{_WORDS[table]} {number}"
            for table, number in restored.missing.counts.items()
            if table in _WORDS
        ]
        line(f"Only in that, and not in the backup: {', '.join(counts) or 'nothing'}.")
        if restored.missing.cases:
            line(f"Cases that must be looked at again: {', '.join(restored.missing.cases)}.")
    elif restored.aside:
        line("It could not be read, so what came after the backup is not known.")
    line(
        "From the next start on every network is read from where the backup stood, as far back as it still answers."
    )
    line(
        "Mails that went out since may be sent a second time; decisions since must be made again; everybody signs in anew."
    )
    for problem in restored.problems:
        say(f"It does not hold: {problem}")
