"""A school whose page is really served on loopback, its people, and browsers that look at it."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import select

from alerts.doors import load_doors
from alerts.links import issue, new_token, recipient_hash
from alerts.web.app import create_app
from alerts.web.context import PageContext, Person
from alerts.words import family
from monitor import items
from monitor.domain import ActionKind, Author, Capability, Guide, Item, ItemKind, Means, Role
from monitor.evidence import keep_evidence
from monitor.retention import chain_broken_at
from monitor.sandbox.serve import Serving
from monitor.tables import AuditRow, CaseRow, DecisionRow, FindingRow, ItemRow, NoticeRow, OutboxRow
from monitor.tables_people import CodeRow, SignInRow
from monitor.vault import token_hash
from tests.alerts.fresh import fresh_store
from tests.alerts.page_browser import Browser

NOON = datetime(2026, 11, 20, 12, 40, tzinfo=UTC)
PEOPLE = {
    Role.HEADTEACHER: Person("Asha Quill", "head@stmarys.example"),
    Role.DEPUTY: Person("Ben Lark", "deputy@stmarys.example"),
    Role.DSL: Person("Cara Finch", "dsl@stmarys.example"),
    Role.OFFICE: Person("Dot Wren", "office@stmarys.example"),
    Role.IT: Person("Eli Crane", "it@stmarys.example"),
}
FACEBOOK = {
    ActionKind.HIDE: Capability(Means.BY_API, note="its author still sees it"),
    ActionKind.UNHIDE: Capability(Means.BY_API),
    ActionKind.DELETE: Capability(Means.BY_API),
    ActionKind.REPORT: Capability(
        Means.GUIDED, Guide("{url}", ("Open the comment.", "Press the three dots, then Report comment."))
    ),
    ActionKind.BLOCK: Capability(Means.BY_API),
    ActionKind.REMOVE_FOLLOWER: Capability(Means.NONE),
}
X = {
    ActionKind.HIDE: Capability(Means.BY_API, note="a reader can still open hidden replies"),
    ActionKind.UNHIDE: Capability(Means.BY_API),
    ActionKind.DELETE: Capability(Means.NONE),
    ActionKind.REPORT: Capability(Means.GUIDED, Guide("{url}", ("Open the post.", "Press Report post."))),
    ActionKind.BLOCK: Capability(
        Means.GUIDED, Guide("https://x.com/{handle}", ("Open the profile.", "Press Block."))
    ),
    ActionKind.REMOVE_FOLLOWER: Capability(Means.NONE),
}


class _Stage:
    app = None


@cache
def _served() -> tuple[str, _Stage]:
    """One server for the whole run: starting and stopping one for each test would take most of the time."""
    stage = _Stage()

    async def current(scope, receive, send) -> None:
        await stage.app(scope, receive, send)

    serving = Serving(current).start()
    atexit.register(serving.stop)
    return serving.url, stage


def may_see(role: Role, case: CaseRow) -> bool:
    if role is Role.IT:
        return False
    if role is Role.OFFICE:
        return family(case.category) in {"unverified_follower", "underage"}
    return True


class School:
    """`now` is the time for everybody; `mailed` is what send_code was given: (role, address, code)."""

    def __init__(self, folder: Path, **changes) -> None:
        self.store = fresh_store(folder)
        self.now = NOON
        self.mailed: list[tuple[Role, str, str]] = []
        self.url, self._stage = _served()
        self.page = PageContext(
            **{
                "store": self.store,
                "clock": lambda: self.now,
                "public_url": self.url,
                "timezone": ZoneInfo("Europe/London"),
                "school_name": "St Elsewhere Primary School",
                "version": "0.1.0",
                "people": PEOPLE,
                "capabilities": {"facebook": FACEBOOK, "x": X},
                "send_code": lambda _session, role, address, code, _now: self.mailed.append(
                    (role, address, code)
                ),
                "may_see": may_see,
                "chain_broken_at": lambda: chain_broken_at(self.store),
                "escalated_to": lambda _case, _now: Role.DEPUTY,
                "doors": load_doors(),
                "accounts": {"fb-main": "St Elsewhere Primary School"},
            }
            | changes
        )

    def __enter__(self):
        self._stage.app = create_app(self.page)
        return self

    def __exit__(self, *_) -> None:
        self._stage.app = None
        self.store.close()

    def pass_time(self, **span) -> None:
        self.now += timedelta(**span)

    def case(self, text="you lot are dead", *, category="threat", severity=4, number=1, **changes) -> str:
        """One case with its sealed copy; returns its reference."""
        network = changes.pop("network", "facebook")
        found = changes.pop("found", text)
        copied = changes.pop("copied", True)
        bypassed = changes.pop("bypassed", "")
        item = Item(
            **{
                "account": "fb-main" if network == "facebook" else f"{network}-main",
                "kind": ItemKind.COMMENT,
                "external_id": f"c{number}",
                "text": text,
                "author": Author("u1", "kaz_99", "Kaz"),
                "posted_at": self.now - timedelta(minutes=9),
                "url": f"https://www.{network}.com/st-elsewhere/posts/1?comment={number}",
            }
            | changes
        )
        with self.store.write() as session:
            row = items.to_row(
                item,
                self.store.vault,
                school=self.store.school,
                network=network,
                version=1,
                now=self.now,
                baseline=False,
            )
            row.severity, row.category, row.assessed_at = severity, category, self.now
            session.add(row)
            session.flush()
            start = text.find(found)
            session.add(
                FindingRow(
                    school_id=self.store.school,
                    item_id=row.id,
                    category=category,
                    severity=severity,
                    detector="words/threat.dead",
                    reason="Says that people will come to harm",
                    start=start,
                    end=start + len(found),
                    policy="5.2",
                )
            )
            case = CaseRow(
                school_id=self.store.school,
                number=number,
                ref=f"SM-{number:04d}",
                account=row.account,
                network=network,
                kind=row.kind,
                external_id=row.external_id,
                item_id=row.id,
                category=category,
                severity=severity,
                bypassed=bypassed,
                opened_at=self.now,
                standing_at=self.now,
            )
            session.add(case)
            session.flush()
            if copied:
                keep_evidence(session, self.store, case, row, self.now)
        self.notice(case.ref, "first")
        return case.ref

    def newer_version(self, ref: str) -> None:
        """Its author edited it; nobody has judged it yet."""
        with self.store.write() as session:
            old = session.get_one(ItemRow, self.row(ref).item_id)
            item = replace(items.from_row(old, self.store.vault), text="now something else")
            row = items.to_row(
                item,
                self.store.vault,
                school=self.store.school,
                network=old.network,
                version=2,
                now=self.now,
                baseline=False,
            )
            session.add(row)

    def notice(self, ref: str, reason: str) -> None:
        """Somebody was told of the case just now."""
        case = self.row(ref)
        with self.store.write() as session:
            session.add(
                NoticeRow(
                    school_id=self.store.school,
                    case_id=case.id,
                    reason=reason,
                    severity=case.severity,
                    created_at=self.now,
                    not_before=self.now,
                    composed_at=self.now,
                )
            )

    def mail(self, ref: str, role: str, *, reason: str = "first", sent_at=None, failed_at=None) -> None:
        """One message about a case, as the outbox keeps it."""
        with self.store.write() as session:
            session.add(
                OutboxRow(
                    school_id=self.store.school,
                    case_id=self.row(ref).id,
                    role=role,
                    reason=reason,
                    dedup_key=f"{ref} {role} {reason}",
                    message_id=f"{ref}.{role}.{reason}@stmarys.example",
                    sealed=b"",
                    sha256="",
                    created_at=self.now,
                    next_attempt_at=self.now,
                    sent_at=sent_at,
                    failed_at=failed_at,
                )
            )

    def link(self, ref: str | None, role: Role = Role.HEADTEACHER) -> str:
        with self.store.write() as session:
            case = session.exec(select(CaseRow).where(CaseRow.ref == ref)).first()
            return issue(
                self.store,
                session,
                case_id=case.id if case else None,
                role=role,
                address=PEOPLE[role].email,
                now=self.now,
                valid=timedelta(days=14),
            )

    def rows(self, table):
        with self.store.read() as session:
            return session.exec(select(table)).all()

    def row(self, ref: str) -> CaseRow:
        with self.store.read() as session:
            return session.exec(select(CaseRow).where(CaseRow.ref == ref)).one()

    def state(self) -> str:
        """All that a robot must not change."""
        return repr([self.rows(table) for table in (CaseRow, ItemRow, DecisionRow, AuditRow)])

    def codes(self) -> int:
        return len(self.rows(CodeRow))

    def signed_in(self, role: Role = Role.HEADTEACHER) -> Browser:
        """A browser that typed its code earlier, looking at the list."""
        token = new_token()
        with self.store.write() as session:
            session.add(
                SignInRow(
                    school_id=self.store.school,
                    token_hash=token_hash(token),
                    recipient=recipient_hash(self.store.vault, PEOPLE[role].email),
                    role=role.value,
                    created_at=self.now,
                    expires_at=self.now + timedelta(hours=12),
                )
            )
        browser = Browser(self)
        browser.session.cookies.set("schoolgate", token)
        browser.get("/cases")
        return browser


@contextmanager
def open_school(folder: Path, **changes) -> Iterator[School]:
    with School(folder, **changes) as school:
        yield school
