"""The ZIP itself: copies byte for byte, a sheet for each, chronology, decisions, the audit log's part, a checker.

The same rows and the same time give the same bytes. Nothing of the register goes in. Reads only; `exported` notes it.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from alerts.export import sheets
from alerts.export.history import (
    Exporting,
    all_copies,
    as_csv,
    categories_of,
    chronology,
    decisions,
    given_of,
    who,
)
from alerts.export.log import extract
from alerts.pdf import pdf
from monitor.domain import Role
from monitor.errors import StoreError
from monitor.evidence import EVIDENCE, is_withheld
from monitor.given import FILE, NOT_CAPTURED, provenance_of
from monitor.tables import CaseRow, EvidenceRow
from monitor.tables_evidence import GivenRow, HeadRow

FORMAT = 1
_HERE = Path(__file__).parent
_README = (_HERE / "README.txt").read_text("utf-8")
_NO_LOG: dict[str, Any] = {"seq": 0, "hash": "0" * 64}


@dataclass(frozen=True, slots=True)
class Bundle:
    """`name` is a plain file name, `manifest` the SHA-256 of manifest.json, `head` the log's as the sheets show it."""

    name: str
    body: bytes
    manifest: str
    head: tuple[int, str]


@dataclass
class _Made:
    """The files so far, each with what it is; the pieces of evidence for the manifest."""

    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    pieces: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, body: bytes, what: str) -> None:
        self.files[name] = (body, what)


def bundle(school: Exporting, session: Session, case: CaseRow, role: Role, now: datetime) -> Bundle:
    """The export of a case for a role that may see it: the caller has made sure of that."""
    made, log = _Made(), extract(school, session, case)
    head: dict[str, Any] = log["head"] or _NO_LOG
    frame = sheets.Frame(
        ref=case.ref,
        school=school.school_name,
        account=school.accounts.get(case.account, case.account),
        zone=school.timezone,
        head=(head["seq"], head["hash"]),
        made_at=now,
        withheld=is_withheld(categories_of(school, session, case), has_media=True),
    )
    events = chronology(school, session, case)
    bound = {entry["thing"] for entry in log["entries"] if "thing" in entry}
    done = [
        event
        for event in events
        if event.what.startswith(("decided", "noted the outcome", "closed the", "told somebody outside"))
    ]
    _copies(school, session, case, frame, made, bound, done)
    _given(school, session, case, frame, made, bound, done)
    made.add(
        "chronology.pdf", pdf("chronology", sheets.chronology_page(frame, events), made_at=now), "chronology"
    )
    made.add("chronology.csv", as_csv(events, school.timezone), "the same as a table")
    made.add("decisions.json", _json(decisions(school, session, case)), "decisions with their reasons")
    made.add("audit.json", _json(log), "the part of the audit log that this case hangs on")
    _time_stamp(school, session, head, made)
    made.add("verify.py", (_HERE / "offline.py").read_bytes(), "the check; needs Python and nothing else")
    made.add("README.txt", _readme(school, case, now), "what this is")
    manifest = _json(_manifest(school, case, role, now, head, made))
    return Bundle(
        name=f"{case.ref}-evidence-{now.astimezone(school.timezone):%Y%m%d-%H%M%S}.zip",
        body=_zip(case.ref, made, manifest, now.astimezone(school.timezone)),
        manifest=hashlib.sha256(manifest).hexdigest(),
        head=(head["seq"], head["hash"]),
    )


def exported(
    school: Exporting, session: Session, case: CaseRow, one: Bundle, role: Role, now: datetime, *, how: str
) -> None:
    """Note that it was handed out, and which head its sheets show, in the caller's transaction."""
    seq, digest = one.head
    session.add(HeadRow(school_id=school.store.school, seq=seq, hash=digest, at=now, said_in="export"))
    school.store.audit(
        session,
        at=now,
        actor=role.value,
        happened="exported",
        thing=f"case {case.ref}",
        detail=f"{how}, manifest sha256 {one.manifest}",
    )


def _opened(school: Exporting, piece: dict[str, Any], sealed: bytes, place: str) -> bytes | None:
    """What was sealed; None when there is nothing or it does not open, which the manifest then says."""
    if not sealed:
        return None
    try:
        return school.store.vault.unseal(sealed, place)
    except StoreError:
        piece |= {"file": None, "opens": False}
        return None


def _copies(
    school: Exporting,
    session: Session,
    case: CaseRow,
    frame: sheets.Frame,
    made: _Made,
    bound: set[str],
    done: list[Any],
) -> None:
    rows = all_copies(school, session, case)
    for number, (one, row) in enumerate(rows, 1):
        name = f"copies/copy-{number}.json"
        piece = _piece(row, f"copy {row.id}", one.ref, name, bound) | {"captured_at": _utc(row.captured_at)}
        made.pieces.append(piece)
        body = _opened(school, piece, row.sealed, EVIDENCE)
        if body is None:
            continue
        made.add(name, body, "what the network returned, byte for byte as it was hashed")
        copy = json.loads(body.decode("utf-8", "surrogatepass"))
        values = sheets.copy_sheet(
            frame, copy, number=number, of=len(rows), sha256=row.sha256, name=name, done=done
        )
        made.add(
            f"sheets/copy-{number}.pdf", pdf("evidence", values, made_at=frame.made_at), "the same, to print"
        )


def _given(
    school: Exporting,
    session: Session,
    case: CaseRow,
    frame: sheets.Frame,
    made: _Made,
    bound: set[str],
    done: list[Any],
) -> None:
    for number, row in enumerate(given_of(school, session, case), 1):
        name = f"given/given-{number}.{row.kind}"
        piece = _piece(row, f"given {row.id}", case.ref, name, bound)
        piece |= {"origin": NOT_CAPTURED, "entered_at": _utc(row.entered_at)}
        made.pieces.append(piece)
        body = _opened(school, piece, row.sealed, FILE)
        if body is None:
            continue
        made.add(name, body, f"given by a person; {NOT_CAPTURED}")
        by = who(school, row.entered_by)
        values = sheets.given_sheet(
            frame, row, provenance_of(school.store, row), number=number, name=name, by=by, done=done
        )
        made.add(f"sheets/given-{number}.pdf", pdf("evidence", values, made_at=frame.made_at), "who gave it")


def _piece(row: EvidenceRow | GivenRow, thing: str, ref: str, name: str, bound: set[str]) -> dict[str, Any]:
    return {
        "case": ref,
        "thing": thing,
        "file": name if row.sealed else None,
        "sha256": row.sha256,
        "kept": bool(row.sealed),
        "opens": True,
        "in_audit_log": thing in bound,
    }


def _time_stamp(school: Exporting, session: Session, head: Mapping[str, Any], made: _Made) -> None:
    """The newest time stamp of the log, if the school has any made."""
    row = session.exec(
        select(HeadRow)
        .where(
            HeadRow.school_id == school.store.school,
            col(HeadRow.token).is_not(None),
            HeadRow.seq <= head["seq"],
        )
        .order_by(col(HeadRow.seq).desc())
        .limit(1)
    ).first()
    if row is None or row.token is None:
        return
    made.add("timestamp/head.txt", row.hash.encode(), f"the log's head at entry {row.seq}: what was stamped")
    made.add("timestamp/head.tsr", row.token, "its time stamp (RFC 3161)")


def _manifest(
    school: Exporting, case: CaseRow, role: Role, now: datetime, head: Mapping[str, Any], made: _Made
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "schoolgate": school.version,
        "school": school.school_name,
        "case": case.ref,
        "exported_at": _utc(now),
        "exported_at_local": now.astimezone(school.timezone).isoformat(),
        "zone": school.timezone.key,
        "exported_for": role.value,
        "head": dict(head),
        "evidence": made.pieces,
        "files": {
            name: {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body), "is": what}
            for name, (body, what) in sorted(made.files.items())
        },
    }


def _readme(school: Exporting, case: CaseRow, now: datetime) -> bytes:
    filled = {
        "ref": case.ref,
        "school": school.school_name,
        "at": sheets.times(now, school.timezone),
        "version": school.version,
    }
    text = _README
    for name, says in filled.items():
        text = text.replace(f"[{name}]", says)
    return text.encode()


def _zip(ref: str, made: _Made, manifest: bytes, local: datetime) -> bytes:
    written = io.BytesIO()
    files = sorted([*((name, body) for name, (body, _) in made.files.items()), ("manifest.json", manifest)])
    with zipfile.ZipFile(written, "w") as archive:
        for name, body in files:
            entry = zipfile.ZipInfo(f"{ref}/{name}", local.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100600 << 16
            archive.writestr(entry, body)
    return written.getvalue()


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True) + "\n").encode()


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
