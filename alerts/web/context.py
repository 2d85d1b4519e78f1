"""What the page is given, and who is looking at it. Holds no route and no judgement of its own.

Time, people, capabilities and words come from the composition root; the database is the only state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from alerts import sessions
from alerts.desk import Budgets, to_be_asked
from alerts.device_news import DeviceNews
from alerts.digest_parts import Section
from alerts.doors import Doors
from alerts.links import recipient_hash
from alerts.oidc import Service
from alerts.proof import Prover
from alerts.report_paths import ReportPaths, load_report_paths
from alerts.trying import PhraseTester
from alerts.words import NEVER_HIDDEN, category_words, family
from monitor.domain import ActionKind, Capability, Role, Severity
from monitor.errors import ConfigError
from monitor.following import Listed
from monitor.hours import Hours
from monitor.store import Store
from monitor.tables import CaseRow
from monitor.tables_people import FollowerRow
from monitor.trying import Trying

_SATURDAY = 5  # as datetime.weekday() counts
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """`public_url` is how reviewers reach the page: https, or http on loopback only (ConfigError otherwise).

    `send_code` composes the mail and puts it into the outbox in the session's own transaction. `may_see` is asked
    for each role, and looks at the case's category, roles and bypassed alone (alerts/web/sight.py counts by them); who is
    named in a case (`CaseRow.bypassed`) is shut out before it is asked.
    """

    store: Store
    clock: Callable[[], datetime]
    public_url: str
    timezone: ZoneInfo
    school_name: str
    version: str
    people: Mapping[Role, Person]
    capabilities: Mapping[str, Mapping[ActionKind, Capability]]
    send_code: Callable[[Session, Role, str, str, datetime], None]
    may_see: Callable[[Role, CaseRow], bool]
    doors: Doors
    report_paths: ReportPaths = field(default_factory=load_report_paths)
    complaints: str = ""  # the address of the school's complaints procedure; empty: it is not named
    is_working_day: Callable[[date], bool] = lambda day: day.weekday() < _SATURDAY  # of a local authority
    jurisdiction: str = "england"
    listed: tuple[Listed, ...] = ()  # the configuration's organisations
    overdue_after: timedelta = timedelta(days=14)  # a follower that waits longer is marked
    accounts: Mapping[str, str] = field(default_factory=dict)  # account key → its name as people know it
    networks: Mapping[str, str] = field(default_factory=dict)  # account key → its network
    hours: Hours | None = None  # when people may be mailed; None: at once, and the archive names no gap
    # the first audit entry that does not follow from the one before; None: it is not asked here
    chain_broken_at: Callable[[], int | None] | None = None
    # what the configuration says, for a viewer of these roles on a day; None: there is no such page
    configured: Callable[[frozenset[Role], date], Sequence[Section]] | None = None
    claim_networks: tuple[str, ...] = ()  # where followers can be told apart; none: there is no claim page
    claim_address: str = ""  # where families may write to instead; none: it is not shown
    provers: Mapping[str, Prover] = field(default_factory=dict)  # where families may sign in to prove
    budget: Budgets = field(default_factory=Budgets)  # which bears what a sign-in costs
    # mails an invitation to claim
    invite: Callable[[Session, FollowerRow, str, datetime], None] | None = None
    judge: Trying | None = None  # the running service's own; None: nothing is learnt here
    tester: PhraseTester | None = None  # None: there is no phrase tester
    drill_accounts: tuple[str, ...] = ()  # keys of the accounts that are watched
    drill_hours: Hours | None = None  # None: no drill can be asked for here
    may_hide: Callable[[str], bool] = lambda category: family(category) not in NEVER_HIDDEN
    title: Callable[[str], str] = lambda category: category_words(category).name
    escalated_to: Callable[[CaseRow, datetime], Role | None] | None = None  # None: the page names nobody
    valid_code: timedelta = timedelta(minutes=10)
    valid_session: timedelta = timedelta(hours=12)
    idle: timedelta = timedelta(hours=12)  # a browser that asks for nothing in this time is signed out
    remembered: timedelta = timedelta(days=30)  # for how long a device may be remembered; 0: never
    # mails its owner what became of a remembered device; None: nobody is told
    tell_device: Callable[[Session, Role, str, DeviceNews, datetime], None] | None = None
    services: Mapping[str, Service] = field(default_factory=dict)  # where reviewers may sign in instead
    steady: Callable[[], datetime] | None = None  # what sign-ins end by (alerts/steady.py); None: `clock`
    # when a case of a severity, of which somebody was told at a time, goes on to somebody else; None: never
    escalates_at: Callable[[Severity, datetime], datetime | None] = lambda severity, told_at: (
        told_at + timedelta(minutes=15) if severity is Severity.CRITICAL else None
    )

    def __post_init__(self) -> None:
        parts = urlsplit(self.public_url)
        if parts.scheme == "https" and parts.hostname:
            return
        if parts.scheme == "http" and parts.hostname in _LOOPBACK:
            return
        raise ConfigError(
            [
                "page.public_url: must begin with https:// (plain http only on 127.0.0.1); sign-in cookies need it"
            ]
        )

    @property
    def host(self) -> str:
        return urlsplit(self.public_url).hostname or ""

    @property
    def origin(self) -> str:
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    @property
    def takes_claims(self) -> bool:
        return bool(self.claim_networks or self.provers)

    @property
    def over_https(self) -> bool:
        return self.public_url.lower().startswith("https:")

    def sure_now(self) -> datetime:
        """The time by which codes, sign-ins and devices end: never put back."""
        return (self.steady or self.clock)()

    def holds(self, recipient: str, role: Role) -> bool:
        """Whether the person behind a keyed address hash holds the role now."""
        return role in self.roles_of(recipient)

    def to_be_asked(self, case: CaseRow) -> Role | None:
        """See alerts/desk.py."""
        return to_be_asked(case, {role: person.email for role, person in self.people.items()})

    def roles_of(self, recipient: str) -> frozenset[Role]:
        """Every role that the person behind a keyed address hash holds now; none when they have left."""
        return frozenset(
            role
            for role, person in self.people.items()
            if recipient_hash(self.store.vault, person.email) == recipient
        )

    def reviewer(self, recipient: str, wanted: Role | None = None) -> tuple[Role, str] | None:
        """(role, address) of the person behind a keyed address hash, as `wanted` if they hold it; None for a stranger."""
        roles = [role for role in self.people if role in self.roles_of(recipient)]
        role = wanted if wanted in roles else next(iter(roles), None)
        return (role, self.people[role].email) if role is not None else None


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in reviewer, with every role that the same address holds today."""

    signed_in: sessions.SignedIn
    name: str
    roles: frozenset[Role]

    @property
    def role(self) -> Role:
        return self.signed_in.role


def viewer_of(
    page: PageContext, session: Session, token: str | None, seen: str = "", *, now: datetime
) -> Viewer | None:
    """Who holds this sign-in token; None when nobody, or when the role is another person's by now. `seen`: the cookie
    beside it (alerts/sessions.py)."""
    signed_in = sessions.who(page.store, session, token, now=now, idle=page.idle, seen=seen)
    if signed_in is None:
        return None
    roles = page.roles_of(signed_in.recipient)
    if signed_in.role not in roles:
        return None
    return Viewer(signed_in, page.people[signed_in.role].name, roles)


def seen_as(page: PageContext, viewer: Viewer, case: CaseRow) -> Role | None:
    """The role in which this viewer may see the case, the signed-in one first; None when in none.

    Whoever is named in a case does not see it in any role (conflict of interest, requirement C14).
    """
    if viewer.roles & {Role(name) for name in case.bypassed.split(",") if name}:
        return None
    ordered = sorted(viewer.roles, key=lambda role: (role is not viewer.role, role.value))
    return next((role for role in ordered if page.may_see(role, case)), None)


def case_by_ref(page: PageContext, session: Session, ref: str) -> CaseRow | None:
    return session.exec(
        select(CaseRow).where(CaseRow.school_id == page.store.school, CaseRow.ref == ref)
    ).first()


def case_for(page: PageContext, session: Session, viewer: Viewer, ref: str) -> tuple[CaseRow, Role] | None:
    """The case of this reference with the role in which the viewer may see it; None: there is none for them."""
    case = case_by_ref(page, session, ref)
    role = seen_as(page, viewer, case) if case is not None else None
    return (case, role) if case is not None and role is not None else None


def role_among(viewer: Viewer, roles: frozenset[Role]) -> Role | None:
    """The role in which this viewer does what these roles may do, the signed-in one first; None when they may not."""
    mine = viewer.roles & roles
    return viewer.role if viewer.role in mine else min(mine, default=None)
