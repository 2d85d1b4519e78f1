"""A school whose page is really served on loopback, its people, and browsers that look at it."""

import atexit
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import requests
from bs4 import BeautifulSoup
from sqlmodel import select

from alerts.doors import load_doors
from alerts.links import issue
from alerts.web.app import create_app
from alerts.web.context import PageContext, Person
from alerts.words import family
from monitor import items
from monitor.cases import keep_evidence
from monitor.domain import ActionKind, Author, Capability, Guide, Item, ItemKind, Means, Role
from monitor.sandbox.serve import Serving
from monitor.tables import AuditRow, CaseRow, CodeRow, DecisionRow, FindingRow, ItemRow
from tests.alerts.fresh import fresh_store

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
            return case.ref

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

    def signed_in(self, role: Role = Role.HEADTEACHER) -> "Browser":
        browser = Browser(self)
        browser.sign_in(role)
        return browser


class Browser:
    """A person's browser: it keeps cookies, follows redirects, and fills forms as they stand on the page."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.session = requests.Session()
        self.session.trust_env = False
        self.last: requests.Response | None = None

    def get(self, path: str, **options) -> requests.Response:
        self.last = self.session.get(self.school.url + path, timeout=10, **options)
        return self.last

    def post(self, path: str, data=None, **options) -> requests.Response:
        self.last = self.session.post(self.school.url + path, data=data or {}, timeout=10, **options)
        return self.last

    @property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.last.text, "html.parser")

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", self.soup.main.get_text())

    def fields(self, choice: str) -> dict[str, str]:
        """The hidden fields of the form for one choice, as the page holds them; empty when it is not offered."""
        for form in self.soup.find_all("form"):
            values = {one["name"]: one.get("value", "") for one in form.find_all("input")}
            if values.get("choice") == choice:
                return values
        return {}

    def choose(self, ref: str, choice: str, **extra) -> requests.Response:
        """Open the case's page and press the button of one choice."""
        self.get(f"/case/{ref}" + ("/delete" if choice == "delete" else ""))
        values = self.fields(choice)
        assert values, f"{choice} is not offered"
        return self.post(f"/case/{ref}/decide", values | extra)

    def sign_in(self, role: Role = Role.HEADTEACHER) -> None:
        self.post("/code", {"address": PEOPLE[role].email})
        self.post("/sign-in", {"code": self.school.mailed[-1][2]})
        assert self.last.url.endswith("/cases"), self.last.text


@contextmanager
def open_school(folder: Path, **changes) -> Iterator[School]:
    with School(folder, **changes) as school:
        yield school
