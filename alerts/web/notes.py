"""One case as plain text to paste into the school's own records (CPOMS, MyConcern): facts, times, decisions, reasons.

Nobody's name and no word of the comment is put in here; what reviewers wrote as their reasons stands as they wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts import words
from alerts.web import phrases
from alerts.web.around import Fact
from alerts.web.context import PageContext
from alerts.web.pile import PileView
from alerts.web.timeline import Entry
from monitor.domain import CaseState, Severity
from monitor.tables import CaseRow, EvidenceRow, FindingRow

_RULES = 10  # findings named; a flood in one text must not flood the note


def paste(
    page: PageContext,
    case: CaseRow,
    facts: Sequence[Fact],
    findings: Sequence[FindingRow],
    copies: Sequence[EvidenceRow],
    entries: Sequence[Entry],
    standing: str,
    pile: PileView | None,
    time: words.LocalTime,
) -> str:
    """Lines of at most a few hundred characters, in the order in which an inspector reads: what, where, why, what was
    done, by whom, when, with what outcome."""
    severity = Severity(case.severity).word
    state = phrases.STATES[CaseState(case.state)]
    lines = [
        f"{case.ref}: {page.title(case.category)} ({severity}). {page.school_name}, Schoolgate {page.version}.",
        *(f"{fact.name}: {fact.says}" for fact in facts),
        f"State: {state}{f', {case.outcome}' if case.outcome else ''}.",
        f"On the network: {standing}",
    ]
    if pile is not None and pile.count:
        lines.append(f"Pile-on: {pile.count} comments on one target by {pile.authors} accounts.")
    lines += ["", "Why it was brought to us:"]
    for one in list(findings)[:_RULES]:
        policy = words.guidance(one.policy)
        lines.append(f"- {one.reason} ({one.detector}{f'; {policy}' if policy else ''})")
    if not findings:
        lines.append("- No rule found anything in the newest text.")
    lines += ["", "What happened:"]
    for entry in entries:
        why = f" Reason: {' '.join(entry.reason.split())}." if entry.reason else ""
        lines.append(f"- {entry.at}: {entry.says}.{why}")
    lines += ["", "Sealed copies (SHA-256):"]
    lines += [
        f"- copy {number}, {time.full(copy.captured_at)}: {copy.sha256}"
        for number, copy in enumerate(copies, 1)
    ]
    if not copies:
        lines.append("- none")
    return "\n".join(lines)
