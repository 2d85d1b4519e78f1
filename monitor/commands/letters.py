"""`claim letters`: the office's file becomes letters about the claim page, with a code for each family."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from monitor.commands.opened import out, say, settings_of, store_of
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.families import Families
    from monitor.register_csv import Reading
    from monitor.store import Store


def letters(config: Path | None, file: Path, *, target: Path | None, dry_run: bool, as_json: bool) -> int:
    """Show how many letters there would be, then write them into `target` (unless `dry_run`). 1 when rows could not be
    read: they are listed."""
    from monitor.app import claim_networks, utc_now
    from monitor.families import families_of
    from monitor.register import load_register, read_file

    settings = settings_of(config)
    if not claim_networks(settings) and not settings.claims.by_network:
        raise MonitorError(
            "there is no claim page to send families to: no account here has followers that can be read; add one, or let"
            " families sign in ([claims] in the configuration)"
        )
    with store_of(settings) as store:
        reading = read_file(file)
        families = families_of(reading, load_register(store), store.vault.digest)
        if not as_json:
            _as_table(file.name, families, reading)
        made: dict[str, object] = {}
        if not dry_run and target is not None:
            _must_lead_somewhere(file, families)
            made = _make(settings, store, families, target, utc_now())
    if as_json:
        out.print_json(json.dumps(_counts(families) | _unreadable(reading) | made | {"made": bool(made)}))
    elif dry_run:
        out.print("Nothing was written: this was a dry run.")
        if families.strangers:
            out.print(f"It would be refused: {_strangers(file, families)}", markup=False, highlight=False)
    else:
        _say_made(made)
    return 1 if reading.unreadable else 0


def _must_lead_somewhere(file: Path, families: Families) -> None:
    if families.strangers:
        raise MonitorError(_strangers(file, families))
    if not families.all:
        raise MonitorError(
            f"{file.name} has no contact to write to; export the report of pupils with their contacts"
        )


def _strangers(file: Path, families: Families) -> str:
    number = families.strangers
    return (
        f"{number} contact{'s have' if number > 1 else ' has'} an e-mail address that is not on the register, so their"
        f" letter would lead nowhere; run `schoolgate register import {file.name}` first"
    )


def _make(
    settings: Settings, store: Store, families: Families, target: Path, now: datetime
) -> dict[str, object]:
    from monitor.app import letter_files
    from monitor.family_code_rows import replace
    from monitor.family_codes import new_code
    from monitor.private_files import write_all

    coded = [(family, new_code(secrets.choice)) for family in families.all]
    zone = settings.school.zone
    today = now.astimezone(zone).date()
    until = today + settings.followers.letter_valid
    ends = datetime.combine(until + timedelta(days=1), time.min, zone).astimezone(UTC)
    ended = 0

    def keep_codes() -> None:
        nonlocal ended
        with store.write() as session:
            ended = replace(store, session, coded, now=now, expires_at=ends)
            counts = f"{len(coded)} letters, {families.contacts} contacts, {families.restricted} restricted left out"
            store.audit(
                session,
                at=now,
                actor="office",
                happened="letters.made",
                thing="claim page",
                detail=f"{counts}, {ended} older codes ended",
            )

    try:
        written = write_all(target, letter_files(settings, coded, made=today, until=until), keep_codes)
    except FileExistsError as error:
        raise MonitorError(
            f"{error.filename} is already there; name another folder, or delete the old letters (their codes end when new"
            " ones are made)"
        ) from None
    except OSError as error:
        raise MonitorError(
            f"{target} cannot be written ({error.strerror}); name a folder that you may write to, and make the letters"
            " again"
        ) from None
    return {"good_until": until.isoformat(), "codes_ended": ended, "files": [str(path) for path in written]}


def _counts(families: Families) -> dict[str, int]:
    return {
        "letters": len(families.all),
        "contacts": families.contacts,
        "contacts_without_email": families.without_email,
        "restricted_left_out": families.restricted,
        "restricted_pupils_left_out": families.restricted_pupils,
        "pupils_without_contact": families.without_contact,
        "not_on_the_register": families.strangers,
    }


def _unreadable(reading: Reading) -> dict[str, object]:
    return {"unreadable": [{"line": row.line, "reason": row.reason} for row in reading.unreadable]}


_SAID = {
    "letters": "letters, one a family",
    "contacts": "contacts in them",
    "contacts_without_email": "of these without an e-mail address: they cannot claim until the office has one",
    "restricted_left_out": "contacts left out: a restriction stands beside them, or beside who shares their address",
    "restricted_pupils_left_out": "pupils left out: a restriction stands beside them; speak with the family yourself",
    "pupils_without_contact": "pupils left out: nobody else who may get a letter stands beside them",
    "not_on_the_register": "contacts with an address that is not on the register",
}


def _as_table(name: str, families: Families, reading: Reading) -> None:
    table = Table(title=f"Letters from {name}", title_justify="left", show_header=False)
    table.add_column(justify="right")
    for key, number in _counts(families).items():
        if number or key in {"letters", "contacts_without_email", "restricted_left_out"}:
            table.add_row(str(number), _SAID[key])
    out.print(table)
    for row in reading.unreadable:
        say(f"{name}, line {row.line}: {row.reason}")


def _say_made(made: Mapping[str, object]) -> None:
    files = made["files"]
    assert isinstance(files, list)
    for path in files:
        out.print(f"Wrote {path}", markup=False, highlight=False, soft_wrap=True)
    out.print(
        f"The codes are good until {made['good_until']}; {made['codes_ended']} older ones have ended.",
        highlight=False,
    )
    out.print(
        "Print letters.html on A4 from a browser, or merge letters.csv with your own letter; newsletter.html is for"
        " everybody. The first two hold names and codes: delete them, and the export, when the letters are out.",
        highlight=False,
    )
