"""The office's page of followers: the list, what was chosen in it, and the POSTs that decide.

Choosing is a GET that shows what would be done and to whom; deciding is one transaction, bound to what was shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts import follower_facts as facts
from alerts import words
from alerts.follower_words import FOLLOWER_ROLES, NOTICES, TITLES, WAITING
from alerts.invite import Invited, weighed
from alerts.web import follower_steps
from alerts.web.context import PageContext, Viewer
from alerts.web.entry import context_of, frame, gone, looking, refused, signed_out
from alerts.web.follower_view import Line, in_configuration, is_held, line, listed
from alerts.web.guards import form_token, token_holds
from alerts.web.render import render
from monitor import follower_rows
from monitor.domain import ActionKind, Role, VerificationState
from monitor.following import FollowerChoice
from monitor.names import normal_email
from monitor.tables_people import FollowerRow

HERE = "/followers"
MOST = 100  # chosen at once
MOST_INVITED = 10  # each with an address to type
LONGEST_REASON = 500  # characters
REVIEW_AFTER, REVIEW_LATEST = timedelta(days=365), timedelta(days=3 * 366)
_DECIDED = (VerificationState.ORGANISATION, VerificationState.REJECTED)
_VERIFIED = (VerificationState.VERIFIED,)
_WRONG = {
    Invited.NO_ADDRESS: "Type one whole e-mail address, such as name@provider.example.",
    Invited.NOT_THEIRS: "The records do not have this address for the person whose handle this is.",
    Invited.TOO_SOON: "An invitation went less than a week ago.",
    Invited.LETTER: "The records have no e-mail address for this handle: the letter is the way.",
}


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What was chosen, as far as the viewer may choose it. `seen` names the decisions that stood when it was shown."""

    do: str
    rows: Sequence[FollowerRow]
    lines: Sequence[Line]
    seen: str

    @property
    def ids(self) -> str:
        return ",".join(str(row.id) for row in self.rows)


def shown(request: Request) -> Response:
    """GET /followers: counts, what waits, what is to be done on the network, what was decided."""
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    if role_of(page, viewer) is None:
        return gone(page, viewer)
    number = _number(request.query_params.get("page", ""))
    with page.store.read() as session:
        today = words.LocalTime(page.timezone.key).date(now)
        once, due = facts.known_once(session, page.store), facts.reviews_due(session, page.store, today)
        waiting, more = listed(page, session, viewer, WAITING, now, number=number, without=once)
        decided, more_decided = listed(page, session, viewer, _DECIDED, now, number=number, without=due)
        verified, more_verified = listed(page, session, viewer, _VERIFIED, now, number=number)
        values: dict[str, Any] = {
            "counts": facts.counts(session, page.store),
            "doors": facts.doors(session, page.store, page.claim_networks, page.capabilities),
            "once": [line(page, session, viewer, row, now) for row in once[:MOST]],
            "due": [line(page, session, viewer, row, now) for row in due[:MOST]],
            "listed": in_configuration(page, today),
            "waiting": waiting,
            "verified": verified,
            "decided": decided,
            "followed": follower_steps.followed(page, session),
            "steps": follower_steps.to_do(page, session, viewer, now),
        }
    return render(
        "followers.html",
        title="Followers",
        notice=NOTICES.get(request.query_params.get("done", "")),
        number=number,
        newer=f"{HERE}?page={number - 1}",
        earlier=f"{HERE}?page={number + 1}",
        more=more or more_decided or more_verified,
        claim=f"{page.public_url.rstrip('/')}/claim",
        **values,
        **frame(page, viewer),
    )


def choose(request: Request) -> Response:
    """GET /followers/choose?do=…&f=…: whom it is about, and what else must be said. Changes nothing."""
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    if role_of(page, viewer) is None:
        return gone(page, viewer)
    asked = request.query_params
    with page.store.read() as session:
        chosen = _chosen(page, session, viewer, asked.get("do", ""), ",".join(asked.getlist("f")), now)
    return _form(page, viewer, chosen, now, {}) if chosen else RedirectResponse(f"{HERE}?done=nobody", 303)


def decided(request: Request, form: Mapping[str, str]) -> Response:
    """POST /followers/decide: all that were shown, or none of them."""
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return signed_out(page)
    role = role_of(page, viewer)
    if role is None:
        return gone(page, viewer)
    do, ids, seen = form.get("do", ""), form.get("ids", ""), form.get("seen", "")
    if not token_holds(page.store.vault, viewer, form.get("token", ""), "followers", do, ids, seen):
        return refused(page, viewer)
    with page.store.write() as session:
        chosen = _chosen(page, session, viewer, do, ids, now)
        if chosen is None or (chosen.seen, chosen.ids) != (seen, ids):
            return _stale(page, viewer)
        wrong = _wrong(page, session, chosen, form, now)
        if not wrong:
            _carried(page, session, chosen, form, role, viewer, now)
    if wrong:
        return _form(page, viewer, chosen, now, form, wrong, status=422)
    return RedirectResponse(f"{HERE}?done={do}", 303)


def said(request: Request, form: Mapping[str, str]) -> Response:
    """POST /followers/done: a person did a step by hand."""
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return signed_out(page)
    role = role_of(page, viewer)
    if role is None:
        return gone(page, viewer)
    step, action = form.get("step", ""), form.get("action", "")
    if not token_holds(page.store.vault, viewer, form.get("token", ""), "follower step", step):
        return refused(page, viewer)
    with page.store.write() as session:
        found = follower_steps.by_id(page, session, viewer, step)
        if found is None or action not in follower_rows.BY_HAND:
            return _stale(page, viewer)
        if found.said_at is None or found.shown:  # a second click says nothing new
            follower_rows.say(page.store, session, found, ActionKind(action), role=role.value, now=now)
    return RedirectResponse(f"{HERE}#to-do", 303)


def role_of(page: PageContext, viewer: Viewer) -> Role | None:
    """The role in which this viewer sees followers, the signed-in one first; None where there are none to see."""
    if not page.claim_networks:
        return None
    held = sorted(viewer.roles & FOLLOWER_ROLES, key=lambda role: (role is not viewer.role, role.value))
    return next(iter(held), None)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and 0 < len(text) <= 4 and int(text) > 0 else 1  # noqa: PLR2004


def _chosen(
    page: PageContext, session: Session, viewer: Viewer, do: str, ids: str, now: datetime
) -> _Chosen | None:
    """None when nobody is left of them: others decide about them, or it cannot be done to them."""
    wanted = [int(one) for one in ids.split(",") if one.isdecimal() and len(one) < 12][:MOST]  # noqa: PLR2004
    if do not in TITLES or not wanted:
        return None
    found = session.exec(
        select(FollowerRow)
        .where(FollowerRow.school_id == page.store.school, col(FollowerRow.id).in_(wanted))
        .order_by(col(FollowerRow.id))
    ).all()
    rows, stand = [], []
    for row in found:
        made = follower_rows.decision_of(page.store, session, row.network, row.external_id)
        if row.state == VerificationState.LEFT or is_held(page, session, viewer, row):
            continue
        if do == "undo" and made is None:
            continue
        rows.append(row)
        stand.append(str(made.id if made else 0))
    if do == "invite":
        rows, stand = rows[:MOST_INVITED], stand[:MOST_INVITED]
    lines = [line(page, session, viewer, row, now) for row in rows]
    return _Chosen(do, rows, lines, "-".join(stand)) if rows else None


def _wrong(
    page: PageContext, session: Session, chosen: _Chosen, form: Mapping[str, str], now: datetime
) -> dict[str, str]:
    """What is missing, by field."""
    wrong: dict[str, str] = {}
    if chosen.do in {"organisation", "reject"} and not form.get("reason", "").strip():
        wrong["reason"] = "Write a few words: what is decided, and why, must be on record."
    if chosen.do == "organisation" and _review(page, form, now) is None:
        wrong["review"] = "Choose a day after today and within three years, such as 2027-09-01."
    if chosen.do == "invite":
        typed = [(row, form.get(f"address-{row.id}", "").strip()) for row in chosen.rows]
        for row, address in typed:
            says = weighed(page.store, session, row, address, now) if address else Invited.SEND
            if says is not Invited.SEND:
                wrong[f"address-{row.id}"] = _WRONG[says]
        if not any(address for _, address in typed):
            wrong["none"] = "Type at least one address; who has none gets the letter."
    return wrong


def _review(page: PageContext, form: Mapping[str, str], now: datetime) -> date | None:
    today = words.LocalTime(page.timezone.key).date(now)
    try:
        when = date.fromisoformat(form.get("review", ""))
    except ValueError:
        return None
    return when if today < when <= today + REVIEW_LATEST else None


def _carried(
    page: PageContext,
    session: Session,
    chosen: _Chosen,
    form: Mapping[str, str],
    role: Role,
    viewer: Viewer,
    now: datetime,
) -> None:
    if chosen.do == "undo":
        for row in chosen.rows:
            follower_rows.undo(page.store, session, row, role=role.value, now=now)
    elif chosen.do == "invite":
        for row in chosen.rows:
            if address := form.get(f"address-{row.id}", "").strip():
                assert page.invite is not None
                page.invite(session, row, normal_email(address) or address, now)
                page.store.audit(
                    session, at=now, actor=role.value, happened="follower invited", thing=f"follower {row.id}"
                )
    else:
        follower_rows.decide(
            page.store,
            session,
            chosen.rows,
            FollowerChoice(chosen.do),
            role=role.value,
            who=viewer.name,
            reason=form.get("reason", "").strip()[:LONGEST_REASON],
            review_on=_review(page, form, now) if chosen.do == "organisation" else None,
            able=page.capabilities,
            now=now,
        )


def _form(
    page: PageContext,
    viewer: Viewer,
    chosen: _Chosen,
    now: datetime,
    typed: Mapping[str, str],
    wrong: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    today = words.LocalTime(page.timezone.key).date(now)
    purpose: tuple[Any, ...] = ("followers", chosen.do, chosen.ids, chosen.seen)
    return render(
        "followers_choose.html",
        status=status,
        title=TITLES[chosen.do],
        do=chosen.do,
        lines=chosen.lines,
        ids=chosen.ids,
        seen=chosen.seen,
        token=form_token(page.store.vault, viewer, *purpose),
        typed=typed,
        wrong=wrong or {},
        review=(today + REVIEW_AFTER).isoformat(),
        claim=f"{page.public_url.rstrip('/')}/claim",
        **frame(page, viewer),
    )


def _stale(page: PageContext, viewer: Viewer) -> Response:
    return render("followers_stale.html", status=409, title="Nothing was done", **frame(page, viewer))
