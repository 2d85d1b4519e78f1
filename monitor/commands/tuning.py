"""`drill` and `rules proposals`: beside the running service, through the database alone. Prints ids, roles and times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text
from sqlmodel import func, select

from monitor.commands.opened import out, settings_of, store_of
from monitor.errors import MonitorError


def start_drill(config: Path | None, category: str, account: str | None, *, at_night: bool) -> None:
    """Note the wish; the running service does it. MonitorError: one sentence why there is no drill now."""
    from monitor.app import school_hours, utc_now
    from monitor.drills import Refusal, Wish, ask

    settings = settings_of(config)
    watched = tuple(one.key for one in settings.account if not one.paused)
    wish = Wish(category, account or next(iter(watched), ""), "command line", at_night)
    with store_of(settings) as store:
        done = ask(store, wish, watched, school_hours(settings), utc_now())
    if isinstance(done, Refusal):
        raise MonitorError(done.value)
    out.print("Asked for. The running service begins it within a minute; `schoolgate drill report` shows it.")


def drill_report(config: Path | None, *, as_json: bool) -> None:
    """How the last drills went: for each role how long after it was seen."""
    from monitor.drill_times import after, recent, times_of

    with store_of(settings_of(config)) as store, store.read() as session:
        drills = [(row, times_of(session, row)) for row in recent(session, store)]
    if as_json:
        out.print_json(
            json.dumps(
                {
                    "drills": [
                        {
                            "id": row.id,
                            "category": row.category,
                            "case": row.ref or None,
                            "asked_at": row.asked_at.isoformat(),
                            "asked_by": row.asked_by,
                            "state": row.state,
                            "how": row.how or None,
                            "times": _times(times),
                        }
                        for row, times in drills
                    ]
                }
            )
        )
        return
    if not drills:
        out.print("There was no drill yet.")
    for row, times in drills:
        state = row.how.replace("_", " ") or row.state
        out.print(
            f"DRILL {row.ref or row.id} {row.category}, asked for {row.asked_at:%Y-%m-%d %H:%M} UTC by {row.asked_by}: {state}",
            markup=False,
            highlight=False,
        )
        if times is None or not times.people:
            continue
        table = Table("who", "mail made", "mail accepted", "signed in", "decided", title_justify="left")
        for one in times.people:
            moments = (one.told, one.accepted, one.opened, one.decided)
            table.add_row(Text(one.role), *(after(times.seen, at) for at in moments))
        out.print(table)


def _times(times: Any) -> dict[str, Any] | None:
    if times is None:
        return None

    def iso(at: Any) -> str | None:
        return at.isoformat() if at else None

    return {
        "seen": iso(times.seen),
        "acknowledged": iso(times.acknowledged),
        "people": [
            {
                "role": one.role,
                "escalated": one.escalated,
                **{name: iso(getattr(one, name)) for name in ("told", "accepted", "opened", "decided")},
            }
            for one in times.people
        ],
    }


def rule_proposals(config: Path | None, *, as_json: bool) -> None:
    """Rule, kind, state, how often it would have counted; and as TOML what the configuration can say of it."""
    from monitor.tables_tuning import TrialHitRow
    from monitor.tuning import State, open_proposals

    with store_of(settings_of(config)) as store, store.read() as session:
        rows = open_proposals(session, store.school)
        counts = dict(
            session.exec(
                select(TrialHitRow.proposal_id, func.count())
                .where(TrialHitRow.school_id == store.school)
                .group_by(TrialHitRow.proposal_id)  # type: ignore[arg-type]
            ).all()
        )
    if as_json:
        out.print_json(
            json.dumps(
                {
                    "proposals": [
                        {
                            "id": row.id,
                            "rule": row.rule,
                            "kind": row.kind,
                            "state": row.state,
                            "would_have_gone": counts.get(row.id or 0, 0),
                        }
                        for row in rows
                    ]
                }
            )
        )
        return
    if not rows:
        out.print("No change of a rule is on trial or in use.")
        return
    for row in rows:
        how = "in use" if row.state == State.ACTIVE else "on trial"
        out.print(
            f"# {row.id}: {row.rule}, {row.kind}, {how}, would have changed {counts.get(row.id or 0, 0)}",
            markup=False,
            highlight=False,
        )
    aside = sorted({row.rule for row in rows if row.kind == "shadow"})
    if aside:
        out.print("[detection]", markup=False, highlight=False)
        out.print(f"shadow = {json.dumps(aside)}", markup=False, highlight=False)
    if any(row.kind != "shadow" for row in rows):
        out.print(
            "# The other changes are kept in the database: their words are sealed and shown on the page /rules.",
            markup=False,
            highlight=False,
        )
