"""`hold list`, `hold place`, `hold lift`: by command for somebody who may see the case. Prints ids, roles and times."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text
from sqlmodel import Session, select

from monitor.commands.opened import app_of, out, settings_of, store_of
from monitor.domain import Role
from monitor.errors import MonitorError
from monitor.tables import CaseRow
from monitor.tables_holds import HoldRow

if TYPE_CHECKING:
    from monitor.app import App


def listed(config: Path | None, *, as_json: bool) -> None:
    """Every hold that stands, without its reason: that is for whoever may see the case, on its page."""
    from monitor.holds import all_holds

    settings = settings_of(config)
    with store_of(settings) as store, store.read() as session:
        rows: list[dict[str, Any]] = [
            {
                "hold": one.id,
                "case": session.get_one(CaseRow, one.case_id).ref if one.case_id is not None else None,
                "network": one.network,
                "kind": one.kind,
                "placed_at": one.placed_at.isoformat(),
                "placed_by": one.placed_by,
                "asked_at": one.asked_at.isoformat() if one.asked_at else None,
            }
            for one in all_holds(session, store.school)
        ]
    if as_json:
        out.print_json(json.dumps({"holds": rows}))
        return
    if not rows:
        out.print("Nothing is held.")
        return
    table = Table("hold", "what", "kind", "since", "by", title_justify="left")
    for row in rows:
        what = row["case"] or f"one account on {row['network']}"
        since = datetime.fromisoformat(row["placed_at"]).astimezone(settings.school.zone)
        cells = (str(row["hold"]), what, row["kind"], f"{since:%Y-%m-%d %H:%M}", row["placed_by"])
        table.add_row(*map(Text, cells))
    out.print(table)


def placed(config: Path | None, ref: str, role: Role, why: str) -> None:
    """Hold a case. MonitorError when `role` may not hold it, or it is held already."""
    from monitor.app import utc_now
    from monitor.holds import LONGEST, place

    if not why.strip():
        raise MonitorError("--why: is empty; say in a few words why the case must be kept")
    with app_of(config) as app, app.store.write() as session:
        case = _case(app, session, ref, role)
        if not place(session, app.store, case, why=why.strip()[:LONGEST], by=role.value, now=utc_now()):
            raise MonitorError(
                f"{ref}: is held already, or is a drill; `schoolgate hold list` shows what is held"
            )
    out.print(f"{ref} is held. It is kept until somebody lifts the hold.", markup=False)


def lifted(config: Path | None, ref: str, role: Role) -> None:
    """Lift every hold on a case, or the one of this number. MonitorError when `role` may not, or there is none."""
    from monitor.app import utc_now
    from monitor.holds import holds_of, lift

    with app_of(config) as app, app.store.write() as session:
        if ref.isdecimal():
            standing = _of_an_account(app, session, int(ref), role)
        else:
            standing = holds_of(session, app.store.school, _case(app, session, ref, role).id)
        if not standing:
            raise MonitorError(f"{ref}: is not held; `schoolgate hold list` shows what is held")
        for one in standing:
            lift(session, app.store, one, by=role.value, now=utc_now())
    what = f"Hold {ref} is lifted." if ref.isdecimal() else f"{ref} is held no more."
    out.print(f"{what} What is old enough goes with the next pruning.", markup=False)


def _of_an_account(app: App, session: Session, number: int, role: Role) -> list[HoldRow]:
    """The hold of this number, where it holds everything of one account and `role` may lift it."""
    from monitor.holds import HOLDERS, all_holds

    standing = all_holds(session, app.store.school)
    return [one for one in standing if one.id == number and one.case_id is None and role in HOLDERS]


def _case(app: App, session: Session, ref: str, role: Role) -> CaseRow:
    from monitor.holds import HOLDERS

    case = session.exec(
        select(CaseRow).where(CaseRow.school_id == app.store.school, CaseRow.ref == ref)
    ).first()
    if case is None or role not in HOLDERS or not app.desk.may_see(role, case):
        raise MonitorError(
            f"{ref}: there is no such case for {role.value}; look at its reference and at --for"
        )
    return case
