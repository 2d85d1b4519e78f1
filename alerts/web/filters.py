"""What the list of cases is asked for: the words of its address as values. Pure; whatever does not read as one of ours
is left out, and said so in one sentence that repeats nothing of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from monitor.domain import CaseState, Severity

OLDER: Mapping[str, tuple[str, timedelta]] = {
    "1d": ("1 day", timedelta(days=1)),
    "3d": ("3 days", timedelta(days=3)),
    "7d": ("7 days", timedelta(days=7)),
    "30d": ("30 days", timedelta(days=30)),
}
WHOSE: Mapping[str, str] = {"me": "Waiting for me", "mine": "I am on it"}
_REFERENCE = re.compile(r"\s*(?:([A-Za-z]{2,4})[\s-]{0,3})?0{0,9}([1-9][0-9]{0,8})\s*", re.ASCII)
_NAMES = {
    "state": "state",
    "severity": "severity",
    "about": "kind",
    "account": "account",
    "whose": "person",
    "older": "age",
    "by": "order",
    "page": "page number",
}
_MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty or None: whatever it is. `about` is a family of categories, `account` an account's key."""

    state: CaseState | None = None
    severity: Severity | None = None
    about: str = ""
    account: str = ""
    whose: str = ""
    older: str = ""
    by: str = ""
    page: int = 1

    @property
    def is_any(self) -> bool:
        """Whether nothing is left out."""
        return replace(self, by="", page=1) == Wanted()

    def address(self, page: int) -> str:
        """The list's address with these words and another page."""
        words = {
            "state": self.state.value if self.state else "",
            "severity": self.severity.word if self.severity else "",
            "about": self.about,
            "account": self.account,
            "whose": self.whose,
            "older": self.older,
            "by": self.by,
            "page": str(page) if page > 1 else "",
        }
        query = urlencode({name: value for name, value in words.items() if value})
        return f"/cases?{query}" if query else "/cases"


def wanted(
    query: Mapping[str, str], families: Collection[str], accounts: Collection[str]
) -> tuple[Wanted, str]:
    """The words of an address, and one sentence about those that were left out (empty: none were)."""
    choices: dict[str, Mapping[str, object]] = {
        "state": {one.value: one for one in CaseState},
        "severity": {one.word: one for one in Severity},
        "about": {one: one for one in families},
        "account": {one: one for one in accounts},
        "whose": {one: one for one in WHOSE},
        "older": {one: one for one in OLDER},
        "by": {"thread": "thread"},
    }
    found: dict[str, object] = {}
    wrong = []
    for name, values in choices.items():
        given = query.get(name, "")
        if given in values:
            found[name] = values[given]
        elif given:
            wrong.append(_NAMES[name])
    number = query.get("page", "")
    if re.fullmatch(r"[1-9][0-9]{0,5}", number, re.ASCII) and int(number) <= _MOST_PAGES:
        found["page"] = int(number)
    elif number:
        wrong.append(_NAMES["page"])
    return Wanted(**found), _left_out(wrong)  # type: ignore[arg-type]


def _left_out(wrong: list[str]) -> str:
    if not wrong:
        return ""
    *first, last = wrong
    names = f"{', '.join(first)} and {last}" if first else last
    verb, was = ("are", "they were") if first else ("is", "it was")
    return f"The {names} in this address {verb} not one of ours, so {was} left out; choose from the list."


def reference(written: str) -> tuple[str, int] | None:
    """(prefix or "", number) of the case that is meant by "SM-0142", "sm142", "142" …; None when it reads as none."""
    found = _REFERENCE.fullmatch(written[:40])
    return ((found[1] or "").upper(), int(found[2])) if found else None


def filters_shown() -> dict[str, Mapping[str, str]]:
    """What the form offers beside kinds and accounts: value → words."""
    return {
        "states": {"open": "Waiting", "acknowledged": "Somebody is on it", "closed": "Closed"},
        "severities": {one.word: one.word.capitalize() for one in reversed(Severity)},
        "whose": WHOSE,
        "ages": {key: says for key, (says, _) in OLDER.items()},
        "orders": {"thread": "What stands under one post together"},
    }
