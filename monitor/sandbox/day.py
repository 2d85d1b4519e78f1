"""Loads the scripted, invented school day of the demo from the TOML files beside it.

It reads those files and nothing else, and must not judge a text. What it returns is checked whole: an entry that names
nobody, answers nothing or expects a category that does not exist is refused with one sentence naming the place.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from monitor.domain import ItemKind, Role, Severity, VerificationState
from monitor.errors import MonitorError
from monitor.sandbox.script import (
    Account,
    Delete,
    Edit,
    Entry,
    Expectation,
    Follow,
    OwnPost,
    Person,
    Phase,
    Said,
    School,
    Script,
    Staff,
    Unfollow,
)
from monitor.triage import CATEGORIES

HERE = Path(__file__).parent
NETWORKS = ("x", "facebook")
X_LIMIT = 280  # characters of a post without a subscription (X API, "Counting characters")
# a whole category, or a family such as "identifying"
KNOWN = frozenset(CATEGORIES) | {name.split(".")[0] for name in CATEGORIES}

T = TypeVar("T")


class ScriptError(MonitorError):
    pass


def load_script(folder: Path = HERE) -> Script:
    """The day in `folder`; ScriptError with one sentence when it does not hold together."""
    script = _Reading(folder).script()
    _check(script)
    return script


class _Reading:
    """One pass over the files of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.main = self.file("day.toml")
        school = self.main["school"]
        self.zone = ZoneInfo(school["timezone"])
        self.day: date = school["day"]
        self.first_poll = self.moment(school["first_poll"])

    def file(self, name: str) -> dict[str, Any]:
        try:
            return tomllib.loads((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ScriptError(f"{name} cannot be read ({error}); mend the file or reinstall.") from error

    def script(self) -> Script:
        school = self.main["school"]
        roles = {
            Role(role): Staff(row["name"], f"{row['mailbox']}@{school['domain']}")
            for role, row in self.main["roles"].items()
        }
        people = [
            _built(f"day_people.toml {network}.{key}", Person, row | {"id": key, "network": network})
            for network, rows in self.file("day_people.toml").items()
            for key, row in rows.items()
        ]
        posts = [
            _built(f"day.toml posts.{key}", OwnPost, self.dated(row) | {"id": key})
            for key, row in self.main["posts"].items()
        ]
        entries = list(self.entries("day_followers.toml", "x"))
        for network in NETWORKS:
            entries += self.entries(f"day_{network}.toml", network)
        return Script(
            school=_built(
                "day.toml school", School, school | {"roles": roles, "first_poll": self.first_poll}
            ),
            accounts={
                network: _built(f"day.toml accounts.{network}", Account, row | {"network": network})
                for network, row in self.main["accounts"].items()
            },
            people={person.id: person for person in people},
            posts=tuple(sorted(posts, key=attrgetter("at"))),
            entries=tuple(sorted(entries, key=attrgetter("at"))),
            register_csv=self.folder / "register.csv",
        )

    def moment(self, value: datetime | time) -> datetime:
        """In UTC; a bare time is on the day, in the school's zone."""
        if isinstance(value, time):
            value = datetime.combine(self.day, value, self.zone)
        return value.astimezone(UTC)

    def dated(self, row: Mapping[str, Any]) -> dict[str, Any]:
        at = self.moment(row["at"])
        return dict(row) | {"at": at, "phase": Phase.DAY if at >= self.first_poll else Phase.BASELINE}

    def entries(self, name: str, network: str) -> Iterator[Entry]:
        for table, rows in self.file(name).items():
            if table not in _TABLES:
                raise ScriptError(f"{name}: there is no table {table!r}; use one of {', '.join(_TABLES)}.")
            kind, shaped = _TABLES[table]
            for key, row in rows.items():
                place = f"{name} {table}.{key}"
                try:
                    values = shaped(key, _expecting(place, self.dated(row) | {"network": network}))
                except (KeyError, ValueError) as error:
                    raise ScriptError(
                        f"{place}: {error} is missing or not known; mend this table."
                    ) from error
                yield _built(place, kind, values)


def _built(place: str, kind: Callable[..., T], values: Mapping[str, Any]) -> T:
    """`kind(**values)`, or the sentence that says which key is missing or too many."""
    try:
        return kind(**values)
    except TypeError as error:
        raise ScriptError(f"{place}: {error}; mend the keys of this table.") from error


def _expecting(place: str, row: dict[str, Any]) -> dict[str, Any]:
    """`expect`, `severity`, `to` and `not_to` of a row as one Expectation."""
    categories = tuple(row.pop("expect", ()))
    severity = row.pop("severity", None)
    told = {key: tuple(Role(role) for role in row.pop(key, ())) for key in ("to", "not_to")}
    if bool(categories) != (severity is not None):
        raise ScriptError(f"{place}: give both expect and severity, or neither.")
    strange = [name for name in categories[:1] if name not in CATEGORIES]
    strange += [name for name in categories[1:] if name not in KNOWN]
    if strange:
        raise ScriptError(
            f"{place}: there is no category {strange[0]!r}; use one of monitor/categories.toml."
        )
    if severity is None:
        return row
    return row | {"expect": Expectation(categories, Severity.named(severity), **told)}


def _said(key: str, row: dict[str, Any]) -> dict[str, Any]:
    if row.pop("visitor", False):
        kind = ItemKind.VISITOR_POST
    elif "under" in row or "answers" in row:
        kind = ItemKind.COMMENT
    else:
        kind = ItemKind.MENTION
    return row | {"id": key, "kind": kind}


def _follow(key: str, row: dict[str, Any]) -> dict[str, Any]:
    state = VerificationState(row["state"])
    return row | {"id": f"follow.{key}", "by": key, "state": state, "also": tuple(row.get("also", ()))}


_TABLES: Mapping[str, tuple[Callable[..., Entry], Callable[[str, dict[str, Any]], dict[str, Any]]]] = {
    "said": (Said, _said),
    "edited": (Edit, lambda key, row: row | {"id": f"edited.{key}", "of": key}),
    "deleted": (Delete, lambda key, row: row | {"id": f"deleted.{key}", "of": key}),
    "follow": (Follow, _follow),
    "unfollow": (Unfollow, lambda key, row: row | {"id": f"unfollow.{key}", "by": key}),
}


def _check(script: Script) -> None:
    """Every name leads somewhere on the same network, and nothing answers what is not there yet."""
    posts = {post.id: post for post in script.posts}
    said = {entry.id: entry for entry in script.said}
    follows = {entry.by: entry for entry in script.entries if isinstance(entry, Follow)}
    for post in script.posts:
        _refuse(post.id, post.network not in script.accounts, f"the network {post.network!r} has no account")
        _refuse(post.id, post.network == "x" and len(post.text) > X_LIMIT, f"X takes {X_LIMIT} characters")
    for entry in script.entries:
        if isinstance(entry, Said | Follow | Unfollow):
            person = script.people.get(entry.by)
            there = person is not None and person.network == entry.network
            _refuse(entry.id, not there, f"there is nobody {entry.by!r} on {entry.network}")
        if isinstance(entry, Said | Edit):
            _refuse(
                entry.id, entry.network == "x" and len(entry.text) > X_LIMIT, f"X takes {X_LIMIT} characters"
            )
        if isinstance(entry, Said) and entry.under is not None:
            _earlier(entry, posts.get(entry.under), entry.under)
        if isinstance(entry, Said) and entry.answers is not None:
            _earlier(entry, said.get(entry.answers), entry.answers)
        if isinstance(entry, Edit | Delete):
            _earlier(entry, said.get(entry.of), entry.of)
        if isinstance(entry, Unfollow):
            _earlier(entry, follows.get(entry.by), entry.by)


def _earlier(entry: Entry, other: OwnPost | Entry | None, name: str) -> None:
    there = other is not None and other.network == entry.network and other.at < entry.at
    _refuse(entry.id, not there, f"there is no {name!r} before it on {entry.network}")


def _refuse(place: str, wrong: bool, says: str) -> None:
    if wrong:
        raise ScriptError(f"{place}: {says}; mend this entry.")
