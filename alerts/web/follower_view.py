"""Followers as the office sees them: handle, network, since when, what is known, what to do. Reads only.

Nothing that a stranger wrote but the handle, and not even that where a case about the account is kept from the viewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from alerts import follower_facts as facts
from alerts import safe, words
from alerts.follower_words import AGAIN, STATES, WAITING, by_letter, possible, todo
from alerts.invite import invitable, invited
from alerts.web.context import PageContext, Viewer, seen_as
from alerts.web.phrases import role_name
from monitor import items
from monitor.claim_rows import claims_of
from monitor.claims import Standing
from monitor.domain import Item, Role, VerificationState
from monitor.follower_rows import decision_of, said_of
from monitor.following import FollowerChoice
from monitor.tables import ItemRow
from monitor.tables_people import FollowerDecisionRow, FollowerRow

A_PAGE = 50
_OF_CLAIM = {
    Standing.EXPIRED: "a claim to it ended without an answer",
    Standing.TOO_MANY: "it was claimed again and again; no more mails are sent today",
    Standing.REVOKED: "a claim to it was taken back by the school",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One follower. `held`: a case about it is other people's, and nothing of it is shown or may be chosen here."""

    id: int
    handle: str
    network: str
    account: str
    since: str
    overdue: str  # how long it should have waited at most; nothing when it has not waited longer
    state: str
    waits: bool
    known: tuple[str, ...]
    todo: str
    held: bool = False
    invitable: bool = False
    by_letter: str = ""  # why nobody can be invited
    reason: str = ""  # the reviewer's, when it was decided
    decided: str = ""
    review: str = ""
    is_due: bool = False  # the review


def listed(
    page: PageContext,
    session: Session,
    viewer: Viewer,
    states: Sequence[VerificationState],
    now: datetime,
    *,
    number: int = 1,
    without: Sequence[FollowerRow] = (),
) -> tuple[list[Line], bool]:
    """Page `number` (from 1) of the followers in these states `without` some that are shown elsewhere, newest first, and
    whether there are more."""
    rows = session.exec(
        select(FollowerRow)
        .where(
            FollowerRow.school_id == page.store.school,
            col(FollowerRow.state).in_([state.value for state in states]),
            col(FollowerRow.id).not_in([row.id for row in without]),
        )
        .order_by(col(FollowerRow.id).desc())
        .offset((number - 1) * A_PAGE)
        .limit(A_PAGE + 1)
    ).all()
    return [line(page, session, viewer, row, now) for row in rows[:A_PAGE]], len(rows) > A_PAGE


def line(page: PageContext, session: Session, viewer: Viewer, row: FollowerRow, now: datetime) -> Line:
    time, state = words.LocalTime(page.timezone.key), VerificationState(row.state)
    made = decision_of(page.store, session, row.network, row.external_id)
    held = is_held(page, session, viewer, row)
    seen = session.get_one(ItemRow, row.item_id)
    may_invite = not held and state in WAITING and invitable(page.store, session, row)
    assert row.id is not None
    return Line(
        id=row.id,
        handle="an account that others are looking at" if held else handle_of(page, seen),
        network=words.network_words(row.network)[0],
        account=page.accounts.get(row.account, row.account),
        since=_since(row, time, now, baseline=seen.baseline),
        overdue=_overdue(page, row, now) if state in WAITING and not held else "",
        state=STATES[state],
        waits=state in WAITING,
        known=() if held else _known(page, session, row, time, now),
        todo="Nothing to do here: the headteacher or the safeguarding lead decides about it."
        if held
        else todo(
            state,
            row.reason,
            on_record=row.person is not None,
            invitable=may_invite,
            possible=row.possible,
        ),
        held=held,
        invitable=may_invite,
        by_letter=by_letter(row.reason),
        **(_decision(page, made, time, now) if made and not held else {}),
    )


def in_configuration(page: PageContext, today: date) -> list[dict[str, Any]]:
    """The organisations of the configuration, those whose review has come first."""
    return [
        {
            "handle": safe.shown(f"@{one.handle.removeprefix('@')}", 60),
            "reason": safe.clean(one.reason, 200),
            "decided": " ".join(
                filter(
                    None,
                    (
                        f"by {safe.clean(one.approved_by, 80)}" if one.approved_by else "",
                        f"on {_dated(one.approved_on)}" if one.approved_on else "",
                    ),
                )
            ),
            "review": _dated(one.review_on) if one.review_on else "",
            "is_due": one.is_due(today),
        }
        for one in sorted(page.listed, key=lambda one: not one.is_due(today))
    ]


def is_held(page: PageContext, session: Session, viewer: Viewer, row: FollowerRow) -> bool:
    """Whether there is a case about this account that the viewer may not see: then they decide nothing about it."""
    return facts.is_held(
        session,
        page.store,
        row,
        lambda case: seen_as(page, viewer, case) is not None,
        office_only=viewer.roles <= {Role.OFFICE, Role.IT},
    )


def item_of(page: PageContext, row: ItemRow) -> Item:
    return items.from_row(row, page.store.vault)


def handle_of(page: PageContext, row: ItemRow) -> str:
    handle = item_of(page, row).author.handle
    return safe.shown(f"@{handle.removeprefix('@')}", 60) if handle else "an account without a handle"


def _since(row: FollowerRow, time: words.LocalTime, now: datetime, *, baseline: bool) -> str:
    days = max((now - row.first_seen_at).days, 0)
    age = "today" if not days else words.counted(days, "day") + " ago"
    day = words.day(time.date(row.first_seen_at))
    return f"since before {day} ({age}), when watching began" if baseline else f"since {day} ({age})"


def _overdue(page: PageContext, row: FollowerRow, now: datetime) -> str:
    if row.reason in AGAIN or row.first_seen_at >= now - page.overdue_after:
        return ""
    return words.counted(page.overdue_after.days, "day")


def _known(
    page: PageContext, session: Session, row: FollowerRow, time: words.LocalTime, now: datetime
) -> tuple[str, ...]:
    found = [says for says in (row.reason, possible(row.possible)) if says]
    claims = claims_of(page.store, session, row.network, row.external_id)
    proven = [claim.confirmed_at for claim in claims if claim.confirmed_at]
    if proven and row.state == VerificationState.VERIFIED:
        return (f"Verified: {row.reason}, {time.near(proven[-1], now)}",)
    if claims and (says := _OF_CLAIM.get(Standing(claims[-1].standing))):
        found.append(says)
    if sent := invited(page.store, session, row):
        how = (
            "the mail could not be delivered"
            if sent.failed_at
            else "the mail has gone"
            if sent.sent_at
            else "the mail is on its way"
        )
        found.append(f"invited {time.near(sent.created_at, now)}: {how}")
    return tuple(f"{says[:1].upper()}{says[1:]}" for says in found)


def _decision(
    page: PageContext, made: FollowerDecisionRow, time: words.LocalTime, now: datetime
) -> dict[str, Any]:
    said = said_of(page.store, made)
    who = safe.clean(said["who"], 80)
    role = role_name(made.role, page.jurisdiction)
    did = "Approved" if made.choice == FollowerChoice.ORGANISATION else "Turned away"
    due = made.review_on is not None and made.review_on <= time.date(now)
    return {
        "reason": safe.clean(said["reason"], 500),
        "decided": f"{did} by {who + ', ' if who else ''}{role[:1].lower()}{role[1:]}, {words.day(time.date(made.decided_at))}",
        "review": _dated(made.review_on) if made.review_on else "",
        "is_due": due,
    }


def _dated(when: date) -> str:
    return f"{words.day(when)} {when.year}"
