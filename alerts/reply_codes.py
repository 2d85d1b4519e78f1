"""Case codes as rows: issued with a mail, found again in its answer. A code names a mail, a reader and a case as it stood;
by itself it may do nothing, and only its keyed hash is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, select

from alerts.desk import Desk, Reader, to_be_asked
from alerts.handing import handing_offers
from alerts.links import recipient_hash
from alerts.offers import offers
from alerts.reply_words import Word, address_with, new_code, printed
from alerts.situation import Deciding, situation_of
from alerts.views import ByReply
from alerts.words import NEVER_HIDDEN, family
from monitor.domain import ActionKind, Capability, Choice, Role
from monitor.hours import Hours
from monitor.store import Store
from monitor.tables import CaseRow
from monitor.tables_replies import ReplyCodeRow

_KEPT_CLOSE = frozenset({"staff_allegation"})


def by_mail(store: Store, desk: Desk) -> ByMail:
    return ByMail(store, desk.capabilities, desk.hours, desk.replies.holders if desk.replies else {})


@dataclass(frozen=True, slots=True)
class ByMail:
    """What deciding by mail needs to know: the same as deciding by the page."""

    store: Store
    capabilities: Mapping[str, Mapping[ActionKind, Capability]] = field(default_factory=dict)
    hours: Hours | None = None
    holders: Mapping[Role, str] = field(default_factory=dict)  # of each role: their address

    def to_be_asked(self, case: CaseRow) -> Role | None:
        """See alerts/desk.py. An allegation is not handed on by a word in a mail: its own route leads to the LADO."""
        return None if family(case.category) in _KEPT_CLOSE else to_be_asked(case, self.holders)

    @staticmethod
    def may_hide(category: str) -> bool:
        return family(category) not in NEVER_HIDDEN


def words_for(deciding: Deciding, session: Session, case: CaseRow, role: Role) -> tuple[Word, ...]:
    """The words that this reader may answer with now. What a person must do on the network is left to the page."""
    now_true = situation_of(deciding, session, case)
    found = offers(now_true, deciding.capabilities.get(case.network, {}), deciding.may_hide)
    hide = found.get(Choice.REMOVE)
    return tuple(
        word
        for word, may in (
            (Word.ACK, Choice.ACKNOWLEDGE in found),
            (Word.HIDE, hide is not None and not hide.by_hand),
            (Word.DSL, Choice.ASK_DSL in handing_offers(deciding, case) and role is not Role.DSL),
        )
        if may
    )


def by_reply(
    session: Session, store: Store, desk: Desk, case: CaseRow, reader: Reader, now: datetime
) -> ByReply | None:
    """How this reader may answer about the case as it stands, with a code of its own; None where they may not, or the
    school takes no answers by mail. In the caller's transaction."""
    takes = desk.replies
    words = words_for(by_mail(store, desk), session, case, reader.role) if takes else ()
    if takes is None or not words:
        return None
    code = issue(store, session, case, reader, now=now, valid=takes.valid)
    return ByReply(
        address=address_with(code, takes.address) if takes.plus else takes.address,
        code=printed(code),
        words=words,
        until=now + takes.valid,
    )


def issue(
    store: Store, session: Session, case: CaseRow, reader: Reader, *, now: datetime, valid: timedelta
) -> str:
    """A new code for one reader and the case as it stands now."""
    assert case.id is not None
    code = new_code()
    session.add(
        ReplyCodeRow(
            school_id=store.school,
            digest=_digest(store, code),
            case_id=case.id,
            item_id=case.item_id,
            seq=case.decisions,
            role=reader.role.value,
            recipient=recipient_hash(store.vault, reader.address),
            created_at=now,
            expires_at=now + valid,
        )
    )
    session.flush()
    return code


def find(store: Store, session: Session, code: str) -> ReplyCodeRow | None:
    """The row of a code as a reply holds it, whether it may still be used or not."""
    if not code:
        return None
    mine = select(ReplyCodeRow).where(ReplyCodeRow.school_id == store.school)
    return session.exec(mine.where(ReplyCodeRow.digest == _digest(store, code))).first()


def _digest(store: Store, code: str) -> bytes:
    return store.vault.digest("reply-code", code)
