"""Families of an invented school who claim their accounts: a register, followers of X, the stages, the mails."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlmodel import col, select

from alerts.claims import consider
from monitor import claim_rows, ingest
from monitor.claims import Way
from monitor.domain import Author, Item, ItemKind, Page
from monitor.names import normal_email, normal_handle
from monitor.poll import Watch, declare
from monitor.register import import_register, load_register
from monitor.register_csv import read_register
from monitor.store import Store
from monitor.tables import AuditRow, IncidentRow, StreamRow
from monitor.tables_people import ClaimRow, FollowerRow
from monitor.verify_stage import School, verify
from tests.alerts.telling import desk, outbox, text_of
from tests.conftest import HandClock
from tests.making import WrittenNetwork

RECORDS = (
    "Contact ID,Contact Forename,Contact Surname,Email,X handle,Restricted\n"
    "9001,Grace,Okafor,grace@mail.example,@typed_grace,\n"
    "9002,Tom,Hale,tom@mail.example,@tom_hale,Yes\n"
    "9003,Ada,Birch,birches@mail.example,,\n"
    "9004,Ben,Birch,birches@mail.example,,\n"
    "9005,Una,Reed,reeds@mail.example,,\n"
    "9006,Ken,Reed,reeds@mail.example,,Yes\n"
)
_LINK = re.compile(r"https://gate\.school\.example/claim/(\S+)")


class Families:
    """One school's followers of X and their claims, at the clock's time."""

    def __init__(self, store: Store, clock: HandClock, records: str = RECORDS) -> None:
        self.store, self.clock = store, clock
        self.import_(records)
        network = WrittenNetwork()
        declare(store, [Watch("x-main", "x", network, {ItemKind.FOLLOWER: timedelta(hours=1)})], clock())  # type: ignore[arg-type]

    def import_(self, records: str) -> None:
        import_register(self.store, read_register(records.encode()).people, self.clock(), confirm_shrink=True)

    def follow(self, external_id: str, handle: str | None, name: str = "", account: str = "x-main") -> None:
        """The network shows this follower, for the first time or under a new handle."""
        item = Item(
            account=account,
            kind=ItemKind.FOLLOWER,
            external_id=external_id,
            text="",
            author=Author(external_id, handle, name),
        )
        with self.store.read() as session:
            mine = select(StreamRow).where(StreamRow.school_id == self.store.school)
            stream = session.exec(mine).one()
        assert stream.id is not None
        ingest.ingest(
            self.store,
            Page((item,), None),
            ingest.Source("x", timedelta(hours=1)),
            stream_id=stream.id,
            fence=stream.fence,
            now=self.clock(),
        )

    def ask(self, address: str, handle: str, way: Way = Way.PAGE) -> None:
        """A claim as the page leaves it."""
        network_handle, email = normal_handle("x", handle), normal_email(address)
        assert network_handle
        assert email
        with self.store.write() as session:
            claim_rows.ask(
                self.store,
                session,
                network="x",
                handle=network_handle[1],
                address=email,
                way=way,
                now=self.clock(),
            )

    def work(self) -> None:
        """The two stages, as the service runs them."""
        consider(self.store, desk(), load_register(self.store), clock=self.clock)
        self.judge()

    def judge(self) -> None:
        """The verify stage alone."""
        records = load_register(self.store)
        verify(
            self.store,
            records,
            self.clock(),
            school=School("St Elsewhere Primary", ("StElsewhere",), compare_names="all"),
        )

    def tokens(self, address: str | None = None) -> list[str]:
        """The tokens that were mailed, to one address or to all, oldest first."""
        return [
            found
            for row, message in outbox(self.store)
            if row.reason == "claim" and address in {None, message["To"]}
            for found in _LINK.findall(text_of(message))
        ]

    def confirm(self, token: str) -> claim_rows.Answer | None:
        with self.store.write() as session:
            return claim_rows.confirm(self.store, session, token, now=self.clock())

    def deny(self, token: str) -> claim_rows.Answer | None:
        with self.store.write() as session:
            return claim_rows.deny(self.store, session, token, now=self.clock())

    def proven(self, address: str, handle: str) -> str:
        """A claim that was asked, mailed and confirmed; returns its token."""
        self.ask(address, handle)
        self.work()
        token = self.tokens()[-1]
        assert self.confirm(token) is claim_rows.Answer.CONFIRMED
        self.work()
        return token

    def follower(self, external_id: str, account: str = "x-main") -> FollowerRow:
        with self.store.read() as session:
            mine = select(FollowerRow).where(
                FollowerRow.school_id == self.store.school, FollowerRow.account == account
            )
            return session.exec(mine.where(FollowerRow.external_id == external_id)).one()

    def state(self, external_id: str, account: str = "x-main") -> str:
        return self.follower(external_id, account).state

    def claims(self) -> list[ClaimRow]:
        with self.store.read() as session:
            return list(session.exec(select(ClaimRow).order_by(col(ClaimRow.id))))

    def standings(self) -> list[str]:
        return [row.standing for row in self.claims()]

    def incidents(self) -> list[IncidentRow]:
        with self.store.read() as session:
            return list(session.exec(select(IncidentRow)))

    def audited(self) -> list[str]:
        with self.store.read() as session:
            rows = session.exec(select(AuditRow).order_by(col(AuditRow.seq)))
            return [f"{row.actor}: {row.event}" for row in rows if row.event.startswith("claim")]
