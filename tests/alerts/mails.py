"""Invented mails that several tests use: one of each kind, and how to read them back."""

from __future__ import annotations

import email
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from alerts.compose import (
    compose_alert,
    compose_claim,
    compose_code,
    compose_digest,
    compose_group,
)
from alerts.compose_closed import compose_closed
from alerts.envelope import House, Stamp, Thread, message_id
from alerts.views import (
    AlertView,
    ClaimView,
    CodeView,
    Crowd,
    GroupRow,
    GroupView,
    Taken,
)
from alerts.views_digest import (
    ClosedCase,
    DigestView,
    ExpiryRow,
    FollowerRow,
    UndeliveredRow,
    WaitingCase,
    WatchRow,
)
from monitor.domain import Done, ItemKind, Reason, Role, Severity, VerificationState

NOW = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
LINK = "https://gate.st-elsewhere.example/i/0123456789abcdefghijklmnopqrstuv"
HOUSE = House(
    school="St Elsewhere Primary School",
    sender="schoolgate@st-elsewhere.example",
    sender_name="Schoolgate, St Elsewhere",
    version="0.1.0",
)


THREAD = Thread("Case SM-0142", "st-elsewhere SM-0142", NOW - timedelta(minutes=1))
CASE_MAILS = frozenset({"first", "updated", "reminder", "escalation", "closed"})


def stamp(
    kind: str = "first", role: Role = Role.HEADTEACHER, *, house: House = HOUSE, reply: bool = False
) -> Stamp:
    to = f"{role.value}@st-elsewhere.example"
    first = message_id(b"key", "st-elsewhere", "142", "1", "first", to, domain="st-elsewhere.example")
    own = message_id(b"key", "st-elsewhere", "142", "1", kind, to, domain="st-elsewhere.example")
    return Stamp(
        house=house,
        to=to,
        role=role,
        message_id=own,
        date=NOW,
        in_reply_to=first if reply else None,
        thread=THREAD if kind in CASE_MAILS else None,
    )


def alert(**changes: object) -> AlertView:
    values: dict[str, object] = {
        "ref": "SM-0142",
        "reason": Reason.FIRST,
        "category": "threat",
        "severity": Severity.CRITICAL,
        "network": "facebook",
        "kind": ItemKind.COMMENT,
        "account": "St Elsewhere Primary School",
        "seen_at": NOW - timedelta(minutes=1),
        "posted_at": NOW - timedelta(minutes=9),
        "link": LINK,
        "target": "staff",
        "why": "Says that somebody will be hurt.",
        "policy": "Acceptable use 5.2",
        "copied_at": NOW,
        "place": 1,
        "of": 2,
        "also_told": (Role.DSL,),
        "escalates_at": NOW + timedelta(minutes=30),
        "escalates_to": Role.DEPUTY,
        "first_told_at": NOW - timedelta(minutes=15),
    }
    return AlertView(**(values | changes))  # type: ignore[arg-type]


def group() -> GroupView:
    seen = NOW - timedelta(minutes=20)
    return GroupView(
        link=LINK,
        rows=(
            GroupRow(
                ref="SM-0143",
                category="insult",
                network="x",
                kind=ItemKind.MENTION,
                seen_at=seen,
                target="staff",
            ),
            GroupRow(
                ref="SM-0144",
                category="false_information",
                network="facebook",
                kind=ItemKind.VISITOR_POST,
                seen_at=seen - timedelta(days=1),
                removal=Taken(Done.HIDDEN, NOW),
            ),
        ),
    )


def rolled_up() -> GroupView:
    return GroupView(
        link=LINK,
        severity=Severity.CRITICAL,
        rows=group().rows[:1],
        crowds=(
            Crowd(
                account="St Elsewhere Primary School",
                in_thread=True,
                refs=tuple(f"SM-{number:04d}" for number in (*range(145, 181), 190)),
            ),
        ),
    )


def digest(**changes: object) -> DigestView:
    values: dict[str, object] = {
        "day": date(2026, 11, 19),
        "link": LINK,
        "next_at": NOW + timedelta(days=1),
        "read": 212,
        "waiting": (
            WaitingCase(
                ref="SM-0142", category="threat", network="facebook", since=NOW, severity=Severity.CRITICAL
            ),
            WaitingCase(
                ref="SM-0145",
                category="unverified_follower",
                network="x",
                since=NOW,
                severity=Severity.MEDIUM,
            ),
        ),
        "closed": (
            ClosedCase(
                ref="SM-0139", category="insult", removal=Taken(Done.HIDDEN, NOW - timedelta(hours=5))
            ),
            ClosedCase(ref="SM-0140", category="threat", false_alarm=True),
        ),
        "quiet_counts": (("spam", 3), ("profanity", 1), ("complaint", 1)),
        "new_followers": 5,
        "followers": (
            FollowerRow(
                handle="dave32457",
                network="x",
                account="@StElsewhere",
                state=VerificationState.UNVERIFIED,
                since=NOW - timedelta(days=14),
                says="no claim in 14 days",
                todo="Open the list, then follow the steps to remove this follower on X.",
            ),
            FollowerRow(
                handle="kaz_reads",
                network="x",
                account="@StElsewhere",
                state=VerificationState.CLAIMED,
                since=NOW - timedelta(days=1),
            ),
        ),
        "watched": (
            WatchRow(account="@StElsewhere", network="x", last_success=NOW - timedelta(minutes=4)),
            WatchRow(
                account="St Elsewhere Primary School",
                network="facebook",
                last_success=NOW - timedelta(minutes=6),
                gaps=((NOW - timedelta(hours=8), NOW - timedelta(hours=6)),),
            ),
        ),
        "undelivered": (
            UndeliveredRow(
                ref="SM-0142",
                role=Role.DSL,
                since=NOW - timedelta(hours=1),
                says="The mailbox does not exist.",
            ),
        ),
        "expiring": (ExpiryRow(what="the Facebook token", at=NOW + timedelta(days=7)),),
        "decided": 14,
        "false_alarms": 3,
        "chain_head": "3f9a0c77d1e2" + "0" * 52,
    }
    return DigestView(**(values | changes))  # type: ignore[arg-type]


def quiet_digest() -> DigestView:
    return digest(
        waiting=(),
        closed=(),
        quiet_counts=(),
        new_followers=0,
        followers=(),
        undelivered=(),
        expiring=(),
        watched=(
            WatchRow(account="@StElsewhere", network="x", last_success=NOW - timedelta(minutes=4)),
            WatchRow(
                account="St Elsewhere Primary School",
                network="facebook",
                last_success=NOW - timedelta(minutes=6),
            ),
        ),
    )


KINDS: dict[str, Callable[[], bytes]] = {
    "alert": lambda: compose_alert(alert(), stamp()),
    "updated": lambda: compose_alert(alert(reason=Reason.UPDATED), stamp("updated", reply=True)),
    "reminder": lambda: compose_alert(
        alert(reason=Reason.REMINDER, reminder=2), stamp("reminder", reply=True)
    ),
    "escalation": lambda: compose_alert(
        alert(
            reason=Reason.ESCALATION,
            place=3,
            of=3,
            also_told=(Role.HEADTEACHER, Role.DSL),
            escalates_at=None,
            escalates_to=None,
        ),
        stamp("escalation", Role.DEPUTY, reply=True),
    ),
    "closed": lambda: compose_closed(
        alert(
            reason=Reason.CLOSED,
            removal=Taken(Done.HIDDEN, NOW - timedelta(minutes=3)),
            escalates_at=None,
            escalates_to=None,
        ),
        stamp("closed", reply=True),
        at=NOW - timedelta(minutes=2),
        by=Role.DSL,
    ),
    "group-rolled": lambda: compose_group(rolled_up(), stamp("rolled-up")),
    "group": lambda: compose_group(group(), stamp("grouped")),
    "digest-office": lambda: compose_digest(digest(), stamp("digest", Role.OFFICE)),
    "digest-esafety": lambda: compose_digest(digest(), stamp("digest", Role.ESAFETY)),
    "digest-quiet": lambda: compose_digest(quiet_digest(), stamp("digest", Role.ESAFETY)),
    "code": lambda: compose_code(
        CodeView(code="40318826", asked_at=NOW, until=NOW + timedelta(minutes=10)), stamp("code")
    ),
    "claim": lambda: compose_claim(
        ClaimView(
            network="x",
            asked_at=NOW - timedelta(minutes=1),
            until=NOW + timedelta(days=7),
            link=LINK,
        ),
        stamp("claim", Role.OFFICE),
    ),
}


def read(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


def part(data: bytes, kind: str) -> str:
    """The text of the "plain" or "html" part."""
    body = read(data).get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def shown(data: bytes) -> str:
    """What a golden file holds: the headers as read, an empty line, the plain text."""
    message = read(data)
    headers = [f"{name}: {' '.join(str(value).split())}" for name, value in message.items()]
    return "\n".join(headers) + "\n\n" + part(data, "plain")


GOLDEN = Path(__file__).parent / "golden"
