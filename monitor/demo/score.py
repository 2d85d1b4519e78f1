"""How the day went: what was planted and found, what was missed, false alarms, what was lost. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, func, select

from monitor.demo.world import FACEBOOK_KEY, X_KEY, World
from monitor.domain import Finding, Severity, Verdict
from monitor.sandbox.script import Delete, Edit, Entry, Follow, Said
from monitor.tables import CaseRow, DecisionRow, DigestRow, FindingRow, ItemRow, OutboxRow
from monitor.tables_people import FollowerRow

KEYS = {"x": X_KEY, "facebook": FACEBOOK_KEY}


def score(world: World, ids: Mapping[str, str]) -> dict[str, Any]:
    """One object, as `demo --once --json` prints it. `ids`: a script entry's id → the network's id of its item."""
    script = world.script
    with world.app.store.read() as session:
        items = session.exec(select(ItemRow)).all()
        cases = {(case.account, case.external_id): case for case in session.exec(select(CaseRow)).all()}
        found, missed, misrouted = [], [], []
        for entry in script.planted:
            case = cases.get(_place(entry, ids))
            if case is None or entry.expect is None or not entry.expect.met_by(_verdict(session, case)):
                missed.append(entry.id)
                continue
            found.append(entry.id)
            if not _rightly_told(session, entry, case):
                misrouted.append(entry.id)
        expected = {_place(entry, ids): entry for entry in script.entries if not isinstance(entry, Delete)}
        expected |= {_place(e, ids): e for e in script.entries if isinstance(e, Edit)}
        alarms = [
            f"{getattr(expected.get(place), 'id', 'unknown')}: {case.category}"
            for place, case in cases.items()
            if place not in expected or not expected[place].allows(case.category)
        ]
        return {
            "items": _nested((row.network, row.kind) for row in items if row.version == 1),
            "cases": {
                "by_category": dict(sorted(Counter(case.category for case in cases.values()).items())),
                "by_severity": dict(Counter(Severity(case.severity).word for case in cases.values())),
            },
            "mails_accepted": dict(
                sorted(
                    Counter(
                        session.exec(select(OutboxRow.role).where(col(OutboxRow.sent_at).is_not(None))).all()
                    ).items()
                )
            ),
            "mails_in_mailbox": len(world.mailbox.all()),
            "digest_sent": _digest_sent(session),
            "planted": {"found": len(found), "missed": missed, "misrouted": misrouted},
            "false_alarms": sorted(alarms),
            "lost": _lost(world, session, ids),
        }


def perfect(result: Mapping[str, Any]) -> bool:
    """Nothing planted was missed or told to the wrong person, nothing was lost, no false alarm, the digest went."""
    planted = result["planted"]
    return (
        not planted["missed"]
        and not planted["misrouted"]
        and not result["false_alarms"]
        and not any(result["lost"].values())
        and bool(result["digest_sent"])
    )


def _place(entry: Entry, ids: Mapping[str, str]) -> tuple[str, str]:
    named = entry.of if isinstance(entry, Edit | Delete) else entry.id
    return KEYS[entry.network], ids.get(named, "")


def _verdict(session: Session, case: CaseRow) -> Verdict:
    rows = session.exec(select(FindingRow).where(FindingRow.item_id == case.item_id)).all()
    findings = tuple(
        Finding(row.category, Severity(row.severity), row.detector, row.reason, (row.start, row.end))
        for row in rows
    )
    return Verdict(Severity(case.severity), case.category, findings)


def _rightly_told(session: Session, entry: Entry, case: CaseRow) -> bool:
    told = set(session.exec(select(OutboxRow.role).where(OutboxRow.case_id == case.id)).all())
    assert entry.expect is not None
    return set(entry.expect.to) <= told and not told & set(entry.expect.not_to)


def _digest_sent(session: Session) -> list[str]:
    """The local dates whose digest was made and accepted for every reader."""
    days = [row.local_date for row in session.exec(select(DigestRow).order_by(col(DigestRow.local_date)))]
    sent = []
    for day in days:
        waiting = session.exec(
            select(func.count())
            .select_from(OutboxRow)
            .where(
                col(OutboxRow.dedup_key).startswith(f"digest:{day.isoformat()}:"),
                col(OutboxRow.sent_at).is_(None),
            )
        ).one()
        if not waiting:
            sent.append(day.isoformat())
    return sent


def _lost(world: World, session: Session, ids: Mapping[str, str]) -> dict[str, Any]:
    """Whatever should have left a row, or moved on, and did not."""
    stored = set(session.exec(select(ItemRow.account, ItemRow.external_id)).all())
    said = [entry for entry in world.script.entries if isinstance(entry, Said | Follow)]
    followers = set(session.exec(select(FollowerRow.external_id)).all())
    gone = {entry.of for entry in world.script.entries if isinstance(entry, Delete)}
    sent = session.exec(select(OutboxRow.message_id).where(col(OutboxRow.sent_at).is_not(None))).all()
    arrived = {str(mail.message["Message-ID"]) for mail in world.mailbox.all()}
    return {
        "items": [
            entry.id
            for entry in said
            if entry.id not in gone
            and (KEYS[entry.network], ids[entry.id]) not in stored
            and ids[entry.id] not in followers
        ],
        "items_not_assessed": session.exec(
            select(func.count()).select_from(ItemRow).where(col(ItemRow.assessed_at).is_(None))
        ).one(),
        "mails_not_sent": session.exec(
            select(func.count()).select_from(OutboxRow).where(col(OutboxRow.sent_at).is_(None))
        ).one(),
        "mails_not_arrived": [name for name in sent if name not in arrived],
        "decisions_not_carried_out": session.exec(
            select(func.count()).select_from(DecisionRow).where(col(DecisionRow.done_at).is_(None))
        ).one(),
        "cases_without_evidence": _without_evidence(session),
        "audit_broken_at": world.app.chain_broken_at() or 0,
    }


def _without_evidence(session: Session) -> list[str]:
    from monitor.tables import EvidenceRow

    return list(
        session.exec(
            select(CaseRow.ref).where(
                col(CaseRow.id).not_in(
                    select(EvidenceRow.case_id).where(EvidenceRow.item_id == CaseRow.item_id)
                )
            )
        ).all()
    )


def _nested(pairs: Any) -> dict[str, dict[str, int]]:
    counted: dict[str, dict[str, int]] = {}
    for (network, kind), number in sorted(Counter(pairs).items()):
        counted.setdefault(network, {})[kind] = number
    return counted
