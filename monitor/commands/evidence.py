"""`evidence verify` and `evidence export`: whether everything holds, and one case's evidence as a file."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from monitor.commands.opened import app_of, out, say, settings_of, store_of
from monitor.domain import Role
from monitor.errors import MonitorError


def verify(config: Path | None, heads: Sequence[str], *, as_json: bool) -> int:
    """Check everything and say what was found. 0: it holds; 1: it does not."""
    from monitor.evidence_check import SHORTEST_HEAD, check

    given = [head.strip() for head in heads]
    for head in given:
        if not re.fullmatch(rf"[0-9a-fA-F]{{{SHORTEST_HEAD},64}}", head):
            raise MonitorError(
                f"--head {head!r}: is not a head; give {SHORTEST_HEAD} to 64 figures (0-9, a-f) as a digest or a sheet shows"
            )
    with store_of(settings_of(config)) as store:
        report = check(store, given)
    if as_json:
        out.print_json(json.dumps({"holds": report.holds} | asdict(report)))
        return 0 if report.holds else 1
    table = Table(show_header=False)
    for name, number in (
        ("entries of the audit log", f"{report.entries} ({report.first} to {report.last})"),
        ("copies", str(report.copies)),
        ("given by people", str(report.given)),
        ("of these no longer kept", str(report.no_longer_kept)),
        ("of these older than the log", str(report.older_than_log)),
        ("heads that were said before", str(report.heads)),
        ("head of the log", report.head),
    ):
        table.add_row(name, number)
    out.print(table)
    for problem in report.problems:
        say(problem)
    if report.holds:
        out.print("Everything holds.")
    else:
        say("Keep the database file and its backups as they are, and tell the safeguarding lead.")
    return 0 if report.holds else 1


def export(config: Path | None, ref: str, role: Role, folder: Path) -> None:
    """Write the ZIP so that only this user can read it. MonitorError when `role` may not see the case."""
    if not folder.is_dir():
        raise MonitorError(f"--out {folder}: is no folder; make it first, or name another")
    say(
        "What people wrote is in this file, in clear. IT sees no content: hand it over unread to whoever asked for it,"
        " and delete it here. They can take it themselves on the case's page, which is better."
    )
    with app_of(config) as app:
        name, body = app.export(ref, role)
    target = folder / name
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(body)
    out.print(f"Wrote {target}. That it was taken is on record.", markup=False, soft_wrap=True)
