"""The daily digest: counts and references, never content. Who may see what is decided here for the last time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from alerts import safe, words
from alerts.digest_answers import answered
from alerts.digest_backup import backed_up
from alerts.digest_cases import closed_row, waiting_row
from alerts.digest_followers import following
from alerts.digest_paid import paid
from alerts.digest_parts import Row, Section
from alerts.digest_reported import reported
from alerts.digest_watch import watched
from alerts.envelope import Stamp
from alerts.follower_words import FOLLOWER_ROLES
from alerts.mime import assembled
from alerts.render import rendered
from alerts.views_digest import ClosedCase, DigestView, DrillLine, FollowerRow
from monitor.domain import Role, VerificationState

_CASE_ROLES = frozenset({Role.HEADTEACHER, Role.DEPUTY, Role.DSL, Role.ESAFETY, Role.CHAIR})
_STATES = {
    VerificationState.VERIFIED: "verified",
    VerificationState.CLAIMED: "says it is a parent's; not proven yet",
    VerificationState.ORGANISATION: "an organisation",
    VerificationState.REJECTED: "turned away",
    VerificationState.LEFT: "no longer follows",
}
_ASK = "Ask the family whether it is theirs, or open the list to decide."
CROWD = 20  # new followers who are alike: more are told of in one line
SHORT_HASH = 12  # figures of the audit chain's head: enough to compare by eye


def compose_digest(view: DigestView, stamp: Stamp) -> bytes:
    """One day for one recipient, as a mail (see `digest_values`)."""
    return digest_mail(digest_values(view, stamp), view.link, stamp)


def digest_mail(values: Mapping[str, Any], link: str, stamp: Stamp) -> bytes:
    """The mail of a digest's or a report's values."""
    return assembled(rendered("digest", {**values, "link": link}), stamp, link)


def digest_values(view: DigestView, stamp: Stamp) -> dict[str, Any]:
    """What the digest's template shows, as JSON that can be kept. The office sees follower cases only; IT sees no case
    and no follower.

    `view` must hold only cases that this recipient may know of: conflicts of interest are not known here.
    """
    time = words.LocalTime(stamp.house.zone)
    waiting = tuple(case for case in view.waiting if _may_see(stamp.role, case.category))
    followers = view.followers if stamp.role in FOLLOWER_ROLES else ()
    known_once = view.known_once if stamp.role in FOLLOWER_ROLES else ()
    verified = view.verified if stamp.role in FOLLOWER_ROLES else ()
    sections = (
        Section("Waiting for a decision", tuple(waiting_row(case, stamp, time) for case in waiting)),
        reported(tuple(case for case in view.still_public if _may_see(stamp.role, case.category))),
        _followers("Followers to check", followers),
        _followers("Known once, not any more", known_once),
        _followers("Verified since the last digest", verified),
        following(view.following if stamp.role in FOLLOWER_ROLES else None),
        Section("Mail that did not arrive", _undelivered(view, stamp, time)),
        Section("Answers by mail", answered(view.answers)),
        Section("Decided", tuple(closed_row(case, stamp, time) for case in _closed_cases(view, stamp.role))),
        Section("Noted, nothing to do", _noted(view, stamp.role)),
        Section("Drills", tuple(_drilled(one) for one in view.drills) if stamp.role in _CASE_ROLES else ()),
        Section("Watched", tuple(watched(account, stamp, time) for account in view.watched)),
        Section("Backups", backed_up(view.backup, time)),
        Section("Paid reads", tuple(paid(row, stamp.date, time) for row in view.spending)),
        Section(
            "Runs out soon",
            (
                *(Row("○", f"{_capital(row.what)}: {time.full(row.at)}") for row in view.expiring),
                *(Row("○", safe.shown(says, 200)) for says in view.soon),
            ),
        ),
    )
    todo = len(waiting) + len(followers) + len(known_once)
    return {
        "call": "DIGEST",
        "school": stamp.house.school,
        "version": stamp.house.version,
        "tone": "medium" if todo or view.undelivered else "calm",
        "day": words.day(view.day),
        "waits": f"{todo} waiting" if todo else "nothing waiting",
        "headline": _headline(view, stamp, todo, time),
        "read": _read(view, stamp.role),
        "sections": [section.as_data() for section in sections if section.rows],
        "paper": "",
        "tally": _tally(view) if stamp.role in _CASE_ROLES else "",
        "next": f"The next digest comes {time.full(view.next_at)}, on quiet days too. If it does not, tell"
        f" {words.role_words(Role.IT)}.",
        "chain": view.chain_head[:SHORT_HASH],
        "button": "Open the list" if todo else "Open Schoolgate",
    }


def _drilled(one: DrillLine) -> Row:
    what = words.category_words(one.category).short
    taken = f"Somebody was on it after {one.after}" if one.after else ""
    ref = f"{one.ref} · " if one.ref else ""
    return Row("", f"DRILL · {ref}{what}", ". ".join(filter(None, (one.how.rstrip("."), taken))) + ".")


def _may_see(role: Role, category: str) -> bool:
    if role is Role.OFFICE:
        return words.family(category) in words.OFFICE_SEES
    return role in _CASE_ROLES


def _headline(view: DigestView, stamp: Stamp, todo: int, time: words.LocalTime) -> str:
    if todo:
        return f"{words.counted(todo, 'thing waits', 'things wait')} for a decision."
    today = time.date(stamp.date)
    when = {today: "today", today - timedelta(days=1): "yesterday"}.get(view.day, f"on {words.day(view.day)}")
    if any(row.gaps or row.last_success is None for row in view.watched):
        return f"Nothing that was seen needed a decision {when}, but not everything was watched."
    return f"Nothing needed a decision {when}."


def _read(view: DigestView, role: Role) -> str:
    accounts = words.counted(len(view.watched), "account")
    said = f"{words.counted(view.read, 'comment, mention or post', 'comments, mentions and posts')} read on {accounts}"
    if role not in FOLLOWER_ROLES:
        return f"{said}."
    return f"{said}; {words.counted(view.new_followers, 'new follower') if view.new_followers else 'no new follower'}."


def _followers(title: str, rows: tuple[FollowerRow, ...]) -> Section:
    """Each follower in a line, a crowd in one; what is to be done stands once below where it is the same for all."""
    todos = {row.todo for row in rows}
    same = len(todos) == 1
    listed = tuple(row._replace(more="") if same else row for row in _told(rows))
    hint = (safe.shown(todos.pop(), 300) or _ASK) if same else ""
    return Section(title, listed, hint)


def _told(rows: tuple[FollowerRow, ...]) -> Iterator[Row]:
    """More than CROWD of one network of whom the same is known came together: their handles would bury everybody else's."""
    alike: dict[tuple[str, str, str], list[FollowerRow]] = {}
    for row in rows:
        alike.setdefault((row.network, _known(row), row.todo), []).append(row)
    for (network, known, todo), crowd in alike.items():
        if len(crowd) <= CROWD:
            yield from (_follower(row) for row in crowd)
        else:
            who = f"{len(crowd)} accounts · {words.network_words(network)[0]} · {known}; the page lists them"
            yield Row(_sign(crowd[0]), who, safe.shown(todo, 300) or _ASK)


def _follower(row: FollowerRow) -> Row:
    handle = safe.shown(row.handle, 40).removeprefix("@")
    who = f"@{safe.isolated(handle)}" if handle and "(" not in handle else "an account without a handle"
    if row.unnamed:
        who = "an account that the page names"
    return Row(
        _sign(row),
        f"{who} · {words.network_words(row.network)[0]} · {_known(row)}",
        safe.shown(row.todo, 300) or _ASK,
    )


def _sign(row: FollowerRow) -> str:
    return "✔" if row.state is VerificationState.VERIFIED else "○"


def _known(row: FollowerRow) -> str:
    return safe.shown(row.says, 160) or _STATES.get(row.state, "not on the school's records")


def _undelivered(view: DigestView, stamp: Stamp, time: words.LocalTime) -> tuple[Row, ...]:
    sees = stamp.role in _CASE_ROLES
    nobody = (
        (Row("✖", f"{words.counted(view.not_delivered, 'case')} found, and nobody could be told by mail"),)
        if view.not_delivered and sees
        else ()
    )
    return nobody + tuple(
        Row(
            "✖",
            f"To {words.role_words(row.role, stamp.house.jurisdiction)}"
            + (f", about {row.ref}" if row.ref and sees else "")
            + f", since {time.near(row.since, stamp.date)}",
            safe.shown(row.says, 200),
        )
        for row in view.undelivered
    )


def _closed_cases(view: DigestView, role: Role) -> tuple[ClosedCase, ...]:
    return tuple(case for case in view.closed if _may_see(role, case.category))


def _noted(view: DigestView, role: Role) -> tuple[Row, ...]:
    seen = [
        (category, number) for category, number in view.quiet_counts if number and _may_see(role, category)
    ]
    return tuple(Row("", f"{number} × {words.category_words(category).short}") for category, number in seen)


def _tally(view: DigestView) -> str:
    said = "" if view.not_delivered else "Every case that was found has reached somebody. "
    if not view.decided:
        return said.strip()
    return (
        f"{said}Of {words.counted(view.decided, 'decision')} in the last 30 days,"
        f" {words.counted(view.false_alarms, 'was a false alarm', 'were false alarms')}."
    )


def _capital(text: str) -> str:
    text = safe.shown(text, 80)
    return text[:1].upper() + text[1:]
