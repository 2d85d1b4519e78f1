"""Who is told of a case, and who may see it. Pure: cases and configuration in, roles and addresses out.

A person named in an allegation is never told of it: their role is bypassed, whoever would stand in for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from alerts.envelope import Detail, House, Stamp, Thread, message_id
from alerts.schedule import Schedule
from alerts.words import family
from monitor.domain import ActionKind, Capability, Role
from monitor.following import Listed
from monitor.forecast import DOLLARS_PER_POUND
from monitor.hours import Hours
from monitor.tables import CaseRow

# Who decides where the one who should is named in it (requirement C14: about the headteacher, the chair of governors).
INSTEAD: Mapping[Role, Role] = {
    Role.HEADTEACHER: Role.CHAIR,
    Role.DEPUTY: Role.CHAIR,
    Role.DSL: Role.CHAIR,
    Role.ESAFETY: Role.CHAIR,
    Role.CHAIR: Role.HEADTEACHER,
}
_LAST_RESORTS = (Role.CHAIR, Role.DSL, Role.ESAFETY, Role.HEADTEACHER, Role.DEPUTY)
_CONFIDENTIAL = frozenset({"staff_allegation"})  # need to know: who is told of it, and the chair behind them
_SAFEGUARDING = frozenset({Role.DSL, Role.ESAFETY})  # see every other case; the headteacher does too


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is written to: the role they are asked in, and their address."""

    role: Role
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """What reading costs (US dollars a read, by network) and what may be read of it in a month (by network)."""

    prices: Mapping[str, Decimal] = field(default_factory=dict)
    reads: Mapping[str, int] = field(default_factory=dict)
    optional_share: float = 0.8
    dollars_per_pound: Decimal = DOLLARS_PER_POUND


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """Where alerts may be answered by mail, and for how long. `plus`: its server takes a code after a + in the address.
    `holders`: the address of each role that somebody holds, whoever stands in for it."""

    address: str
    plus: bool
    valid: timedelta
    holders: Mapping[Role, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What telling needs to know of the school; filled from the configuration."""

    house: House
    hours: Hours
    key: bytes  # for Message-IDs
    public_url: str
    link_valid: timedelta
    reader: Callable[[Role, date], Reader]  # whoever answers for a role on a day
    detail: Callable[[Role], Detail]
    accounts: Mapping[str, str]  # account key → the name people know
    networks: Mapping[str, str]  # account key → its network
    capabilities: Mapping[str, Mapping[ActionKind, Capability]]  # by network
    budget: Budgets = Budgets()
    replies: Replies | None = None  # None: nothing is answered by mail
    schedule: Schedule = field(default_factory=Schedule)  # of the week's and the term's reports
    listed: tuple[Listed, ...] = ()  # the configuration's organisations
    overdue_after: timedelta = timedelta(days=14)  # a follower that waits longer is marked
    mails_per_hour: int = 10  # about cases, to one person
    closed_mails: bool = True  # one to who was told, when somebody else closed the case
    is_away: Callable[[Role, date], bool] = lambda _role, _day: False

    def today(self, now: datetime) -> date:
        return now.astimezone(self.hours.zone).date()

    def readers(self, case: CaseRow, now: datetime) -> tuple[Reader, ...]:
        """Who is told of a case, first the one who decides; each address once. Empty only when everybody is named in it."""
        return self._resolved(routed(case), case, now)

    def standing_in(self, role: Role, case: CaseRow, now: datetime) -> tuple[Reader, ...]:
        """Who is told of a case for one role alone."""
        return self._resolved((role,), case, now)

    def escalated(self, case: CaseRow, now: datetime) -> Reader:
        """Who is told first when nobody answers; who decides anyway where nobody stands behind."""
        return next(iter(self.behind(case, now)), self.readers(case, now)[0])

    def behind(self, case: CaseRow, now: datetime) -> tuple[Reader, ...]:
        """Who is told one after the other when nobody answers: the chain of deputies, each address once, without those
        who are told anyway and who may not see it. Whoever is away that day comes last."""
        told = {reader.address for reader in self.readers(case, now)}
        today = self.today(now)
        found: dict[str, Reader] = {}
        secret = family(case.category) in _CONFIDENTIAL
        behind = (
            (Role.CHAIR,) if secret else (Role.DEPUTY, Role.ESAFETY, Role.DSL, Role.HEADTEACHER, Role.CHAIR)
        )
        for role in behind:
            for reader in self._resolved((role,), case, now):
                if reader.address not in told and self.may_see(reader.role, case):
                    found.setdefault(reader.address, reader)
        return tuple(sorted(found.values(), key=lambda one: self.is_away(one.role, today)))

    def may_see(self, role: Role, case: CaseRow) -> bool:
        """Whether somebody signed in with `role` may open this case."""
        if role in bypassed(case) or role is Role.IT:
            return False
        roles = routed(case)
        if role in roles:
            return True
        if family(case.category) in _CONFIDENTIAL:
            decides_instead = set(roles) <= bypassed(case) and role in _LAST_RESORTS[:2]
            return role is Role.CHAIR or decides_instead
        return role in _SAFEGUARDING or role in {Role.HEADTEACHER, Role.DEPUTY}

    def may_hear(self, reader: Reader, case: CaseRow, now: datetime) -> bool:
        """Whether somebody who was to be told, or was told, may hear of this case as it stands now: a later version of
        it may name them, or be need to know."""
        out, today = bypassed(case), self.today(now)
        if reader.role in out or reader.address in {self.reader(role, today).address for role in out}:
            return False
        entitled = (*self.readers(case, now), *self.behind(case, now))
        return self.may_see(reader.role, case) or reader.address in {one.address for one in entitled}

    def stamp(
        self,
        reader: Reader,
        *parts: str,
        now: datetime,
        thread: str | None = None,
        topic: Thread | None = None,
    ) -> Stamp:
        """The envelope of one message: the same `parts` always give the same Message-ID. `thread`: the Message-ID that it
        answers."""
        domain = self.house.sender.rpartition("@")[2]
        return Stamp(
            house=replace(self.house, detail=self.detail(reader.role)),
            to=reader.address,
            role=reader.role,
            message_id=message_id(self.key, *parts, reader.address, domain=domain),
            date=now.replace(microsecond=0),
            in_reply_to=thread,
            references=(thread,) if thread else (),
            thread=topic,
        )

    def _resolved(self, roles: tuple[Role, ...], case: CaseRow, now: datetime) -> tuple[Reader, ...]:
        out = bypassed(case)
        today = self.today(now)
        shunned = {self.reader(role, today).address for role in out}
        found: dict[str, Reader] = {}
        for role in roles:
            for candidate in (role, INSTEAD.get(role, Role.CHAIR), *_LAST_RESORTS):
                if candidate in out:
                    continue
                reader = self.reader(candidate, today)
                if reader.address in shunned or reader.role in out:
                    continue
                found.setdefault(reader.address, reader)
                break
        return tuple(found.values())


def to_be_asked(case: CaseRow, holders: Mapping[Role, str]) -> Role | None:
    """The safeguarding lead, or who answers for them, where they may be brought into a case: None where they are in it
    already or are named in it. `holders`: role → address."""
    named, there = bypassed(case), set(routed(case))
    shunned = {holders[role] for role in named if role in holders}
    role = next((one for one in (Role.DSL, Role.ESAFETY) if one in holders), None)
    if role is None or role in there | named or holders[role] in shunned or Role.DSL in named:
        return None
    return role


def routed(case: CaseRow) -> tuple[Role, ...]:
    return tuple(Role(word) for word in case.roles.split(",") if word)


def bypassed(case: CaseRow) -> frozenset[Role]:
    return frozenset(Role(word) for word in case.bypassed.split(",") if word)
