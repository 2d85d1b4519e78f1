"""`subject export`, `subject erase`, `subject restrict`: a person's rights, by command. Prints ids and counts."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.table import Table
from rich.text import Text

from monitor.commands.opened import app_of, out, say
from monitor.errors import MonitorError
from monitor.subject import Account, Asked


def asked_for(
    accounts: Sequence[str] | None,
    handles: Sequence[str] | None,
    emails: Sequence[str] | None,
    refs: Sequence[str] | None,
) -> Asked:
    """What was typed. MonitorError when it is nothing, or has no network before a colon."""
    asked = Asked(
        tuple(_pair("--account", one) for one in accounts or ()),
        tuple(_pair("--handle", one) for one in handles or ()),
        tuple(emails or ()),
        tuple(refs or ()),
    )
    if asked == Asked():
        raise MonitorError("say who it is: --account, --handle, --email or --ref; several may be given")
    return asked


def _pair(option: str, written: str) -> Account:
    network, _, which = written.partition(":")
    if not network or not which:
        raise MonitorError(f"{option} {written}: names no network; write one such as x:kaz_99")
    return network, which


def export(config: Path | None, asked: Asked, folder: Path, received: date | None) -> None:
    """Write the ZIP so that only this user can read it."""
    from monitor.app import utc_now
    from monitor.app.rights import export_person

    if not folder.is_dir():
        raise MonitorError(f"--out {folder}: is no folder; make it first, or name another")
    with app_of(config) as app:
        today = app.desk.today(utc_now())
        if received is not None and received > today:
            raise MonitorError(
                f"--received {received}: is in the future; write the day on which the request came"
            )
        made, kept, due = export_person(app, asked, received or today)
    target = folder / made.name
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(made.body)
    say(
        "What people wrote is in this file, in clear. Hand it unread to whoever answers the request, who looks through"
        " REVIEW-BEFORE-SENDING.json first; delete it here."
    )
    out.print(
        f"Wrote {target} (items: {len(kept.items)}, cases: {len(kept.cases)}, places to look at: {made.review})."
        f" It must be answered by {due:%d %B %Y}. That it was made is on record.",
        markup=False,
        highlight=False,
    )


def erase(config: Path | None, asked: Asked, *, yes: bool, as_json: bool) -> None:
    """Say what would be erased and what is kept, and why; erase it with `yes`."""
    from monitor.app.rights import erase_person, would_erase

    with app_of(config) as app:
        steps, clean = erase_person(app, asked) if yes else (would_erase(app, asked), True)
    if as_json:
        rows = [{"thing": one.thing, "kept": one.kept.name.lower() if one.kept else None} for one in steps]
        out.print_json(json.dumps({"erased" if yes else "would_erase": rows, "no_trace": clean}))
        return
    table = Table("what", "erased" if yes else "would be erased", "kept because", title_justify="left")
    for one in steps:
        table.add_row(Text(one.thing), "no" if one.kept else "yes", Text(one.kept.value if one.kept else ""))
    out.print(table)
    if not yes:
        out.print("Nothing was erased: add --yes to do it. Tell the person what is kept, and why.")
    elif not clean:
        say("The database was busy: traces may be in its files until the next pruning, within a day.")


def restrict(config: Path | None, asked: Asked, why: str) -> None:
    """Hold everything of each account that is found."""
    from monitor.app.rights import restrict_person

    if not why.strip():
        raise MonitorError("--why: is empty; say in a few words why it is restricted")
    with app_of(config) as app:
        count = restrict_person(app, asked, why.strip())
    out.print(
        f"{count} account{'' if count == 1 else 's'} held now. `schoolgate hold list` shows what is held.",
        markup=False,
        highlight=False,
    )
