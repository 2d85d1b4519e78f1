"""What is looked at when the term is over: rows, mails, pages, files. Asserts nothing."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlmodel import col, select

from monitor.domain import Role
from monitor.sandbox.mailbox import Mail
from monitor.tables import AuditRow, CaseRow, SpendRow
from monitor.tables_people import ClaimRow, FollowerRow
from tests.school import DOMAIN, address
from tests.term.drive import Term
from tests.term.people import Follower


class End(NamedTuple):
    """How a follower ends: the state, words of the reason, and what the network showed of a step by hand, at each look."""

    state: str
    reason: str = ""
    shown: tuple[str, ...] = ()


def ends(term: Term, wanted: dict[str, End]) -> dict[str, End]:
    """By follower. Of a reason only the words that are wanted are kept, where they are there."""
    rows, found = term.rows(), {}
    shown: dict[str, list[str]] = {}
    for entry in audit(term):
        if entry.event == "follower read back":
            shown.setdefault(entry.thing, []).append(entry.detail)
    for who in term.cast.followers:
        row = rows[term.ids[who.key]]
        words = wanted[who.fate].reason
        reason = words if words and words in row.reason else row.reason
        found[who.key] = End(row.state, reason, tuple(shown.get(f"follower {row.id}", ())))
    return found


def audit(term: Term) -> list[AuditRow]:
    with term.app.store.read() as session:
        return list(session.exec(select(AuditRow).order_by(col(AuditRow.seq))))


def claims(term: Term) -> list[ClaimRow]:
    with term.app.store.read() as session:
        return list(session.exec(select(ClaimRow).order_by(col(ClaimRow.id))))


def claims_of(term: Term, *fates: str) -> Counter[tuple[str, str]]:
    """(way, standing) of the claims that are tied to the accounts with one of these fates."""
    ids = {term.ids[one.key] for one in of_fate(term, *fates)}
    return Counter((one.way, one.standing) for one in claims(term) if one.external_id in ids)


def persons(term: Term, fate: str) -> list[str | None]:
    rows = term.rows()
    return [rows[term.ids[one.key]].person for one in of_fate(term, fate)]


def of_fate(term: Term, *fates: str) -> list[Follower]:
    return [one for one in term.cast.followers if one.fate in fates]


def cases(term: Term) -> dict[str, str]:
    """Category of a case → the account that it is about."""
    with term.app.store.read() as session:
        return {row.category: row.external_id for row in session.exec(select(CaseRow))}


def spent(term: Term) -> int:
    """Paid reads of X that the service counted, in its unit, over all months."""
    with term.app.store.read() as session:
        return sum(row.reads for row in session.exec(select(SpendRow)))


def same_handle_twice(term: Term) -> int:
    """How many handles two followers of now are known by."""
    with term.app.store.read() as session:
        held = session.exec(select(FollowerRow.handle).where(FollowerRow.state != "left")).all()
    return len(held) - len(set(held))


def mails(term: Term, *, to_school: bool) -> list[Mail]:
    return [one for one in term.built.mailbox.all() if one.recipients[0].endswith(f"@{DOMAIN}") is to_school]


def told_on(term: Term, day: date, days: int = 1) -> Counter[str]:
    """First words of the subject of each mail to somebody of the school on these days, but for sign-in codes."""
    told = [one for one in mails(term, to_school=True) if day <= one.at.date() < day + timedelta(days=days)]
    subjects = Counter(str(one.message["Subject"]).partition(" ·")[0] for one in told)
    del subjects["CODE"]
    return subjects


def digest(term: Term, day: date) -> str:
    """The office's of that day, on one line."""
    (text,) = [
        one.body("plain") or ""
        for one in term.built.mailbox.to(address(Role.OFFICE))
        if one.at.date() == day and str(one.message["Subject"]).startswith("DIGEST")
    ]
    return " ".join(text.split())


def counts_on_page(term: Term) -> dict[str, int]:
    """The head of the office's page."""
    facts = term.page("/followers").find("dl", class_="counts")
    return {one.dt.text.lower(): int(one.dd.text) for one in facts.find_all("div")}


def counts_in(text: str) -> dict[str, int]:
    """The same, as a digest writes them."""
    names = (
        "verified",
        "claimed, not proven yet",
        "not verified",
        "organisations",
        "turned away",
        "no longer follow",
    )
    line = text[text.index("FOLLOWERS Verified") :].lower()
    found = {name: re.search(rf"(?<!not ){name} (\d+)", line) for name in names}
    return {name: int(one[1]) for name, one in found.items() if one}


def kept(term: Term, copy: Path) -> dict[str, bytes]:
    """Everything that the service has written: the database, what lies beside it, a backup and the log."""
    term.app.store.backup(copy)
    files = [copy, *(one for one in term.app.store.path.parent.iterdir() if one.is_file())]
    return {one.name: one.read_bytes() for one in files} | {"log": term.log.getvalue().encode()}
