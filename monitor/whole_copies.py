"""Whether what was copied of an item still holds: it opens, and its SHA-256 is the one on record. Reads only."""

from __future__ import annotations

import hashlib

from sqlmodel import Session, col, select

from monitor.errors import StoreError
from monitor.evidence import EVIDENCE
from monitor.store import Store
from monitor.tables import EvidenceRow, ItemRow


def is_copied(session: Session, case_id: int, item_id: int) -> bool:
    """Whether a sealed copy of this version is kept."""
    return _copy(session, case_id, item_id) is not None


def is_whole(session: Session, store: Store, case_id: int, item: ItemRow) -> bool:
    """Whether the newest version of the item was copied for this case, and that copy opens and is what was hashed."""
    newest = session.exec(
        select(ItemRow.id)
        .where(
            ItemRow.school_id == store.school,
            ItemRow.account == item.account,
            ItemRow.kind == item.kind,
            ItemRow.external_id == item.external_id,
        )
        .order_by(col(ItemRow.version).desc())
        .limit(1)
    ).one()
    copy = _copy(session, case_id, newest or 0)
    if copy is None:
        return False
    try:
        body = store.vault.unseal(copy.sealed, EVIDENCE)
    except StoreError:
        return False
    return hashlib.sha256(body).hexdigest() == copy.sha256


def _copy(session: Session, case_id: int, item_id: int) -> EvidenceRow | None:
    return session.exec(
        select(EvidenceRow).where(
            EvidenceRow.case_id == case_id, EvidenceRow.item_id == item_id, EvidenceRow.sealed != b""
        )
    ).first()
