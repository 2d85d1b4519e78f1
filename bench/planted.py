"""A school whose every place that holds words is filled with planted ones, for looking whether they go. Measures nothing.

All people are invented. What is planted begins with MARKER, in text, names, reasons, files and addresses.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from alerts import keeping
from alerts.outbox import enqueue
from alerts.situation import SEALED as DECISION
from alerts.tellings import SEALED as TELLING
from monitor import holds, items, schema
from monitor.claim_rows import SEALED as CLAIM
from monitor.claims import Standing
from monitor.detectors.changes import Change, Kind
from monitor.domain import Author, CaseState, Item, ItemKind, Reason, Role
from monitor.evidence import keep_evidence
from monitor.follower_rows import SEALED as FOLLOWER_DECISION
from monitor.following_rows import SEALED as FOLLOWED
from monitor.given import Kind as FileKind
from monitor.given import Provenance, keep_given
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, FindingRow, ItemRow, NoticeRow, OutboxRow
from monitor.tables_people import ClaimRow, FollowedRow, FollowerDecisionRow
from monitor.tables_telling import TellingRow
from monitor.tables_watching import KeptDigestRow
from monitor.tuning import State, decide, propose
from monitor.vault import Vault

MARKER = "Quillfeather"
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
PLACES = (  # tables and columns that hold words, each filled by `plant`
    "item.sealed", "evidence.sealed", "given_evidence.sealed", "given_evidence.said", "decision.sealed",
    "outbox.sealed", "telling.sealed", "claim.sealed", "follower_decision.sealed", "followed.sealed",
    "kept_digest.sealed", "proposal.sealed", "hold.sealed",
)  # fmt: skip


def digest_row(school: str, number: int, sealed: bytes) -> KeptDigestRow:
    """A digest as it was mailed, of a day of its own."""
    day = BEGAN.date() + timedelta(days=number)
    return KeptDigestRow(
        school_id=school, kind="daily", day=day, role="office", sealed=sealed, created_at=BEGAN
    )


class School:
    """An open database in `folder`, and what fills it."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        path = folder / "schoolgate.db"
        schema.upgrade(path)
        self.chance = chance
        self.store = Store(path, Vault(chance.randbytes(32)), school="school")

    def close(self) -> None:
        self.store.close()

    def plant(self, people: int) -> None:
        """What `people` strangers wrote: some harmless, some a case with everything that can hang on one."""
        for number in range(people):
            with self.store.write() as session:
                row = self._item(session, number)
                if self.chance.random() < 0.6:
                    self._case(session, row, number)
                self._beside(session, number)

    def _words(self, what: str) -> str:
        """Planted words of a length that is anything from a line to several pages of the database."""
        length = self.chance.choice((1, 3, 20, 90, 400))
        return f"{MARKER} {what} " + " ".join(
            f"{MARKER}{self.chance.randrange(10**9)}" for _ in range(length)
        )

    def _seal(self, place: str, **words: object) -> bytes:
        return self.store.vault.seal_json(words, place)

    def _item(self, session: Session, number: int) -> ItemRow:
        name = f"{MARKER} {number}"
        item = Item(
            account="page",
            kind=ItemKind.COMMENT,
            external_id=f"c{number}",
            text=self._words("text"),
            author=Author(f"u{number}", f"{MARKER.lower()}{number}", name, self._words("bio")),
            url=f"https://social.example/{MARKER}/{number}",
            raw={"message": self._words("raw")},
        )
        row = items.to_row(
            item,
            self.store.vault,
            school=self.store.school,
            network="facebook",
            version=1,
            now=BEGAN,
            baseline=False,
        )
        row.assessed_at = BEGAN
        session.add(row)
        session.flush()
        return row

    def _case(self, session: Session, row: ItemRow, number: int) -> None:
        store, now = self.store, BEGAN
        assert row.id is not None
        session.add(
            FindingRow(
                school_id=store.school, item_id=row.id, category="threat", severity=4,
                detector="words/threat", reason="May be a threat", start=0, end=4,
            )
        )  # fmt: skip
        case = CaseRow(
            school_id=store.school, number=number + 1, ref=f"SM-{number + 1:04d}", account=row.account,
            network=row.network, kind=row.kind, external_id=row.external_id, item_id=row.id, category="threat",
            severity=4, state=CaseState.CLOSED.value, opened_at=now,
            closed_at=now + timedelta(days=self.chance.randrange(400)),
        )  # fmt: skip
        session.add(case)
        session.flush()
        assert case.id is not None
        keep_evidence(session, store, case, row, now)
        keep_given(
            session, store, case, self._words("file").encode(), FileKind.TEXT,
            Provenance("parent", MARKER, self._words("note")), received_at=now, by=Role.DSL, now=now,
        )  # fmt: skip
        session.add(
            DecisionRow(
                school_id=store.school, case_id=case.id, item_id=row.id, seq=0, choice="close", role="dsl",
                sealed=self._seal(DECISION, why="family", reason=self._words("reason")), created_at=now,
                next_attempt_at=now, done_at=now,
            )
        )  # fmt: skip
        notice = NoticeRow(
            school_id=store.school, case_id=case.id, reason=Reason.FIRST, severity=4, created_at=now,
            not_before=now, composed_at=now,
        )  # fmt: skip
        session.add(notice)
        session.flush()
        assert notice.id is not None
        session.add(
            TellingRow(
                school_id=store.school, notice_id=notice.id, case_id=case.id, reason="first", severity=4,
                role="dsl", recipient="0" * 64, sealed=self._seal(TELLING, to=f"{MARKER}@school.example"),
                created_at=now, due_at=now, told_at=now,
            )
        )  # fmt: skip
        self._mail(session, case.id, number)
        if self.chance.random() < 0.2:
            self._learnt(session, case)
            holds.place(session, store, case, why=self._words("hold"), by="dsl", now=now)
            for one in holds.holds_of(session, store.school, case.id):
                holds.lift(session, store, one, by="dsl", now=now)

    def _mail(self, session: Session, case_id: int, number: int) -> None:
        """One that the server refused for good: its bytes stay in the outbox."""
        enqueue(
            self.store, session, now=BEGAN, dedup_key=f"first:{number}", role="headteacher",
            recipient=f"{MARKER.lower()}@school.example", reason=Reason.FIRST, message_id=f"{number}@school.example",
            message=self._words("mail").encode(), case_id=case_id,
        )  # fmt: skip
        session.flush()
        for row in session.exec(select(OutboxRow).where(col(OutboxRow.failed_at).is_(None))):
            row.failed_at = BEGAN

    def _learnt(self, session: Session, case: CaseRow) -> None:
        row = propose(
            session, self.store, case, Change(f"insult.{case.number}", Kind.PHRASE, (MARKER.lower(),)),
            category="insult", phrase=self._words("phrase"), comment=self._words("comment"), role=Role.DSL, now=BEGAN,
        )  # fmt: skip
        if row is not None:
            decide(session, self.store, row, State.WITHDRAWN, Role.DSL, BEGAN)

    def _beside(self, session: Session, number: int) -> None:
        """Claims, decisions on followers, whom the school follows, a digest as it was mailed."""
        school, now, handle = self.store.school, BEGAN, f"{MARKER.lower()}{number}"
        session.add(
            ClaimRow(
                school_id=school, network="x", email=self.chance.randbytes(32), handle=self.chance.randbytes(32),
                way="page", sealed=self._seal(CLAIM, address=f"{handle}@family.example", handle=handle),
                standing=Standing.ASKED.value, consented_at=now, created_at=now, expires_at=now + timedelta(days=2),
            )
        )  # fmt: skip
        session.add(
            FollowerDecisionRow(
                school_id=school, network="x", external_id=f"f{number}", choice="reject", role="office",
                sealed=self._seal(FOLLOWER_DECISION, reason=self._words("reason"), who=MARKER), decided_at=now,
            )
        )  # fmt: skip
        session.add(
            FollowedRow(
                school_id=school, account="page", network="x", external_id=f"g{number}",
                sealed=self._seal(FOLLOWED, handle=handle), allowed=True, says="", first_seen_at=now, seen_at=now,
            )
        )  # fmt: skip
        keeping.keep(
            self.store, session, kind="daily", day=date(2026, 1, 5) + timedelta(days=number), role=Role.OFFICE,
            values={"sections": [self._words("digest")]}, now=now,
        )  # fmt: skip
