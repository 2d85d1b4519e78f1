"""A desk of an invented school, and mails as their reader finds them."""

from __future__ import annotations

import email
import email.policy
from datetime import date, timedelta
from email.message import EmailMessage

from sqlmodel import col, select

from alerts.desk import Desk, Reader
from alerts.doors import load_doors
from alerts.envelope import Detail, House
from alerts.outbox import SEALED, accepted, lease
from alerts.schedule import Schedule
from monitor.assess import assess
from monitor.domain import Role
from monitor.store import Store
from monitor.tables import CaseRow, OutboxRow
from tests.conftest import HandClock
from tests.making import HOURS, WrittenNetwork, judgement
from tests.monitor.test_assess import arrive

ADDRESSES = {role: f"{role.value}@school.example" for role in Role}


def desk(addresses: dict[Role, str] | None = None, schedule: Schedule | None = None) -> Desk:
    """Without `schedule` the headteacher has every daily digest, as the others do."""
    known = addresses or ADDRESSES

    def reader(role: Role, day: date) -> Reader:
        return Reader(role, known[role])

    return Desk(
        house=House(
            school="St Elsewhere Primary",
            sender="schoolgate@school.example",
            sender_name="Schoolgate",
            version="0.1.0",
            doors=load_doors("england"),
        ),
        hours=HOURS,
        schedule=schedule or Schedule(head_always=True),
        key=b"k" * 32,
        public_url="https://gate.school.example",
        link_valid=timedelta(days=14),
        reader=reader,
        detail=lambda role: Detail.MINIMAL,
        accounts={"page": "St Elsewhere on Facebook"},
        networks={"page": "facebook"},
        capabilities={"facebook": WrittenNetwork.actions},
    )


def outbox(store: Store) -> list[tuple[OutboxRow, EmailMessage]]:
    """Every message that has not been sent, as rendered."""
    with store.read() as session:
        rows = session.exec(select(OutboxRow).order_by(col(OutboxRow.id))).all()
    found = []
    for row in rows:
        if row.sealed:
            raw = store.vault.unseal_json(row.sealed, SEALED)["message"].encode("ascii")
            found.append((row, email.message_from_bytes(raw, policy=email.policy.default)))  # type: ignore[arg-type]
    return found  # type: ignore[return-value]


def told(store: Store) -> list[tuple[str, str]]:
    with store.read() as session:
        return [(row.role, row.reason) for row in session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))]


def delivered(store: Store, clock: HandClock) -> list[tuple[OutboxRow, EmailMessage]]:
    """What leaves now, each accepted by its server."""
    mails = {row.id: (row, mail) for row, mail in outbox(store)}
    taken = lease(store, clock(), most=1000, hours=HOURS)
    for one in taken:
        accepted(store, one.id, reply="250 OK", now=clock())
    return [mails[one.id] for one in taken]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def one_case(store: Store, clock: HandClock, text: str = "[threat critical] planted words") -> CaseRow:
    arrive(store, clock, text)
    assess(store, judgement(), clock=clock)
    with store.read() as session:
        return session.exec(select(CaseRow)).one()
