"""The page's own sentences: what is true of a case, what was decided, what comes next. Pure; nothing from a network
goes in but through `alerts.safe`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import safe
from alerts.answers import ready
from alerts.offers import DISMISSALS, OUTCOMES
from alerts.views import StepState
from alerts.words import LocalTime, network_words, role_words
from monitor.domain import CaseState, Choice, Done, ItemKind, Role
from monitor.tables import CaseRow, DecisionRow

BUTTONS: Mapping[Choice, str] = {
    Choice.REMOVE: "Hide it",
    Choice.RESTORE: "Show it again",
    Choice.DELETE: "Delete it for good",
    Choice.REPORT: "Report it",
    Choice.REPORTED: "Report it",
    Choice.ACKNOWLEDGE: "I’m on it",
    Choice.UNDO: "Undo",
    Choice.TOLD: "I told them",
    Choice.DISMISS: "Leave it: not a problem",
    Choice.CLOSE: "Close the case",
    Choice.ASK_DSL: "Hand it to the safeguarding lead",
    Choice.REOPEN: "Open the case again",
}
DECIDED: Mapping[Choice, str] = {
    Choice.REMOVE: "asked to hide it",
    Choice.RESTORE: "asked to show it again",
    Choice.DELETE: "asked to delete it",
    Choice.REPORT: "asked to report it",
    Choice.REPORTED: "says it was reported",
    Choice.ACKNOWLEDGE: "is on it",
    Choice.UNDO: "took it back",
    Choice.TOLD: "told somebody outside",
    Choice.DISMISS: "found it not a problem",
    Choice.CLOSE: "closed the case",
    Choice.ASK_DSL: "handed it to the safeguarding lead",
    Choice.REOPEN: "opened the case again",
}
_TO_DO: Mapping[Choice, str] = {
    Choice.REMOVE: "hide it",
    Choice.RESTORE: "show it again",
    Choice.UNDO: "show it again",
    Choice.DELETE: "delete it",
    Choice.REPORT: "take the report",
}
_ON_NETWORK = frozenset({Choice.REMOVE, Choice.RESTORE, Choice.DELETE, Choice.UNDO})
CAME_OF_IT: Mapping[Done, str] = {
    Done.HIDDEN: "Hidden",
    Done.VISIBLE: "Visible to everybody",
    Done.DELETED: "Deleted",
    Done.BLOCKED: "Blocked",
    Done.REPORTED: "Reported",
    Done.GONE: "Already gone from the network",
    Done.ASKED: "To be done by hand on the network",
    Done.REFUSED: "The network does not allow it",
    Done.FAILED: "It did not work",
    Done.UNDONE: "Taken back in time: never carried out",
}
STATES: Mapping[CaseState, str] = {
    CaseState.OPEN: "Waiting for a decision",
    CaseState.ACKNOWLEDGED: "Somebody is on it",
    CaseState.CLOSED: "Closed",
}


@dataclass(frozen=True, slots=True)
class Step:
    state: StepState
    says: str


def role_name(role: str, jurisdiction: str) -> str:
    words = role_words(Role(role), jurisdiction)
    return words[0].upper() + words[1:]


def removal(
    case: CaseRow,
    decisions: Sequence[DecisionRow],
    hide_note: str,
    time: LocalTime,
    now: datetime,
) -> Step:
    """Whether it is still there, as the network said last. Never just "removed"."""
    network = network_words(case.network)[0]
    asked = [row for row in decisions if Choice(row.choice) in _ON_NETWORK and row.done != Done.UNDONE]
    last = asked[-1] if asked else None
    if last is not None and last.done_at is None and last.choice == Choice.DELETE and not last.attempts:
        at = time.near(last.next_attempt_at, now)
        public = "Hidden until then" if case.standing == Done.HIDDEN else "Public until then"
        return Step(
            StepState.WAITING,
            f"To be deleted from {network} at {at}, unless somebody takes it back. {public}.",
        )
    if last is not None and last.done_at is None:
        wish = _TO_DO[Choice(last.choice)]
        trouble = f" {safe.shown(last.detail, 200)}" if last.detail else ""
        return Step(
            StepState.WAITING,
            f"Asked {network} {time.when(last.created_at, now)} to {wish}. "
            f"Look again in a moment: this page shows the outcome when {network} has answered.{trouble}",
        )
    standing = _standing(case, last, network, hide_note, time, now)
    if last is not None and last.done in {Done.FAILED, Done.REFUSED}:
        detail = f": {safe.shown(last.detail, 300).rstrip('.')}" if last.detail else ""
        failed = f"{network} did not {_TO_DO[Choice(last.choice)]}{detail}."
        return Step(StepState.FAILED, f"{failed} {standing.says}")
    return standing


def _standing(
    case: CaseRow, last: DecisionRow | None, network: str, hide_note: str, time: LocalTime, now: datetime
) -> Step:
    at = f" {time.when(case.standing_at, now)}" if case.standing_at else ""
    read = f" Read back from {network}." if last is not None and last.read_back else ""
    match Done(case.standing):
        case Done.HIDDEN:
            note = hide_note or "its author still sees it"
            return Step(StepState.DONE, f"Hidden{at}. {note[0].upper()}{note[1:].rstrip('.')}.{read}")
        case Done.DELETED:
            return Step(StepState.DONE, f"Deleted from {network}{at}.{read}")
        case Done.GONE:
            return Step(StepState.DONE, f"{network} no longer has it, as read{at}.")
        case Done.ASKED:
            return Step(
                StepState.WAITING,
                f"To be done by hand on {network}, asked{at}. Schoolgate has not seen it done.",
            )
        case _:
            still = "Still a follower" if case.kind == ItemKind.FOLLOWER else "Still public"
            return Step(StepState.HERE, f"{still}, as read from {network}{at}.{read}")


def reporting(
    case: CaseRow, decisions: Sequence[DecisionRow], jurisdiction: str, time: LocalTime, now: datetime
) -> Step:
    network = network_words(case.network)[0]
    for row in reversed(decisions):
        if row.choice not in {Choice.REPORT, Choice.REPORTED}:
            continue
        who, at = role_name(row.role, jurisdiction), time.near(row.done_at or row.created_at, now)
        if row.done is None:
            return Step(StepState.WAITING, f"Being reported to {network}, asked at {at}.")
        if row.done == Done.REPORTED:
            how = f"{who} says it was reported" if row.choice == Choice.REPORTED else "Reported"
            return Step(StepState.DONE, f"{how} to {network} at {at}.")
        return Step(StepState.FAILED, f"Not reported: {CAME_OF_IT[Done(row.done)].lower()} ({at}).")
    return Step(StepState.HERE, f"Not reported to {network}.")


@dataclass(frozen=True, slots=True)
class Escalation:
    """When an unanswered case goes further, and to whom (in words); `told`: it has gone there."""

    at: datetime
    to: str
    told: bool


def coming(
    case: CaseRow, escalation: Escalation | None, jurisdiction: str, time: LocalTime, now: datetime
) -> str:
    """One sentence: what happens next if nobody does anything."""
    if case.state == CaseState.CLOSED and case.closed_at and case.closed_by:
        why = f" ({_mid(case.closing_reason)})" if case.closing_reason else ""
        who = role_words(Role(case.closed_by), jurisdiction)
        return f"Closed by {who} {time.when(case.closed_at, now)}: {_mid(case.outcome or '')}{why}."
    if case.state == CaseState.ACKNOWLEDGED and case.acknowledged_at and case.acknowledged_by:
        who = role_name(case.acknowledged_by, jurisdiction)
        return (
            f"{who} is on it since {time.near(case.acknowledged_at, now)}; no more reminders are sent. "
            "Close the case when it is dealt with."
        )
    if escalation is None:
        return "It waits here, and in the daily digest, until somebody decides."
    until = time.near(escalation.at, now)
    if escalation.told:
        return f"Nobody pressed “I’m on it” by {until}, so {escalation.to} was told too."
    if escalation.at <= now:
        return f"Nobody pressed “I’m on it” by {until}, so {escalation.to} is being told too."
    return f"If nobody presses “I’m on it” by {until}, {escalation.to} is told too."


def _mid(words: str) -> str:
    """The words as they stand inside a sentence; abbreviations keep their capitals."""
    return words[:1].lower() + words[1:]


def decided(row: DecisionRow, words: Mapping[str, str], time: LocalTime, now: datetime) -> str:
    """The reason in one line: the fixed words first, then the reviewer's own. Of who was told outside also when."""
    fixed = {Choice.DISMISS.value: DISMISSALS, Choice.CLOSE.value: OUTCOMES}.get(row.choice, {})
    reference = safe.clean(words.get("reference", ""))
    parts = [
        fixed.get(words.get("why", ""), safe.clean(words.get("to", ""))),
        time.near(datetime.fromisoformat(words["at"]), now) if words.get("at") else "",
        f"Reference {reference}" if reference else "",
        safe.clean(words.get("reason", "")),
    ]
    return ". ".join(part.rstrip(".") for part in parts if part)


def ago(at: datetime, now: datetime) -> str:
    """Just now, 4 min ago, 2 h ago, 3 days ago"""
    age = now - at
    if age < timedelta(minutes=1):
        return "just now"
    if age < timedelta(hours=1):
        return f"{age // timedelta(minutes=1)} min ago"
    if age < timedelta(days=2):
        return f"{age // timedelta(hours=1)} h ago"
    return f"{age.days} days ago"


def reply_for(category: str) -> str:
    """The first of the ready answers; empty where nobody should answer."""
    return next((answer.text for answer in ready(category)), "")


def told_when(words: Mapping[str, str], time: LocalTime, now: datetime) -> str:
    """When somebody outside was told, and their reference."""
    at = time.near(datetime.fromisoformat(words["at"]), now)
    reference = safe.shown(words.get("reference", ""), 200)
    return f"{at}, reference {safe.isolated(reference)}" if reference else at


def waits(row: DecisionRow, time: LocalTime, now: datetime) -> str:
    """What is said of a decision that is not carried out yet."""
    if row.choice == Choice.DELETE and row.attempts == 0:
        return f"To be carried out {time.when(row.next_attempt_at, now)}."
    return "The network has not answered yet."
