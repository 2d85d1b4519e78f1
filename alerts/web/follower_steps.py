"""What is to be done on the network after a follower was turned away: where to go, what to press, what was read back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from alerts import safe, words
from alerts.known_link import known_link
from alerts.offers import HOSTS, guided
from alerts.views import StepState
from alerts.web.context import PageContext, Viewer
from alerts.web.follower_view import handle_of, is_held, item_of
from alerts.web.guards import form_token
from alerts.web.phrases import CAME_OF_IT, role_name
from monitor import follower_rows, following_rows
from monitor.domain import ActionKind, Capability, Done, Item, Means
from monitor.following import Shown, Truth, truth
from monitor.tables import ItemRow
from monitor.tables_people import FollowerRow, FollowerStepRow

_LISTED = 50
_BUTTONS = {
    ActionKind.REMOVE_FOLLOWER: ("Remove it from the followers", "I have removed it"),
    ActionKind.BLOCK: ("Block it, so that it cannot follow again", "I have blocked it"),
}
_SIGNS = {
    Truth.TO_DO: StepState.WAITING,
    Truth.SAID: StepState.HERE,
    Truth.DONE: StepState.DONE,
    Truth.NOT_DONE: StepState.FAILED,
}


@dataclass(frozen=True, slots=True)
class Way:
    """One thing that a person can do, with the button that says so."""

    action: str
    name: str
    button: str
    link: str
    host: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """An account that the school follows and should not."""

    handle: str
    network: str
    says: str
    link: str


@dataclass(frozen=True, slots=True)
class Step:
    """One follower's step, with its truth. `ways` is empty when there is nothing left to do by hand."""

    id: int
    token: str
    handle: str
    network: str
    state: StepState
    says: str
    ways: tuple[Way, ...]


def to_do(page: PageContext, session: Session, viewer: Viewer, now: datetime) -> list[Step]:
    """The steps that are not done yet, oldest first, and below them those that the network has shown to be done."""
    found = []
    for step, follower, _ in follower_rows.steps(page.store, session):
        if not is_held(page, session, viewer, follower):
            found.append(_step(page, session, viewer, step, follower, now))
    open_ones = [one for one in found if one.state is not StepState.DONE]
    done = [one for one in reversed(found) if one.state is StepState.DONE]
    return [*open_ones[:_LISTED], *done[: max(0, _LISTED - len(open_ones))]]


def by_id(page: PageContext, session: Session, viewer: Viewer, name: str) -> FollowerStepRow | None:
    """A step by hand that stands, and whose follower this viewer may see."""
    for step, follower, _ in follower_rows.steps(page.store, session):
        by_hand = step.means == Means.GUIDED
        if str(step.id) == name and by_hand and not is_held(page, session, viewer, follower):
            return step
    return None


def followed(page: PageContext, session: Session) -> list[Followed]:
    """Whom the school follows and should not, as read last."""
    found = []
    for row in following_rows.rows(session, page.store, wrong=True)[:_LISTED]:
        handle = following_rows.handle_of(page.store, row)
        found.append(
            Followed(
                safe.shown(f"@{handle}", 60) if handle else "an account without a handle",
                words.network_words(row.network)[0],
                f"{row.says[:1].upper()}{row.says[1:]}.",
                known_link(f"https://x.com/{handle}", HOSTS["x"]) if handle and row.network == "x" else "",
            )
        )
    return found


def _step(
    page: PageContext,
    session: Session,
    viewer: Viewer,
    step: FollowerStepRow,
    follower: FollowerRow,
    now: datetime,
) -> Step:
    seen = session.get_one(ItemRow, follower.item_id)
    item, able = item_of(page, seen), page.capabilities.get(follower.network, {})
    network = words.network_words(follower.network)[0]
    time = words.LocalTime(page.timezone.key)
    by_hand = step.means == Means.GUIDED
    is_true = truth(said=step.said_at is not None, shown=Shown(step.shown))
    if by_hand:
        state, says = _SIGNS[is_true], _by_hand(page, step, is_true, network, time, now)
    else:
        state, says = _by_api(step, is_true, network, time, now)
    open_ways = by_hand and is_true in {Truth.TO_DO, Truth.NOT_DONE}
    assert step.id is not None
    return Step(
        id=step.id,
        token=form_token(page.store.vault, viewer, "follower step", step.id),
        handle=handle_of(page, seen),
        network=network,
        state=state,
        says=says,
        ways=tuple(
            _way(follower.network, action, able[action], item)
            for action in follower_rows.BY_HAND
            if open_ways and action in able and able[action].means is Means.GUIDED
        ),
    )


def _way(network: str, action: ActionKind, able: Capability, item: Item) -> Way:
    link, host, steps = guided(network, able, item)
    return Way(action.value, *_BUTTONS[action], link, host, steps)


def _by_hand(
    page: PageContext,
    step: FollowerStepRow,
    is_true: Truth,
    network: str,
    time: words.LocalTime,
    now: datetime,
) -> str:
    who = role_name(step.said_by, page.jurisdiction) if step.said_by else ""
    said = f"{who} said so {time.when(step.said_at, now)}" if step.said_at else ""
    at = time.near(step.shown_at, now) if step.shown_at else ""
    if is_true is Truth.DONE:
        how = "blocked" if step.shown == Shown.BLOCKED else "no longer among the followers"
        return f"{network} shows it: {how}, read back at {at}."
    if is_true is Truth.NOT_DONE:
        what = "that it is not blocked" if step.shown == Shown.NOT_BLOCKED else "it among the followers"
        return f"{f'{said}, but ' if said else 'It was done once, but '}{network} showed {what} at {at}. Please do it again."
    if is_true is Truth.SAID:
        if step.asked_at is None or step.action == ActionKind.BLOCK:
            return f"{said}. It is read back the next time followers are read, and this row ticks itself."
        asked = time.near(step.asked_at, now)
        return f"{said}. {network} was asked at {asked} and did not tell. The next whole list of followers shows it."
    return f"Not done yet: {network} leaves this to a person."


def _by_api(
    step: FollowerStepRow, is_true: Truth, network: str, time: words.LocalTime, now: datetime
) -> tuple[StepState, str]:
    if is_true is Truth.DONE:
        return StepState.DONE, f"{network} shows it: no longer among the followers."
    if is_true is Truth.NOT_DONE:
        at = f" {time.when(step.shown_at, now)}" if step.shown_at else ""
        return StepState.FAILED, f"{network} showed it among the followers again{at}."
    if step.done is None:
        return StepState.WAITING, step.detail or f"{network} is being asked."
    done = Done(step.done)
    failed = done in {Done.FAILED, Done.REFUSED, Done.ASKED}
    if failed:
        return StepState.FAILED, f"{CAME_OF_IT[done]}: {step.detail}".rstrip(": ")
    return StepState.DONE, f"{network} says that it is done."
