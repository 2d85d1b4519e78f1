"""A school whose alerts are answered by mail: its mailbox on loopback, its outbox, its network, one step at a time."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

from sqlmodel import col, select

from alerts.desk import Desk, Replies
from alerts.inbox.answers import Answers
from alerts.notify import notify
from monitor.act import act
from monitor.assess import Judgement, assess
from monitor.domain import Role
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, OutboxRow
from monitor.tables_people import LetterRow
from monitor.tables_replies import ReplyCodeRow
from tests.alerts.imap_server import Mailroom
from tests.alerts.letters import letter
from tests.alerts.mailbox_school import inbox
from tests.alerts.telling import ADDRESSES, desk, outbox, text_of
from tests.conftest import HandClock
from tests.making import WrittenNetwork, judgement
from tests.monitor.test_assess import arrive

MAILBOX = "replies@school.example"
HEAD, DSL, STRANGER = ADDRESSES[Role.HEADTEACHER], ADDRESSES[Role.DSL], "eve@elsewhere.example"
_CODE = re.compile(r"^Code (\S{14})\s*$", re.MULTILINE)


class School:
    """`told` names the roles that a case goes to."""

    def __init__(self, room: Mailroom, store: Store, clock: HandClock, told: tuple[Role, ...]) -> None:
        self.room, self.store, self.clock = room, store, clock
        self.network = WrittenNetwork()
        self.judgement: Judgement = replace(judgement(), route=lambda _findings: told)
        self.holders = dict(ADDRESSES)
        self.settle()

    def settle(self, **changes: object) -> None:
        """The configuration as it is now; `changes` are of [replies]."""
        given = {"address": MAILBOX, "plus": True, "valid": timedelta(days=3), "holders": self.holders}
        self.desk: Desk = replace(desk(self.holders), replies=Replies(**(given | changes)))  # type: ignore[arg-type]
        self.answers = Answers(
            self.store, inbox(self.room, every=timedelta(seconds=30), table="replies"), self.desk, self.clock
        )

    def alert(self, text: str = "[threat critical] planted words") -> EmailMessage:
        """A case, and its first mail to the first who is told."""
        before = len(outbox(self.store))
        arrive(self.store, self.clock, text, first=before + 1)
        assess(self.store, self.judgement, clock=self.clock)
        notify(self.store, self.desk, clock=self.clock)
        return outbox(self.store)[before][1]

    def answer(self, raw: bytes) -> None:
        """One message arrives and is read, and what follows from it is done."""
        self.room.arrive(raw, self.clock())
        self.turn()

    def turn(self, minutes: float = 1, *, act_too: bool = True) -> int:
        self.clock.wait(minutes=minutes)
        read = self.answers.read()
        if act_too:
            act(self.store, {"page": self.network}, clock=self.clock)  # type: ignore[dict-item]
        self.answers.confirm()
        return read

    def came(self) -> list[str]:
        """What became of each message."""
        with self.store.read() as session:
            rows = session.exec(select(LetterRow).order_by(col(LetterRow.id))).all()
        return [row.outcome.removeprefix("answer.") for row in rows]

    def decisions(self) -> list[tuple[str, str]]:
        """(role, choice) of each."""
        with self.store.read() as session:
            rows = session.exec(select(DecisionRow).order_by(col(DecisionRow.id))).all()
        return [(row.role, row.choice) for row in rows]

    def case(self, number: int = 1) -> CaseRow:
        with self.store.read() as session:
            return session.exec(select(CaseRow).where(CaseRow.number == number)).one()

    def codes(self) -> list[ReplyCodeRow]:
        with self.store.read() as session:
            return list(session.exec(select(ReplyCodeRow).order_by(col(ReplyCodeRow.id))))

    def back(self) -> list[tuple[OutboxRow, EmailMessage]]:
        """The mails to those who answered."""
        return [(row, mail) for row, mail in outbox(self.store) if row.reason == "answer"]

    def said_back(self) -> list[str]:
        """Their calls: NOTED or NOT DONE."""
        return [str(mail["Subject"]).partition(" · ")[0] for _, mail in self.back()]


def code_of(mail: EmailMessage) -> str:
    """As it is printed in the mail."""
    found = _CODE.search(text_of(mail))
    assert found is not None
    return found[1]


def reply_to(
    mail: EmailMessage,
    text: str,
    *,
    sender: str = HEAD,
    line: str | None = None,
    quoting: bool = True,
    addressed: bool = True,
    number: int = 1,
    html: str | None = None,
    results: tuple[str, ...] | None = None,
    **headers: str,
) -> bytes:
    """What a mail program makes of an answer: `text`, below it the mail that is answered, and where Reply-To leads."""
    quoted = "\n".join(f"> {one}" for one in text_of(mail).splitlines())
    body = (
        f"{text}\n\nOn Fri, 20 Nov 2026 at 09:02, Schoolgate <schoolgate@school.example> wrote:\n{quoted}\n"
    )
    return letter(
        body if quoting else text,
        sender=sender,
        line=line or f"A. Person <{sender}>",
        subject=f"Re: {mail['Subject']}",
        To=str(mail["Reply-To"]) if addressed else MAILBOX,
        html=html,
        results=results,
        number=number,
        **headers,
    )
