"""What several mails have in common: the three steps with their truth, how to answer, what every template asks for. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

from alerts import words
from alerts.envelope import Stamp
from alerts.reply_words import Word
from alerts.views import AlertView, ByReply, StepState
from monitor.domain import Done, Role

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


class Step(NamedTuple):
    """One of the three steps with its truth: copy, removal, report."""

    state: StepState
    says: str

    @property
    def sign(self) -> str:
        return self.state.sign


def steps_of(view: AlertView, stamp: Stamp) -> tuple[Step, Step, Step]:
    """Copied, removed, reported: each as it truly is."""
    time = words.LocalTime(stamp.house.zone)
    return (_copied(view, stamp, time), _removed(view, stamp, time), _reported(view, stamp, time))


def common(stamp: Stamp, link: str | None) -> dict[str, Any]:
    """What every mail's template asks for."""
    return {"school": stamp.house.school, "version": stamp.house.version, "link": link}


def reply_values(reply: ByReply | None, stamp: Stamp) -> dict[str, Any] | None:
    """How a mail may be answered, for its template; None where it may not."""
    if reply is None:
        return None
    says = {
        Word.ACK: "I am on it; no more reminders",
        Word.HIDE: "hide it; it is not deleted",
        Word.DSL: f"hand it to {words.role_words(Role.DSL, stamp.house.jurisdiction)}",
    }
    until = words.LocalTime(stamp.house.zone).near(reply.until, stamp.date)
    return {
        "how": "Reply with one of these words, alone in the first line:",
        "words": [(word.value, says[word]) for word in reply.words],
        "limits": f"It counts once, from this address only, until {until}. You get one mail back that says what was done.",
        "code": reply.code,
    }


def _copied(view: AlertView, stamp: Stamp, time: words.LocalTime) -> Step:
    if view.copied_at is None:
        return Step(StepState.WAITING, "Not copied yet; nothing is removed before it is copied")
    media = "; its text only, pictures are never copied" if view.has_media else ""
    return Step(StepState.DONE, f"Copied {time.near(view.copied_at, stamp.date)}{media}")


def _removed(view: AlertView, stamp: Stamp, time: words.LocalTime) -> Step:
    at = f" {time.near(view.removal.at, stamp.date)}" if view.removal.at else ""
    name = words.network_words(view.network)[0]
    truths = {
        Done.HIDDEN: Step(StepState.DONE, f"Hidden{at}; its author still sees it"),
        Done.DELETED: Step(StepState.DONE, f"Deleted{at}"),
        Done.GONE: Step(StepState.DONE, f"Already gone from {name}{at}"),
        Done.BLOCKED: Step(StepState.DONE, f"Its author was blocked{at}"),
        Done.ASKED: Step(StepState.WAITING, f"A person was asked to remove it{at}"),
        Done.REFUSED: Step(StepState.FAILED, f"{name} would not hide it{at}; still public"),
        Done.FAILED: Step(StepState.FAILED, f"Could not be hidden{at}; still public"),
        Done.VISIBLE: Step(StepState.WAITING, f"Public again{at}"),
    }
    if view.removal.done in truths:
        return truths[view.removal.done]
    if words.family(view.category) in words.NEVER_HIDDEN:
        return Step(StepState.WAITING, "Stays public: it is not for hiding")
    if not view.removable:
        return Step(StepState.WAITING, f"Still public; {name} lets nobody but its author remove it")
    return Step(StepState.WAITING, "Not hidden yet; still public")


def _reported(view: AlertView, stamp: Stamp, time: words.LocalTime) -> Step:
    place = f", {_ORDINALS[min(view.place, len(_ORDINALS)) - 1]} of {view.of}" if view.of > 1 else ""
    if view.network_report.done is Done.REPORTED:
        name = words.network_words(view.network)[0]
        at = f" {time.near(view.network_report.at, stamp.date)}" if view.network_report.at else ""
        return Step(StepState.HERE, f"Reported to {name}{at}, and to you{place}")
    return Step(StepState.HERE, f"Reported to you{place}")
