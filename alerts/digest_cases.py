"""A digest's rows about cases: by reference, what came of them, never a word of what was said. Pure."""

from __future__ import annotations

from alerts.digest_parts import Row
from alerts.envelope import Stamp
from alerts.views_digest import CaseFacts, ClosedCase, WaitingCase
from alerts.words import LocalTime, category_words, counted, network_words, role_words
from monitor.domain import Done

_STANDS = {
    Done.HIDDEN: "hidden",
    Done.DELETED: "deleted",
    Done.GONE: "gone",
    Done.ASKED: "to be removed by hand",
}


def waiting_row(case: WaitingCase, stamp: Stamp, time: LocalTime) -> Row:
    """One case that waits for a decision: what is found, since when, and what was done meanwhile."""
    what = category_words(case.category).short
    name = network_words(case.network)[0]
    more = [f"since {time.near(case.since, stamp.date)}", _STANDS.get(case.facts.standing, "")]
    more.append(outcome(case.facts, stamp.house.jurisdiction))
    return Row("○", f"{case.ref} · {what} · {name}", "; ".join(filter(None, more)))


def closed_row(case: ClosedCase, stamp: Stamp, time: LocalTime) -> Row:
    """One case that was decided: what truly became of the item, and what else was done."""
    more = outcome(case.facts, stamp.house.jurisdiction)
    if case.false_alarm:
        return Row("✔", f"{case.ref} · false alarm", more)
    at = f" {time.near(case.removal.at, stamp.date)}" if case.removal.at else ""
    sign, what = {
        Done.HIDDEN: ("✔", f"hidden{at}; its author still sees it"),
        Done.DELETED: ("✔", f"deleted{at}"),
        Done.GONE: ("✔", f"already gone{at}"),
        Done.BLOCKED: ("✔", f"author blocked{at}"),
        Done.REPORTED: ("✔", f"reported to the network{at}; still public"),
        Done.ASKED: ("○", f"a person was asked to remove it{at}"),
        Done.REFUSED: ("✖", f"the network would not remove it{at}; still public"),
        Done.FAILED: ("✖", f"could not be removed{at}; still public"),
    }.get(case.removal.done or Done.VISIBLE, ("✔", "left public"))
    return Row(sign, f"{case.ref} · {what}", more)


def outcome(facts: CaseFacts, jurisdiction: str) -> str:
    """What was done about a case, such as: decided by the headteacher, evidence kept, author has 1 earlier case."""
    said = []
    if facts.decided_by is not None:
        said.append(f"decided by {role_words(facts.decided_by, jurisdiction)}")
    elif facts.taken_by is not None:
        said.append(f"{role_words(facts.taken_by, jurisdiction)} is on it")
    if facts.reported_by is not None:
        said.append(f"reported by {role_words(facts.reported_by, jurisdiction)}")
    if facts.told_by is not None:
        said.append(f"told outside the school by {role_words(facts.told_by, jurisdiction)}")
    if facts.copies:
        said.append("evidence pack made" if facts.packed else "evidence kept")
    if facts.earlier:
        said.append(f"author has {counted(facts.earlier, 'earlier case')}")
    return ", ".join(said)
