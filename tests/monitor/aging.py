"""What is old enough to be pruned, and what of it is still in the files of a database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from sqlmodel import col, select

from alerts.outbox import enqueue, lease, refused
from alerts.situation import SEALED as DECISION
from monitor import items, poll
from monitor.assess import assess
from monitor.domain import ItemKind, Page, Reason
from monitor.incidents import close_incident, open_incident
from monitor.ingest import Source, ingest
from monitor.retention_rules import Keep
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, EvidenceRow, ItemRow, OutboxRow, StreamRow
from monitor.tables_people import FollowerRow
from tests.conftest import HandClock
from tests.making import WrittenNetwork, follower, judgement, watch
from tests.monitor.test_assess import arrive

KEEP = Keep(
    harmless=timedelta(days=30),
    closed=timedelta(days=365),
    evidence=timedelta(days=365),
    audit=timedelta(days=2555),
)


def read(store: Store, clock: HandClock, *texts: str, first: int = 1) -> None:
    """Polled and judged; what stands in square brackets is a finding."""
    arrive(store, clock, *texts, first=first)
    assess(store, judgement(), clock=clock)


def follow(store: Store, clock: HandClock, handle: str) -> None:
    """The follower f1, under this handle now."""
    poll.declare(store, [watch(WrittenNetwork(), ItemKind.FOLLOWER)], clock())
    with store.read() as session:
        stream = session.exec(select(StreamRow).where(StreamRow.kind == "follower")).one()
    ingest(
        store,
        Page((follower("f1", handle),), "c"),
        Source("facebook", timedelta(hours=1)),
        stream_id=stream.id or 0,
        fence=stream.fence,
        now=clock(),
    )
    assess(store, judgement(), clock=clock)


def close(
    store: Store, clock: HandClock, reason: str = "Spoke with the family", *, done: bool = True
) -> None:
    """The one case is closed with a reason in the reviewer's words; `done` False: something waits for the network."""
    with store.write() as session:
        case = session.exec(select(CaseRow)).one()
        case.state, case.closed_at, case.outcome = "closed", clock(), "Dealt with in school"
        session.add(
            DecisionRow(
                school_id=store.school,
                case_id=case.id or 0,
                item_id=case.item_id,
                seq=case.decisions,
                choice="close" if done else "remove",
                role="headteacher",
                sealed=store.vault.seal_json({"why": "in_school", "reason": reason}, DECISION),
                created_at=clock(),
                next_attempt_at=clock(),
                done_at=clock() if done else None,
            )
        )
        case.decisions += 1


def fail_a_mail(store: Store, clock: HandClock, body: str) -> None:
    """A message that the server refused for good: its bytes are still in the outbox; its incident is closed."""
    with store.write() as session:
        case = session.exec(select(CaseRow)).one()
        enqueue(
            store,
            session,
            now=clock(),
            dedup_key="first",
            role="headteacher",
            recipient="head@school.example",
            reason=Reason.FIRST,
            message_id="1@school.example",
            message=body.encode(),
            case_id=case.id,
        )
    (waiting,) = lease(store, clock())
    refused(store, waiting.id, permanent=True, says="550 no such mailbox", now=clock())
    with store.write() as session:
        open_incident(store, session, "mail", says="mail is late", cure="look", now=clock())
        close_incident(store, session, "mail", now=clock())


def rows_of(store: Store, table: type) -> list:  # type: ignore[type-arg]
    with store.read() as session:
        return list(session.exec(select(table).order_by(table.id)))  # type: ignore[attr-defined]


def texts(store: Store) -> list[str]:
    """The text of each item version; empty for one that was pruned."""
    return [items.from_row(row, store.vault).text for row in rows_of(store, ItemRow)]


def sealed_values(store: Store) -> list[bytes]:
    """Every sealed value that the database holds now."""
    return [
        row.sealed
        for table in (ItemRow, EvidenceRow, DecisionRow, OutboxRow)
        for row in rows_of(store, table)
        if row.sealed
    ]


def traces(path: Path, values: Iterable[bytes], piece: int = 16) -> int:
    """How many pieces of these values stand anywhere in the database's files, each `piece` bytes long."""
    files = [path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")]
    there = b"".join(file.read_bytes() for file in files if file.exists())
    return sum(
        value[at : at + piece] in there
        for value in values
        for at in range(0, max(len(value) - piece, 0) + 1, piece)
    )


def leave(store: Store) -> None:
    """Whoever followed has left."""
    with store.write() as session:
        for row in session.exec(select(FollowerRow).order_by(col(FollowerRow.id))):
            row.state = "left"
