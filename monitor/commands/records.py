"""`register import`, `prune`, `db upgrade`, `digest --preview`: the school's records and its database."""

from __future__ import annotations

import email
import email.policy
import json
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from monitor.commands.opened import app_of, out, say, settings_of, store_of
from monitor.domain import Role

if TYPE_CHECKING:
    from monitor.register import ImportPlan
    from monitor.register_csv import Reading


def import_register(
    config: Path | None, file: Path, *, dry_run: bool, confirm_shrink: bool, as_json: bool
) -> int:
    """Show what would change, then change it (unless `dry_run`). 1 when rows could not be read: they are listed."""
    from monitor.app import utc_now
    from monitor.register import import_register as import_people
    from monitor.register import plan_import, read_file

    settings = settings_of(config)
    with store_of(settings) as store:
        reading = read_file(file)
        plan = plan_import(store, reading.people, reading.unreadable)
        if as_json:
            _plan_as_json(plan, reading, imported=not dry_run)
        else:
            _plan_as_table(file.name, plan, reading)
        if not dry_run:
            import_people(store, reading.people, utc_now(), confirm_shrink=confirm_shrink)
    if not as_json and dry_run:
        out.print("Nothing was stored: this was a dry run.")
        if plan.shrinks:
            out.print(
                "It would be refused: more than a fifth would leave. If that is right, add --confirm-shrink."
            )
    elif not as_json:
        out.print("Imported. Only keyed hashes were stored.")
    return 1 if plan.unreadable else 0


def _plan_as_json(plan: ImportPlan, reading: Reading, *, imported: bool) -> None:
    out.print_json(
        json.dumps(
            {
                "people": plan.people,
                "roles": dict(plan.roles),
                "added": plan.added,
                "changed": plan.changed,
                "left": plan.left,
                "unchanged": plan.unchanged,
                "needs_confirm_shrink": plan.shrinks,
                "columns": dict(reading.columns),
                "unreadable": [{"line": row.line, "reason": row.reason} for row in plan.unreadable],
                "imported": imported,
            }
        )
    )


def _plan_as_table(name: str, plan: ImportPlan, reading: Reading) -> None:
    columns = Table(title=f"{name}: how its columns are read", title_justify="left", show_header=False)
    for header, meaning in reading.columns:
        columns.add_row(Text(header), Text(meaning))
    out.print(columns)
    table = Table(title=f"{plan.people} people", title_justify="left")
    for column in ("added", "changed", "left", "unchanged", "rows not read"):
        table.add_column(column, justify="right")
    table.add_row(
        *(str(n) for n in (plan.added, plan.changed, plan.left, plan.unchanged, len(plan.unreadable)))
    )
    out.print(table)
    for row in plan.unreadable:
        say(f"{name}, line {row.line}: {row.reason}")


def prune(config: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Empty or delete what is older than `[retention]` allows (unless `dry_run`), and count it."""
    from monitor import retention
    from monitor.app import utc_now
    from monitor.retention_rules import Keep

    settings = settings_of(config)
    keep = Keep(**dict(settings.retention))
    with store_of(settings) as store:
        counts = (retention.would_prune if dry_run else retention.prune)(store, keep, utc_now()).counts
        finished = dry_run or not retention.is_due(store, utc_now())
    if as_json:
        out.print_json(json.dumps({"removed": counts, "dry_run": dry_run, "finished": finished}))
        return
    for name, number in counts.items():
        out.print(f"{name.replace('_', ' ')}: {number}", highlight=False)
    if not counts:
        out.print("Nothing is older than it may be.")
    elif dry_run:
        out.print("Nothing was removed: this was a dry run.")
    if not finished:
        say("The database was busy: traces may still be in its log file. Run this again in a minute.")


def upgrade(config: Path | None) -> None:
    """Bring the database to this program's shape; an older one is backed up first."""
    from monitor import schema

    settings = settings_of(config)
    before = schema.revision(settings.storage.database_path)
    with store_of(settings):
        after = schema.revision(settings.storage.database_path)
    out.print(
        f"The database is at {after}."
        if before == after
        else f"Upgraded from {before or 'nothing'} to {after}."
    )


def preview_digest(config: Path | None, role: Role) -> None:
    """Today's digest as its reader would get it, as text; nothing is stored or sent."""
    with app_of(config) as app:
        message = email.message_from_bytes(app.mail.preview_digest(role), policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    out.print(f"Subject: {message['Subject']}\n", markup=False, highlight=False)
    out.print(body.get_content(), markup=False, highlight=False)
