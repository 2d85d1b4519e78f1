"""The fixed words of mails and pages: categories, severities, roles, networks, authors, times. Nothing from a network.

A subject line is made of these words only, and each is chosen so that a lock screen may show it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from alerts import safe
from monitor.domain import ItemKind, Reason, Role, Severity, VerificationState
from monitor.triage import CATEGORIES as CATALOGUE

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_RUNS = 8  # of references, in one line
CALL = {
    Severity.CRITICAL: "ACT NOW",
    Severity.HIGH: "LOOK TODAY",
    Severity.MEDIUM: "TO REVIEW",
    Severity.LOW: "TO KNOW",
}
_STATES = {
    Reason.FIRST: "NEW",
    Reason.UPDATED: "UPDATED",
    Reason.ESCALATION: "ESCALATED",
    Reason.CLOSED: "CLOSED",
}
NETWORKS = {
    "x": ("X", "account"),
    "facebook": ("Facebook", "page"),
    "instagram": ("Instagram", "account"),
    "youtube": ("YouTube", "channel"),
    "bluesky": ("Bluesky", "account"),
    "mastodon": ("Mastodon", "account"),
    "threads": ("Threads", "account"),
    "wordpress": ("WordPress", "site"),
    "blogger": ("Blogger", "blog"),
    "linkedin": ("LinkedIn", "page"),
    "tiktok": ("TikTok", "account"),
    "flickr": ("Flickr", "account"),
    "pinterest": ("Pinterest", "account"),
    "wikipedia": ("Wikipedia", "article"),
}
ROLES = {
    Role.HEADTEACHER: "the headteacher",
    Role.DEPUTY: "the deputy headteacher",
    Role.DSL: "the designated safeguarding lead",
    Role.ESAFETY: "the e-safety coordinator",
    Role.OFFICE: "the school office",
    Role.IT: "the IT technician",
    Role.CHAIR: "the chair of governors",
}
ROLES_BY_JURISDICTION = {
    "wales": {Role.DSL: "the designated safeguarding person"},
    "scotland": {Role.DSL: "the child protection coordinator"},
    "northern_ireland": {Role.DSL: "the designated teacher for child protection"},
}


class Category(NamedTuple):
    short: str  # for a subject line, at most 24 characters
    name: str  # for a table
    clause: str  # "A comment on your page ..."; {target} is filled


CATEGORIES = {
    "threat": Category("possible threat", "Threat", "may contain a threat{target}"),
    "grooming": Category(
        "child-safety concern", "Grooming", "may be from an adult seeking private contact with a child"
    ),
    "child_at_risk": Category("child-safety concern", "Child at risk", "may show that a child is at risk"),
    "discrimination": Category("discriminatory remark", "Discriminatory remark", "may be discriminatory"),
    "self_harm_encouragement": Category(
        "child-safety concern", "Encouraging self-harm", "may encourage self-harm"
    ),
    "extremism": Category("possible extremism", "Extremism", "may promote terror or hatred as a cause"),
    "bullying": Category("possible bullying", "Bullying", "may be bullying a pupil"),
    "sexual": Category("unsuitable content", "Sexual remark", "may contain a sexual remark"),
    "staff_allegation": Category(
        "confidential matter", "Allegation about staff", "may make an allegation about a member of staff"
    ),
    "insult": Category("possible insult", "Insult", "may be abusive{target}"),
    "identifying": Category("pupil information", "Identifies a pupil", "may identify a pupil"),
    "impersonation": Category("possible impersonation", "Impersonation", "may pretend to be the school"),
    "false_information": Category(
        "possible false notice", "False information", "may spread false information about the school"
    ),
    "drugs_weapons": Category("possible drugs or arms", "Drugs or weapons", "may offer drugs or weapons"),
    "profanity": Category("crude language", "Crude language", "contains crude language"),
    "spam": Category("spam", "Spam", "looks like advertising or a scam"),
    "complaint": Category("complaint", "Complaint", "looks like a complaint to the school"),
    "press": Category("press question", "Press question", "looks like a question from a reporter"),
    "unverified_follower": Category(
        "follower to check", "Follower to check", "is not matched to the school's records"
    ),
    "underage": Category(
        "possible under-age user", "Possibly under age", "may belong to a child under the network's age"
    ),
}
UNKNOWN = Category("something to look at", "Something to look at", "may need your attention")
CHARACTERISTICS = {
    "sex": "sex",
    "gender_reassignment": "gender reassignment",
    "race": "race",
    "disability": "disability",
    "sexual_orientation": "sexual orientation",
    "religion_or_belief": "religion or belief",
    "age": "age",
    "pregnancy_maternity": "pregnancy and maternity",
}
TARGETS = {
    "": "",
    "staff": " to a member of staff",
    "pupil": " to a pupil",
    "parent": " to a parent",
    "school": " to the school",
}
NEVER_QUOTED = frozenset({"identifying", "staff_allegation", "sexual", "grooming", "child_at_risk"})
NEVER_HIDDEN = frozenset(name for name, row in CATALOGUE.items() if not row.may_hide)  # complaints, the press
NATIONAL = ("KCSIE", "Prevent", "Equality Act", "Online Safety Act", "UKCIS")
OFFICE_SEES = frozenset({"unverified_follower", "underage"})


def family(category: str) -> str:
    """`discrimination.race` belongs to `discrimination`."""
    return category.partition(".")[0]


def category_words(category: str) -> Category:
    words = CATEGORIES.get(family(category), UNKNOWN)
    what = CHARACTERISTICS.get(category.partition(".")[2]) if family(category) == "discrimination" else None
    return words._replace(name=f"{words.name} ({what})", clause=f"{words.clause} ({what})") if what else words


def guidance(policy: str) -> str:
    """Of a rule's sources only what every school knows: national guidance and law, not another school's policy."""
    return "; ".join(part for part in policy.split("; ") if part.startswith(NATIONAL))


def network_words(network: str) -> tuple[str, str]:
    """(name, what an account is called there); a network without an entry is called by its bare key."""
    key = "".join(char for char in network if char.isascii() and char.isalnum())
    return NETWORKS.get(network, (key[:16].capitalize() or "Network", "account"))


def happened(kind: ItemKind, network: str, category: str, target: str = "") -> str:
    """One plain sentence of what was seen, without a word of it."""
    name, place = network_words(network)
    clause = category_words(category).clause.format(target=TARGETS.get(target, ""))
    start = {
        ItemKind.COMMENT: f"A comment on your {name} {place}",
        ItemKind.MENTION: f"A post that mentions your {name} {place}",
        ItemKind.VISITOR_POST: f"A visitor's post on your {name} {place}",
        ItemKind.FOLLOWER: f"A follower of your {name} {place}",
        ItemKind.POST: f"A post on your own {name} {place}",
    }[kind]
    return f"{start} {clause}."


def role_words(role: Role, jurisdiction: str = "england") -> str:
    return ROLES_BY_JURISDICTION.get(jurisdiction, {}).get(role, ROLES[role])


def author_words(state: VerificationState | None, role: str | None = None) -> str:
    """The other person as a type, never as a person. None: the network does not say who wrote it."""
    if state is None:
        return "the network does not say who wrote it"
    if state is VerificationState.VERIFIED:
        kind = {
            "parent": "a parent",
            "staff": "a member of staff",
            "pupil": "a pupil",
            "governor": "a governor",
        }
        return f"{kind.get(role or '', 'a person')} on the school's records (verified)"
    return {
        VerificationState.CLAIMED: "an account that says it is a parent's; not proven yet",
        VerificationState.ORGANISATION: "an organisation that the school knows",
        VerificationState.REJECTED: "an account that the school has turned away",
        VerificationState.LEFT: "an account that no longer follows the school",
    }.get(state, "an account that is not on the school's records")


def state_of(reason: Reason, *, number: int = 0, one_thread: bool = False) -> dict[str, str]:
    """What tells a case's mails apart, as `state` for the mail and `prefix` for its subject. The prefix is empty for
    `one_thread`: Gmail keeps only mails with the same subject together."""
    state = f"REMINDER {number}" if reason is Reason.REMINDER else _STATES[reason]
    return {"state": state, "prefix": "" if one_thread else f"{state} · "}


def listed(words: tuple[str, ...]) -> str:
    """The words as a person says them: a, b and c."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def crowd_words(account: str, refs: tuple[str, ...], *, in_thread: bool) -> tuple[str, str, str]:
    """(how many more, where, which ones): of `refs`, which are in order, each run as its two ends."""
    place = safe.shown(account, 80)
    runs: list[list[str]] = []
    for ref in refs:
        number = int(ref.rpartition("-")[2])
        if runs and number == int(runs[-1][-1].rpartition("-")[2]) + 1:
            runs[-1].append(ref)
        else:
            runs.append([ref])
    ends = [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    shown = listed(tuple(ends[:_RUNS])) + (", and others" if len(ends) > _RUNS else "")
    where = f"in this thread of {place}" if in_thread else f"on {place}"
    return (
        f"And {len(refs)} more {where}",
        f"{shown}.",
        "They are on the page; somebody may be writing a lot on purpose.",
    )


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def day(when: date) -> str:
    """Fri 20 Nov"""
    return f"{DAYS[when.weekday()]} {when.day} {MONTHS[when.month - 1]}"


class LocalTime:
    """Times as the school reads them: its own zone, in words that do not depend on the server's language."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def date(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def clock(self, at: datetime) -> str:
        """14:02"""
        return f"{at.astimezone(self._zone):%H:%M}"

    def full(self, at: datetime) -> str:
        """Fri 20 Nov 2026, 14:02"""
        local = at.astimezone(self._zone)
        return f"{day(local)} {local.year}, {local:%H:%M}"

    def named(self, at: datetime) -> str:
        """Fri 20 Nov 2026, 14:02 UK time"""
        return f"{self.full(at)} {'UK time' if self._zone.key == 'Europe/London' else self._zone.key}"

    def near(self, at: datetime, now: datetime) -> str:
        """14:02 on the day of `now`, else Thu 19 Nov, 14:02"""
        return (
            self.clock(at) if self.date(at) == self.date(now) else f"{day(self.date(at))}, {self.clock(at)}"
        )

    def when(self, at: datetime, now: datetime) -> str:
        """Says at 14:02 on the day of `now`, else on Thu 19 Nov, 14:02"""
        return f"{'at' if self.date(at) == self.date(now) else 'on'} {self.near(at, now)}"
