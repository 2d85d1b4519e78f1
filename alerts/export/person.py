"""What is kept about one person, as an answer to their request (Article 15 UK GDPR): a ZIP with JSON, a page to read, and
the list of what somebody must look at before it leaves the school. Others are tokens; nothing is sent anywhere.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jinja2
from sqlmodel import Session, col, select

from alerts import safe
from alerts.export.history import Exporting, who
from alerts.export.redacting import Redactor
from alerts.situation import decisions_of, said
from alerts.words import LocalTime, category_words, day, network_words
from monitor.domain import Item
from monitor.subject import Kept, item_of
from monitor.tables import AuditRow, CaseRow, FindingRow, ItemRow, OutboxRow
from monitor.tables_evidence import GivenRow

FORMAT = 1
_HERE = Path(__file__).parent
# Data Protection Act 2018, Schedule 2 paragraphs 2, 5 and 16, Schedule 3 paragraphs 17 to 21
_SAFEGUARDING = "a safeguarding matter: ask the DPO about Schedule 3 (serious harm, child abuse data) first"
_REASON = "in a reviewer's words, about others too perhaps: names are masked; give more or less as is fair"


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is the ZIP; `review`: how many places somebody must look at."""

    name: str
    body: bytes
    review: int


def answer(
    school: Exporting, session: Session, kept: Kept, *, received: date, due: date, now: datetime
) -> Answer:
    """The ZIP for one person. Reads only; the caller puts on record that it was made."""
    made = _Record(school, session, kept)
    record = {
        "format": FORMAT,
        "school": school.school_name,
        "schoolgate": school.version,
        "made_at": now.astimezone(school.timezone).isoformat(),
        "received_on": received.isoformat(),
        "answer_by": due.isoformat(),
        "items": made.items(),
        "cases": [made.case(case) for case in kept.cases],
        "follows": [made.follower(row) for row in kept.followers],
        "followed_by_the_school": [
            {"network": row.network, "since": _iso(row.first_seen_at)} for row in kept.followed
        ],
        "claims": [made.claim(row) for row in kept.claims],
        "decisions_on_the_account": [made.decided(row) for row in kept.decided],
        "school_register": made.register(),
        "in_copies_of_other_cases": len(kept.around),
    }
    made.review += [
        {
            "where": f"copy {row.id}",
            "why": "another person's case shows an item of theirs; say so, without that case",
        }
        for row in kept.around
    ]
    files = {
        "data.json": _json(record),
        "data.html": _page(record, LocalTime(school.timezone.key)).encode(),
        "REVIEW-BEFORE-SENDING.json": _json({"look_at": made.review, "tokens": len(made.redactor.tokens)}),
        "README.txt": (_HERE / "person.txt").read_text("utf-8").replace("[due]", f"{due:%d %B %Y}").encode(),
    }
    return Answer(
        f"request-{now.astimezone(school.timezone):%Y%m%d-%H%M%S}.zip", _zip(files, now), len(made.review)
    )


class _Record:
    """Collects the parts, and beside them what somebody must look at."""

    def __init__(self, school: Exporting, session: Session, kept: Kept) -> None:
        self.school, self.session, self.kept = school, session, kept
        own = {handle for _, handle in kept.handles} | set(kept.emails)
        self.opened = {row.id: item_of(school.store, row) for row in kept.items}
        own |= {one.author.handle.casefold() for one in self.opened.values() if one and one.author.handle}
        self.redactor = Redactor(frozenset(own))
        self.review: list[dict[str, str]] = []

    def items(self) -> list[dict[str, Any]]:
        return [self._item(row, self.opened[row.id]) for row in self.kept.items]

    def _item(self, row: ItemRow, item: Item | None) -> dict[str, Any]:
        told = {
            "id": f"item {row.id}",
            "network": network_words(row.network)[0],
            "kind": row.kind,
            "network_id": row.external_id,
            "posted_at": _iso(row.posted_at),
            "read_at": _iso(row.seen_at),
        }
        if item is None:
            return told | {"text": None, "no_longer_kept": True}
        found = self.session.exec(select(FindingRow).where(FindingRow.item_id == row.id)).all()
        hidden = [(one.start, one.end) for one in found if one.category.partition(".")[0] == "identifying"]
        text, taken = self.redactor.text(item.text, hidden)
        if taken:
            self._look(told["id"], f"{taken} places were taken out for others; look whether a name is left")
        return told | {
            "text": text,
            "author": {"handle": item.author.handle, "name": item.author.name, "bio": item.author.bio},
            "address": item.url,
            "found": [{"category": category_words(one.category).name, "why": one.reason} for one in found],
        }

    def case(self, case: CaseRow) -> dict[str, Any]:
        if case.category.partition(".")[0] in {"child_at_risk", "grooming", "staff_allegation", "sexual"}:
            self._look(f"case {case.ref}", _SAFEGUARDING)
        given = self.session.exec(select(GivenRow).where(GivenRow.case_id == case.id)).all()
        for one in given:
            self._look(
                f"given {one.id}",
                "a file that somebody gave; not in this export: look at it on the case's page",
            )
        log = self.session.exec(
            select(AuditRow).where(AuditRow.thing == f"case {case.ref}").order_by(col(AuditRow.seq))
        ).all()
        mails = self.session.exec(select(OutboxRow).where(OutboxRow.case_id == case.id)).all()
        return {
            "case": case.ref,
            "category": category_words(case.category).name,
            "opened_at": _iso(case.opened_at),
            "closed_at": _iso(case.closed_at),
            "outcome": case.outcome,
            "decisions": [self._decision(case, row) for row in decisions_of(self.school, self.session, case)],
            "copies": [
                {"made_at": _iso(row.captured_at), "sha256": row.sha256, "kept": bool(row.sealed)}
                for row in self.kept.copies
                if row.case_id == case.id
            ],
            "told": [{"role": row.role, "sent_at": _iso(row.sent_at)} for row in mails],
            "log": [
                {"at": _iso(row.at), "who": who(self.school, row.actor), "what": row.event} for row in log
            ],
        }

    def _decision(self, case: CaseRow, row: Any) -> dict[str, Any]:
        reason = str(said(self.school, row).get("reason", ""))
        if reason:
            self._look(f"case {case.ref}, decision {row.seq + 1}", _REASON)
        return {
            "at": _iso(row.created_at),
            "who": who(self.school, row.role),
            "what": row.choice,
            "came_of_it": row.done,
            "reason": safe.masked_whole(reason),
        }

    def follower(self, row: Any) -> dict[str, Any]:
        return {
            "network": network_words(row.network)[0],
            "network_id": row.external_id,
            "state": row.state,
            "why": row.reason,
            "on_the_register_as": row.role,
            "first_seen_at": _iso(row.first_seen_at),
        }

    def claim(self, row: Any) -> dict[str, Any]:
        return {
            "network": network_words(row.network)[0],
            "made_at": _iso(row.created_at),
            "consented_at": _iso(row.consented_at),
            "standing": row.standing,
            "way": row.way,
        }

    def decided(self, row: Any) -> dict[str, Any]:
        self._look(f"decision on a follower {row.id}", _REASON)
        return {"at": _iso(row.decided_at), "who": who(self.school, row.role), "what": row.choice}

    def register(self) -> dict[str, Any]:
        """What kinds of keyed hashes there are, by role; the office's own records have the data themselves."""
        kinds = sorted({(row.role, row.kind) for row in self.kept.register})
        return {"hashes": len(self.kept.register), "kinds": [f"{role}: {kind}" for role, kind in kinds]}

    def _look(self, where: object, why: str) -> None:
        self.review.append({"where": str(where), "why": why})


def _page(record: Mapping[str, Any], time: LocalTime) -> str:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    env.filters["plain"] = lambda text: safe.shown(str(text), 20_000, lines=True)
    env.filters["time"] = lambda at: time.full(datetime.fromisoformat(at))
    env.filters["date"] = lambda on: f"{day(date.fromisoformat(on))} {on[:4]}"
    return env.get_template("person.html").render(record)


def _zip(files: Mapping[str, bytes], now: datetime) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, body in sorted(files.items()):
            entry = zipfile.ZipInfo(name, now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100600 << 16
            archive.writestr(entry, body)
    return written.getvalue()


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=True) + "\n").encode()


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
