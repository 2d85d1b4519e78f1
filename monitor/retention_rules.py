"""What is due to go, as rules over rows: which rows of which table, and what becomes of them. Changes nothing itself.

Each rule is true by itself, whatever ran before it: what one leaves undone when the process dies, the next run finds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_
from sqlmodel import col, select

from monitor.claims import WAITS, Standing
from monitor.domain import ItemKind, VerificationState
from monitor.retention_cases import (
    before,
    closed_cases,
    harmless,
    in_a_case,
    no_longer_needed,
    of_a_case,
    spared,
)
from monitor.retention_drills import drill_rules
from monitor.tables import (
    CaseRow,
    DecisionRow,
    DigestRow,
    EvidenceRow,
    FindingRow,
    IncidentRow,
    ItemRow,
    OutboxRow,
)
from monitor.tables_cases import PileRow, TargetRow
from monitor.tables_evidence import GivenRow, HeadRow
from monitor.tables_holds import HoldRow
from monitor.tables_people import (
    ClaimRow,
    CodeRow,
    FamilyCodeRow,
    FollowedRow,
    FollowerDecisionRow,
    FollowerRow,
    LetterRow,
    LinkRow,
    SignInRow,
)
from monitor.tables_replies import ReplyCodeRow
from monitor.tables_sign_in import DeviceRow, SpentStateRow, SpentTokenRow
from monitor.tables_telling import TellingRow
from monitor.tables_watching import KeptDigestRow, ReportRow, WatchedDayRow, WatchGapRow

_EXPIRED = timedelta(days=30)  # a link or sign-in that ended is of use to nobody after this
_TARGETS = timedelta(days=30)  # far longer than the widest window in which a pile-on is counted
_LETTERS = timedelta(days=90)  # far longer than a message may be old when it is read: none is answered twice


@dataclass(frozen=True, slots=True)
class Keep:
    """For how long each is kept: `harmless` after it was seen, `closed` and `evidence` after the case was closed
    (evidence of a later version: after it was copied), `audit` after it was written. `category`: cases of these, with their
    evidence, have a time of their own."""

    harmless: timedelta
    closed: timedelta
    evidence: timedelta
    audit: timedelta
    category: Mapping[str, timedelta] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of one table that are due, and what becomes of them: `emptied` to these values, or deleted (None).

    `named`: what the audit log calls each of them, one entry a row, so that a pruned copy is not taken for a lost one.
    """

    counted: str
    table: Any
    due: ColumnElement[bool]
    emptied: dict[str, Any] | None = None
    named: str = ""


def rules(school: str, keep: Keep, now: datetime) -> Sequence[Rule]:
    """Every rule, in the order in which it is carried out; none touches what is held."""
    return tuple(_sparing(school, rule) for rule in _rules(school, keep, now))


def _sparing(school: str, rule: Rule) -> Rule:
    held = spared(school, rule.table)
    return rule if held is None else replace(rule, due=rule.due & ~held)


def _rules(school: str, keep: Keep, now: datetime) -> Sequence[Rule]:
    case_before = before(now, keep.closed, keep.category)
    evidence_before = before(now, keep.evidence, keep.category)
    closed = closed_cases(school, case_before)
    harmlessly = harmless(school, now - keep.harmless)
    handled = in_a_case(school, col(CaseRow.id).in_(closed), col(ItemRow.seen_at) < case_before)
    # whoever wrote it is nobody any more; an account that follows is named by its own id
    author = case((col(ItemRow.kind) == ItemKind.FOLLOWER.value, col(ItemRow.author_id)), else_=None)
    emptied = {"sealed": b"", "pruned_at": now, "author_id": author}
    kept_item = col(ItemRow.pruned_at).is_(None)
    expired = now - _EXPIRED
    return (
        Rule(
            "findings",
            FindingRow,
            (col(FindingRow.school_id) == school)
            & select(ItemRow.id).where(ItemRow.id == FindingRow.item_id, harmlessly).exists(),
        ),
        Rule("items", ItemRow, kept_item & harmlessly, emptied),
        Rule(
            "items",
            ItemRow,
            kept_item & handled & no_longer_needed(school),
            emptied,
        ),
        Rule(
            "reasons",
            DecisionRow,
            (col(DecisionRow.sealed) != b"") & col(DecisionRow.case_id).in_(closed),
            {"sealed": b""},
        ),
        Rule(
            "reasons",
            FollowerDecisionRow,
            (col(FollowerDecisionRow.sealed) != b"") & _over(school, now - keep.closed),
            {"sealed": b""},
        ),
        Rule(
            "evidence",
            EvidenceRow,
            (col(EvidenceRow.sealed) != b"")
            & col(EvidenceRow.case_id).in_(closed_cases(school, evidence_before))
            & of_a_case(EvidenceRow, col(EvidenceRow.captured_at) < evidence_before),
            {"sealed": b""},
            "copy",
        ),
        Rule(
            "evidence",
            GivenRow,
            (col(GivenRow.sealed) != b"")
            & col(GivenRow.case_id).in_(closed_cases(school, evidence_before))
            & of_a_case(GivenRow, col(GivenRow.entered_at) < evidence_before),
            {"sealed": b"", "said": b""},
            "given",
        ),
        Rule(
            "messages",
            OutboxRow,
            (col(OutboxRow.school_id) == school)
            & ((col(OutboxRow.sent_at) < now - keep.closed) | (col(OutboxRow.failed_at) < now - keep.closed))
            & (col(OutboxRow.case_id).is_(None) | col(OutboxRow.case_id).in_(closed)),
        ),
        Rule(
            "messages",
            TellingRow,
            (col(TellingRow.school_id) == school)
            & (col(TellingRow.told_at) < now - keep.closed)
            & col(TellingRow.case_id).in_(closed),
        ),
        *(
            Rule(name, table, (col(table.school_id) == school) & (col(table.expires_at) < expired))
            for name, table in (
                ("links", LinkRow),
                ("codes", CodeRow),
                ("sign_ins", SignInRow),
                ("reply_codes", ReplyCodeRow),
                ("sign_ins", SpentStateRow),
                ("devices", SpentTokenRow),  # before the devices that they name
                ("devices", DeviceRow),
            )
        ),
        Rule(
            "letters",
            LetterRow,
            (col(LetterRow.school_id) == school) & (col(LetterRow.read_at) < now - _LETTERS),
        ),
        Rule(
            "targets",
            TargetRow,
            (col(TargetRow.school_id) == school) & (col(TargetRow.at) < now - _TARGETS),
        ),
        Rule(
            "targets",
            PileRow,
            (col(PileRow.school_id) == school)
            & (col(PileRow.digest) != b"")
            & col(PileRow.case_id).in_(closed),
            {"digest": b""},
        ),
        Rule("claims", ClaimRow, _spent_claims(school, expired, now - keep.harmless, now - WAITS)),
        Rule(
            "family_codes",
            FamilyCodeRow,
            (col(FamilyCodeRow.school_id) == school)
            & (func.coalesce(FamilyCodeRow.revoked_at, FamilyCodeRow.expires_at) < expired),
        ),
        Rule(
            "followed",
            FollowedRow,
            (col(FollowedRow.school_id) == school) & (col(FollowedRow.seen_at) < now - keep.closed),
        ),
        Rule(
            "reasons",
            HoldRow,
            (col(HoldRow.school_id) == school)
            & (col(HoldRow.sealed) != b"")
            & (col(HoldRow.lifted_at) < now - keep.closed),
            {"sealed": b""},
        ),
        Rule("heads", HeadRow, (col(HeadRow.school_id) == school) & (col(HeadRow.at) < now - keep.audit)),
        Rule(
            "incidents",
            IncidentRow,
            (col(IncidentRow.school_id) == school) & (col(IncidentRow.closed_at) < now - keep.closed),
        ),
        *(Rule(*one) for one in drill_rules(school, keep.closed, now)),
        *_watching(school, keep, now),
    )


def _watching(school: str, keep: Keep, now: datetime) -> Sequence[Rule]:
    """Digests name followers and go with what is closed; figures alone are kept as long as the audit log."""

    def older(table: Any, at: Any, than: Any) -> ColumnElement[bool]:
        return and_(col(table.school_id) == school, col(at) < than)

    before = now - keep.audit
    return (
        Rule("digests", KeptDigestRow, older(KeptDigestRow, KeptDigestRow.created_at, now - keep.closed)),
        Rule("digests", DigestRow, older(DigestRow, DigestRow.created_at, before)),
        Rule("coverage", WatchedDayRow, older(WatchedDayRow, WatchedDayRow.day, before.date())),
        Rule("coverage", WatchGapRow, older(WatchGapRow, WatchGapRow.until, before)),
        Rule("coverage", ReportRow, older(ReportRow, ReportRow.created_at, before)),
    )


def _spent_claims(school: str, expired: datetime, gone: datetime, waited: datetime) -> ColumnElement[bool]:
    """Claims that ended before `expired`, but for one that was held back while its account follows; and confirmed ones
    whose account left before `gone`, or never followed and was proven before `waited`."""

    def a_follower(*which: ColumnElement[bool]) -> ColumnElement[bool]:
        return (
            select(FollowerRow.id)
            .where(
                FollowerRow.school_id == school,
                FollowerRow.network == ClaimRow.network,
                FollowerRow.external_id == ClaimRow.external_id,
                *which,
            )
            .exists()
        )

    follows = col(FollowerRow.state) != VerificationState.LEFT.value
    left_lately = col(FollowerRow.verified_at).is_(None) | (col(FollowerRow.verified_at) >= gone)
    confirmed = col(ClaimRow.standing) == Standing.CONFIRMED.value
    held_back = (col(ClaimRow.standing) == Standing.RESTRICTED.value) & a_follower(follows)
    ended = func.coalesce(ClaimRow.revoked_at, ClaimRow.expires_at) < expired
    return (col(ClaimRow.school_id) == school) & or_(
        ~confirmed & ended & ~held_back,
        confirmed
        & col(ClaimRow.external_id).is_not(None)
        & (col(ClaimRow.confirmed_at) < gone)
        & ~a_follower(follows | left_lately)
        & (a_follower() | (col(ClaimRow.confirmed_at) < waited)),
    )


def _over(school: str, before: datetime) -> ColumnElement[bool]:
    """Decisions on followers that were taken back before then, or made before then on an account that follows no more."""
    follows = (
        select(FollowerRow.id)
        .where(
            FollowerRow.school_id == school,
            FollowerRow.network == FollowerDecisionRow.network,
            FollowerRow.external_id == FollowerDecisionRow.external_id,
            FollowerRow.state != VerificationState.LEFT.value,
        )
        .exists()
    )
    return (col(FollowerDecisionRow.school_id) == school) & or_(
        col(FollowerDecisionRow.undone_at) < before,
        ~follows & (col(FollowerDecisionRow.decided_at) < before),
    )
