"""Copy: an item as its network returned it, with what it stands under, as canonical JSON, sealed and bound to the audit
log by its hash. It fetches nothing: no picture, no video, no page.

A copy is never changed and never made again. What is written here is `FORMAT` 2; a copy without a `format` is of the
first: without times of the school's own, interface and thread. docs/evidence.md says what a copy proves.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from monitor import __version__, items, keys
from monitor.domain import ItemKind
from monitor.store import Store
from monitor.tables import CaseRow, EvidenceRow, FindingRow, ItemRow
from monitor.vault import Sealer, key_id_of
from monitor.without_media import without_addresses

EVIDENCE = "evidence.sealed"
FORMAT = 2
COPIED, EMPTIED = "copied", "copy no longer kept"  # what the audit log says; the check reads it again
METHOD = (
    "read through the network's own interface for programs, in one piece; no screenshot, nothing downloaded"
)
NEVER_FETCHED = "never fetched"
LEFT_OUT = "never fetched; their addresses are left out"
# UKCIS, "Sharing nudes and semi-nudes" (2024), section 1.3: never view, copy, print, share, store or save
_IMAGES = frozenset({"sexual", "grooming"})
_IMAGES_WITH_MEDIA = frozenset({"child_at_risk"})
_LONDON = ZoneInfo("Europe/London")


def is_withheld(categories: set[str], *, has_media: bool) -> bool:
    """Whether a copy may not even hold the addresses of pictures, by any of the categories that were found."""
    families = {category.partition(".")[0] for category in categories}
    return bool(families & _IMAGES) or (has_media and bool(families & _IMAGES_WITH_MEDIA))


def keep_evidence(
    session: Session, store: Store, case: CaseRow, row: ItemRow, now: datetime, zone: ZoneInfo = _LONDON
) -> None:
    """Copy one version of an item for its case, once, in the caller's transaction. `zone` is the school's.

    From then on the item itself is sealed with the case's key too, and goes with it.
    """
    assert case.id is not None
    assert row.id is not None
    there = session.exec(
        select(EvidenceRow.id).where(EvidenceRow.case_id == case.id, EvidenceRow.item_id == row.id)
    ).first()
    if there is not None:
        return
    sealer = keys.for_case(session, store, case.id, now)
    _take_in(session, store, row, sealer)
    body = canonical(_copy(session, store, case, row, now, zone))
    copy = EvidenceRow(
        school_id=store.school,
        case_id=case.id,
        item_id=row.id,
        captured_at=now,
        sha256=hashlib.sha256(body).hexdigest(),
        sealed=sealer.seal(body, EVIDENCE),
    )
    session.add(copy)
    session.flush()
    store.audit(
        session,
        at=now,
        actor="schoolgate",
        happened=COPIED,
        thing=f"copy {copy.id}",
        detail=bound(copy.sha256, case.ref, f"item {row.id}"),
    )


def _take_in(session: Session, store: Store, row: ItemRow, sealer: Sealer) -> None:
    """Seal every version of the item with the case's key: what is erased with a case is erased with all of them."""
    versions = select(ItemRow).where(
        ItemRow.school_id == store.school,
        ItemRow.account == row.account,
        ItemRow.kind == row.kind,
        ItemRow.external_id == row.external_id,
        col(ItemRow.pruned_at).is_(None),
    )
    for version in session.exec(versions):
        if key_id_of(version.sealed) != sealer.key_id:
            version.sealed = sealer.seal(store.vault.unseal(version.sealed, items.SEALED), items.SEALED)
            session.add(version)


def bound(sha256: str, ref: str, what: str) -> str:
    """What an audit entry says of one piece of evidence: its hash and where it belongs."""
    return f"sha256 {sha256}, case {ref}, {what}"


def goes_on_from(seq: int, digest: str) -> str:
    """What the audit entry about pruned entries says of the last of them, so that a cut is not taken for pruning."""
    return f"; the log goes on from entry {seq} {digest}"


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8: the same value is always the same bytes."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _copy(
    session: Session, store: Store, case: CaseRow, row: ItemRow, now: datetime, zone: ZoneInfo
) -> dict[str, Any]:
    found = session.exec(select(FindingRow.category).where(FindingRow.item_id == row.id)).all()
    item = items.from_row(row, store.vault)
    withheld = is_withheld({case.category, row.category or "", *found}, has_media=item.has_media)
    return {
        "format": FORMAT,
        "schoolgate": __version__,
        "case": case.ref,
        "method": METHOD,
        "media": LEFT_OUT if withheld else NEVER_FETCHED,
        "captured_at": _iso(now),
        "local": {
            "zone": zone.key,
            "captured_at": _local(now, zone),
            "seen_at": _local(row.seen_at, zone),
            "posted_at": _local(row.posted_at, zone),
        },
        **_item(store, row, withheld=withheld),
        "thread": [
            {"is": what, **_around(session, store, row, external_id, withheld=withheld)}
            for what, external_id in (("it answers", row.parent_id), ("it stands under", row.thread_id))
            if external_id is not None
            and external_id != row.external_id
            and not (what == "it stands under" and external_id == row.parent_id)
        ],
    }


def _item(store: Store, row: ItemRow, *, withheld: bool) -> dict[str, Any]:
    item = items.from_row(row, store.vault)
    told: dict[str, Any] = {
        "text": item.text,
        "author": {
            "external_id": item.author.external_id,
            "handle": item.author.handle,
            "name": item.author.name,
            "bio": item.author.bio,
        },
        "as_returned": dict(item.raw),
    }
    if withheld:
        told = without_addresses(told, kept=item.url)
    return {
        "network": row.network,
        "account": row.account,
        "api": items.api_of(row, store.vault),
        "kind": row.kind,
        "external_id": row.external_id,
        "target_id": row.target_id,
        "version": row.version,
        "thread_id": row.thread_id,
        "parent_id": row.parent_id,
        "has_media": item.has_media,
        "url": item.url,
        "posted_at": _iso(row.posted_at),
        "seen_at": _iso(row.seen_at),
        **told,
    }


def _around(
    session: Session, store: Store, row: ItemRow, external_id: str, *, withheld: bool
) -> dict[str, Any]:
    """An item of the same thread as stored at this time. Of one that is a case itself, or that nobody has judged yet,
    the words stay out: whoever may read this case may not read that one (conflict of interest)."""
    other = session.exec(
        select(ItemRow)
        .where(
            ItemRow.school_id == store.school,
            ItemRow.account == row.account,
            ItemRow.external_id == external_id,
            ItemRow.kind != ItemKind.FOLLOWER.value,
        )
        .order_by(col(ItemRow.version).desc())
    ).first()
    if other is None or other.pruned_at is not None:
        return {"external_id": external_id, "words": "not read by Schoolgate"}
    its_case = session.exec(
        select(CaseRow.id).where(
            CaseRow.school_id == store.school,
            CaseRow.account == other.account,
            CaseRow.kind == other.kind,
            CaseRow.external_id == external_id,
        )
    ).first()
    if its_case is not None or other.assessed_at is None:
        return {"external_id": external_id, "words": "not part of this copy"}
    return {"words": "as stored when this was copied", **_item(store, other, withheld=withheld)}


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def _local(at: datetime | None, zone: ZoneInfo) -> str | None:
    return at.astimezone(zone).isoformat() if at else None
