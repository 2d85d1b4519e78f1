"""The case of a follower: who seems to be somebody else, or a young child, or whose very handle is abuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from monitor import items, triage
from monitor.cases import Opening, Told, open_or_update, record
from monitor.conflict import named_roles
from monitor.domain import Finding, Role, Severity
from monitor.store import Store
from monitor.tables import ItemRow
from monitor.verify import handle_words


def follower_case(
    session: Session,
    store: Store,
    row: ItemRow,
    findings: Sequence[Finding],
    *,
    opening: Opening,
    people: Mapping[Role, str],
    now: datetime,
) -> None:
    """Keep what was found and open a case; whoever was there at the baseline is only counted, unless it is critical.

    As with a comment, who is named in an allegation is not told of it.
    """
    verdict = triage.triage(findings)
    record(session, store, row, verdict)
    if row.baseline and verdict.severity is not Severity.CRITICAL:
        return
    alleged = any(finding.category == "staff_allegation" for finding in findings)
    handle = items.from_row(row, store.vault).author.handle or ""
    bypassed = named_roles(handle_words(handle), people) if alleged else frozenset()
    told = Told(triage.recipients(findings), bypassed)
    open_or_update(session, store, row, verdict, opening, told=told, now=now)
