"""The codes of letters as rows: made anew for a family, and looked up for a claim. Nothing in clear is kept.

Everything here happens in the caller's transaction. What a code is for is monitor/family_codes.py's to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, func, select

from monitor.claims import MATCHED
from monitor.families import Family
from monitor.family_codes import HANDLES
from monitor.store import Store
from monitor.tables_people import ClaimRow, FamilyCodeRow


def code_digest(store: Store, code: str) -> bytes:
    """The keyed hash under which a code in its normal form is kept."""
    return store.vault.digest("claim.code", code)


def replace(
    store: Store,
    session: Session,
    letters: Iterable[tuple[Family, str]],
    *,
    now: datetime,
    expires_at: datetime,
) -> int:
    """Keep a new code (in its normal form) for each family; their older ones end. Returns how many ended.

    An older code is a family's when it knows one of the family's pupils (of a file without pupils: of its people), or
    nobody but its people.
    """
    standing = session.exec(
        select(FamilyCodeRow).where(
            FamilyCodeRow.school_id == store.school,
            col(FamilyCodeRow.revoked_at).is_(None),
            col(FamilyCodeRow.expires_at) > now,
        )
    ).all()
    older = {row.id: people_of(row) for row in standing}
    holders: dict[str, set[int | None]] = {}
    for row in standing:
        for person in older[row.id]:
            holders.setdefault(person, set()).add(row.id)
    ended: set[int | None] = set()
    for family, code in letters:
        near = set[int | None]().union(*(holders.get(person, ()) for person in family.people))
        ended |= {one for one in near if older[one] & family.known_by or older[one] <= family.people}
        session.add(
            FamilyCodeRow(
                school_id=store.school,
                digest=code_digest(store, code),
                people=" ".join(sorted(family.people)),
                created_at=now,
                expires_at=expires_at,
            )
        )
    for row in standing:
        if row.id in ended:
            row.revoked_at = now
            session.add(row)
    session.flush()
    return len(ended)


def good_for(store: Store, session: Session, claim: ClaimRow) -> FamilyCodeRow | None:
    """The code that came with this claim, where it held when the claim was asked, was not replaced since, and has not
    yet spoken for HANDLES other accounts."""
    if claim.code is None:
        return None
    row = session.exec(
        select(FamilyCodeRow).where(
            FamilyCodeRow.school_id == store.school,
            FamilyCodeRow.digest == claim.code,
            col(FamilyCodeRow.revoked_at).is_(None),
            col(FamilyCodeRow.expires_at) > claim.created_at,
        )
    ).first()
    if row is None:
        return None
    others = (
        select(ClaimRow.network, ClaimRow.handle)
        .where(
            ClaimRow.school_id == store.school,
            ClaimRow.code == claim.code,
            col(ClaimRow.by_letter),
            col(ClaimRow.standing).in_(MATCHED),
            (col(ClaimRow.network) != claim.network) | (col(ClaimRow.handle) != claim.handle),
        )
        .distinct()
        .subquery()
    )
    spoken_for = session.exec(select(func.count()).select_from(others)).one()
    return row if spoken_for < HANDLES else None


def people_of(row: FamilyCodeRow) -> frozenset[str]:
    """The register's ids of the family."""
    return frozenset(row.people.split())
