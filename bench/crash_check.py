"""What must be true of a school's database while its service is being killed, and once it has come to rest: counts.

Read from copies of the files as a dead process left them, so that the service itself meets its own write-ahead log.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import ColumnElement
from sqlmodel import Session, SQLModel, col, func, select

from alerts.outbox import BARE
from bench.crash_world import World
from monitor.domain import Role
from monitor.errors import StoreError
from monitor.evidence_check import check
from monitor.quarantine import Stage, item_id
from monitor.sandbox.mailbox import Mail
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, EvidenceRow, IncidentRow, ItemRow, NoticeRow, OutboxRow
from monitor.tables_people import FollowerRow
from monitor.tables_quarantine import QuarantineRow
from monitor.tables_telling import TellingRow
from monitor.vault import Vault

REMOVED, SHOWN = frozenset({"hidden", "gone"}), frozenset({"failed", "refused"})


@contextmanager
def left_behind(world: World) -> Iterator[Store]:
    """The database as it lies there, write-ahead log and all; a copy, which nothing else opens."""
    settings = world.school.settings()
    path = settings.storage.database_path
    aside = world.school.folder / "left" / path.name
    shutil.rmtree(aside.parent, ignore_errors=True)
    aside.parent.mkdir()
    for name in (path.name, f"{path.name}-wal"):
        if path.with_name(name).exists():
            shutil.copyfile(path.with_name(name), aside.with_name(name))
    store = Store(aside, Vault(settings.storage.master_key.get_secret_value()), school=settings.school.id)
    try:
        yield store
    finally:
        store.close()


def after_a_kill(world: World) -> Counter[str]:
    """What is wrong of: "whole" (the database, the audit log), "evidence" (cases, removals without their copy)."""
    wrong: Counter[str] = Counter()
    with left_behind(world) as store:
        try:
            store.check()
        except StoreError:
            wrong["whole"] += 1
            return wrong
        report = check(store)
        wrong["whole"] += not report.holds
        with store.read() as session:
            wrong["evidence"] += len(_cases_without_a_copy(session))
            wrong["removals"] += len(_hidden(world) - _copied(session))
    return wrong


def at_rest(world: World, removed: Collection[str]) -> tuple[Counter[str], Counter[str]]:
    """What is wrong, and how much there was of what was counted, when the service has had the time to do all it should.
    `removed` are the references of cases whose removal a page answered."""
    wrong, had = after_a_kill(world), Counter(items=len(world.said) + len(world.followers))
    mails = world.school.mailbox.all()
    had["mails"] = len(mails)
    with left_behind(world) as store, store.read() as session:
        wrong["items"] = _items(session, world)
        had["cases"] = _count(session, CaseRow)
        had["failed"] = _count(session, OutboxRow, col(OutboxRow.failed_at).is_not(None))
        wrong["alerts"] = _alerts(session, world, mails)
        wrong["waiting"] = sum(waiting(session).values())
        had["removals"] = len(removed)
        wrong["removals"] += _removals(session, world, removed)
    ids = Counter(mail.message["Message-ID"] for mail in mails)
    had["copies"] = len(mails) - len(ids)
    wrong["copies"] = len({mail.raw for mail in mails}) - len(ids)  # a second copy that differs
    return wrong, had


def waiting(session: Session) -> Counter[str]:
    """What still has to be done, by stage."""
    return Counter(
        assess=_count(session, ItemRow, col(ItemRow.assessed_at).is_(None)),
        notify=_count(session, NoticeRow, col(NoticeRow.composed_at).is_(None)),
        tell=_count(session, TellingRow, col(TellingRow.told_at).is_(None)),
        deliver=_count(
            session, OutboxRow, col(OutboxRow.sent_at).is_(None) & col(OutboxRow.failed_at).is_(None)
        ),
        act=_count(session, DecisionRow, col(DecisionRow.done_at).is_(None)),
        verify=_count(session, FollowerRow, col(FollowerRow.verified_at).is_(None)),
    )


def _count(session: Session, table: type[SQLModel], which: ColumnElement[bool] | None = None) -> int:
    query = select(func.count()).select_from(table)
    return session.exec(query if which is None else query.where(which)).one()


def complaints(path: Path) -> list[str]:
    """What the service logged as an error of its own; what networks and mail servers do is no error."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            found.append(line)
            continue
        if said.get("level") in {"error", "critical"}:
            found.append(line)
    return found


def _items(session: Session, world: World) -> int:
    """Items that are not there, or more often than once; followers too."""
    kept = Counter(session.exec(select(ItemRow.network, ItemRow.external_id)).all())
    wanted = world.said | {("x", person) for person in world.followers}
    return sum(kept[item] != 1 for item in wanted)


def _alerts(session: Session, world: World, mails: list[Mail]) -> int:
    """Threats of which the headteacher or the lead was not told and no failure is on record, and messages that are neither
    in the mailbox nor shown as failed."""
    arrived = {mail.message["Message-ID"] for mail in mails}
    lost = 0
    failures = set(session.exec(select(IncidentRow.key)).all())
    gone = set()
    rows = session.exec(select(OutboxRow)).all()
    instead = {row.dedup_key.removeprefix(BARE) for row in rows if row.dedup_key.startswith(BARE)}
    for row in rows:
        told_of = f"outbox:{row.id}" in failures or row.reason == "claim" or row.dedup_key in instead
        if row.failed_at is not None and told_of:
            gone.add(row.message_id)
        elif row.message_id not in arrived:
            lost += 1
    told: dict[tuple[int, str], set[str]] = {}
    for share in session.exec(select(TellingRow)).all():
        told.setdefault((share.case_id, share.role), set()).add(share.message_id)
    cases = {case.external_id: case for case in session.exec(select(CaseRow)).all()}
    aside = {
        item_id(thing)
        for thing in session.exec(
            select(QuarantineRow.thing).where(QuarantineRow.stage == Stage.ASSESS)
        ).all()
    }
    for threat in world.threats:
        case = cases.get(threat)
        if case is None or case.id is None:
            lost += 1
            continue
        which = {case.id, case.joined_to or case.id}
        if case.item_id in aside:  # it died at it three times: a person is asked to read it, whoever that is
            shares = [messages for (number, _), messages in told.items() if number in which]
            lost += not set().union(*shares) & (arrived | gone)
            continue
        for role in (Role.HEADTEACHER, Role.DSL):
            messages = {one for number in which for one in told.get((number, role.value), set())}
            lost += not messages & (arrived | gone)
    return lost + sum(len(mail.recipients) != 1 for mail in mails)


def _cases_without_a_copy(session: Session) -> list[int | None]:
    copied = select(EvidenceRow.case_id)
    return list(session.exec(select(CaseRow.id).where(col(CaseRow.id).not_in(copied))).all())


def _copied(session: Session) -> set[str]:
    rows = select(ItemRow.external_id).join(EvidenceRow, col(EvidenceRow.item_id) == col(ItemRow.id))
    return set(session.exec(rows).all())


def _hidden(world: World) -> set[str]:
    school = world.school
    return {
        made
        for network, made in world.said
        if (school.x.is_hidden(made) if network == "x" else school.graph.is_hidden(made))
    }


def _removals(session: Session, world: World, removed: Collection[str]) -> int:
    """Removals that the page took from the headteacher and that were neither carried out nor shown to have failed."""
    cases = {case.ref: case for case in session.exec(select(CaseRow)).all()}
    done = dict(
        session.exec(
            select(DecisionRow.case_id, DecisionRow.done).where(DecisionRow.choice == "remove")
        ).all()
    )
    hidden, forgotten = _hidden(world), 0
    for ref in removed:
        case = cases[ref]
        outcome = done.get(case.id or 0)
        forgotten += not (outcome in SHOWN or (outcome in REMOVED and case.external_id in hidden))
    return forgotten
