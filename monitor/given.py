"""Evidence that people give: a parent's screenshot, a letter. Kept as it came, with who gave it; never opened or shown.

It proves less than a copy of Schoolgate's own, and is marked so wherever it stands. Nothing is taken in for a case that
may be about an indecent picture of a child (UKCIS, "Sharing nudes and semi-nudes", 2024, section 1.3).
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from monitor import keys
from monitor.domain import Role
from monitor.evidence import bound
from monitor.store import Store
from monitor.tables import CaseRow
from monitor.tables_evidence import GivenRow

GIVEN = "evidence given"  # what the audit log says; the check reads it again
FILE, SAID = "given_evidence.sealed", "given_evidence.said"
MOST_BYTES = 10 * 1024 * 1024
MOST_IN_A_CASE = 40
LONGEST = 200  # characters of each thing said, of `note` five times as many
NOT_CAPTURED = "not captured by Schoolgate"
NEVER_TAKEN = frozenset({"sexual", "grooming", "child_at_risk"})  # category families


class Kind(StrEnum):
    """What may be given, by file ending."""

    PNG = "png"
    JPEG = "jpg"
    PDF = "pdf"
    TEXT = "txt"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who gave it: how they belong to the school, their name (may be empty), and how it came, in the reviewer's words."""

    relation: str
    name: str
    note: str


def kind_of(body: bytes) -> Kind | None:
    """By what the file begins with, whatever its name says; None for everything else. Text is UTF-8 without controls."""
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if body.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if body.startswith(b"%PDF-"):
        return Kind.PDF
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    plain = all(char.isprintable() or char in "\n\r\t\f\ufeff" for char in text)
    return Kind.TEXT if text.strip() and plain else None


def may_be_given(category: str) -> bool:
    """Whether a case of this category takes files at all."""
    return category.partition(".")[0] not in NEVER_TAKEN


def keep_given(
    session: Session,
    store: Store,
    case: CaseRow,
    body: bytes,
    kind: Kind,
    provenance: Provenance,
    *,
    received_at: datetime,
    by: Role,
    now: datetime,
) -> GivenRow:
    """Seal what was given and bind it to the audit log, in the caller's transaction."""
    assert case.id is not None
    sealer = keys.for_case(session, store, case.id, now)
    row = GivenRow(
        school_id=store.school,
        case_id=case.id,
        kind=kind.value,
        size=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
        sealed=sealer.seal(body, FILE),
        said=sealer.seal_json(asdict(provenance), SAID),
        received_at=received_at,
        entered_at=now,
        entered_by=by.value,
    )
    session.add(row)
    session.flush()
    store.audit(
        session,
        at=now,
        actor=by.value,
        happened=GIVEN,
        thing=f"given {row.id}",
        detail=bound(row.sha256, case.ref, f"{kind.value} of {len(body)} bytes"),
    )
    return row


def provenance_of(store: Store, row: GivenRow) -> Provenance | None:
    """Who gave it; None when that is no longer kept."""
    if not row.said:
        return None
    said: dict[str, Any] = store.vault.unseal_json(row.said, SAID)
    return Provenance(**said)
