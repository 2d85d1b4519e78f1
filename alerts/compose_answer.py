"""The mail to somebody who answered an alert by mail: what was noted, or that nothing was, and what is true now. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from alerts import words
from alerts.compose_parts import common, reply_values, steps_of
from alerts.envelope import Stamp
from alerts.mime import assembled
from alerts.render import rendered
from alerts.views import AlertView, ByReply
from monitor.domain import Role


class Answered(StrEnum):
    ACK = "ack"
    HIDE = "hide"
    HIDE_WAITS = "hide_waits"  # noted, and the network has not answered yet
    DSL = "dsl"
    NO_WORD = "no_word"
    EXPIRED = "expired"
    USED = "used"
    CHANGED = "changed"
    NOT_OFFERED = "not_offered"
    NOT_THEIRS = "not_theirs"

    @property
    def is_noted(self) -> bool:
        return self in {Answered.ACK, Answered.HIDE, Answered.HIDE_WAITS, Answered.DSL}


@dataclass(frozen=True, slots=True)
class AnswerView:
    """`truth`: the case as it stands, None where the sender may not be shown one; `by_reply`: how to answer next."""

    answered: Answered
    truth: AlertView | None = None
    by_reply: ByReply | None = None
    on_it: str | None = None  # the role that acknowledged the case


# (headline, what it means); {network} and {lead} are filled
_SAYS = {
    Answered.ACK: ("Noted: you are on it.", "No more reminders are sent, and it goes to nobody else."),
    Answered.HIDE: ("Noted: hide it.", "{network} has answered; what came of it stands here."),
    Answered.HIDE_WAITS: (
        "Noted: hide it.",
        "{network} has not answered yet and is asked again; the page shows what comes of it.",
    ),
    Answered.DSL: ("Noted: {lead} is told.", "The case is open to them from now on, with its copy."),
    Answered.NO_WORD: (
        "Your answer was not understood, so nothing was done.",
        "Only one word counts, alone in the first line.",
    ),
    Answered.EXPIRED: (
        "Your answer came too late, so nothing was done.",
        "That mail can no longer be answered.",
    ),
    Answered.USED: (
        "That mail was answered before, so nothing more was done.",
        "Each mail can be answered once; to decide something else, answer this one.",
    ),
    Answered.CHANGED: (
        "The case has changed since that mail, so nothing was done.",
        "Somebody decided, or its author edited it; this is what is true now.",
    ),
    Answered.NOT_OFFERED: (
        "That cannot be done by mail, so nothing was done.",
        "The page shows what can be done with this case.",
    ),
    Answered.NOT_THEIRS: (
        "Your answer did nothing.",
        "Answer the newest mail about the case, from the address that it was sent to; or answer on the page.",
    ),
}


def compose_answer(view: AnswerView, stamp: Stamp) -> bytes:
    """What became of one answer. Shows the case's facts only where `truth` is given."""
    truth, lead = view.truth, words.role_words(Role.DSL, stamp.house.jurisdiction)
    network = words.network_words(truth.network)[0] if truth else ""
    headline, means = (text.format(network=network, lead=lead) for text in _SAYS[view.answered])
    noted = view.answered.is_noted
    link = truth.link if truth else None
    values = common(stamp, link) | {
        "call": "NOTED" if noted else "NOT DONE",
        "tone": "calm" if noted else "medium",
        "headline": headline,
        "means": means,
        "ref": truth.ref if truth else "",
        "short": words.category_words(truth.category).short if truth else "",
        "network": network,
        "steps": steps_of(truth, stamp)[:2] if truth else (),
        "on_it": _on_it(view, stamp),
        "button": f"Open case {truth.ref}" if truth else "",
        "reply": reply_values(view.by_reply, stamp),
    }
    if view.by_reply is not None:
        stamp = replace(stamp, reply_to=view.by_reply.address)
    return assembled(rendered("answer", values), stamp, link)


def _on_it(view: AnswerView, stamp: Stamp) -> str:
    if view.truth is None:
        return ""
    if view.on_it is None:
        return "Nobody has said yet that they are on it."
    if view.on_it == stamp.role:
        return "You are on it."
    return f"{words.role_words(Role(view.on_it), stamp.house.jurisdiction).capitalize()} is on it."
