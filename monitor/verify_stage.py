"""The verify stage: followers whose state is to be judged become followers that are judged. Never calls another stage.

The judgement itself is monitor/verify.py; here are its rows. What a person decided (rejected) and what the network
showed (left) stays as it is: the register may propose, it does not overrule. What was proven holds for as long as the
claim, the register and the account's handle bear it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from monitor.claim_rows import attend
from monitor.claims import ASK_THE_LEAD
from monitor.domain import Author, Finding, VerificationState
from monitor.follower_rows import decided_of
from monitor.following import with_decision
from monitor.incidents import open_incident
from monitor.names import normal_handle
from monitor.register_hashes import handle_digest
from monitor.store import Store
from monitor.tables import FindingRow, ItemRow
from monitor.tables_people import FollowerRow
from monitor.vault import Vault
from monitor.verify import Records, follower_findings, handle_findings, resemblance, verification

Look = Callable[[str], Sequence[Finding]]
OnFindings = Callable[[Session, ItemRow, Sequence[Finding]], None]
_SETTLED = (VerificationState.REJECTED, VerificationState.LEFT)


@dataclass(frozen=True, slots=True)
class School:
    """What the school and its headteacher are called, for look-alikes; `organisations` is the allow-list, handle → why it
    is known. `compare_names`: the names of which unverified accounts are compared with the records: of those that somebody
    has "claimed", and so agreed to it, of "all", or "off"."""

    name: str
    handles: Sequence[str] = ()
    organisations: Mapping[str, str] = field(default_factory=dict)
    head: str = ""
    compare_names: str = "claimed"


def verify(
    store: Store,
    register: Records,
    now: datetime,
    *,
    school: School,
    on_findings: OnFindings | None = None,
    look: Look = lambda _text: (),
    batch: int = 100,
) -> int:
    """Judge every follower with `verified_at IS NULL`, `batch` a transaction; returns how many.

    `on_findings(session, item, findings)` runs in the same transaction with what the account gives away; a finding whose
    category is stored for this item already is not given again, so that a new register reopens no case. `look` is asked
    for abuse in the handle.
    """
    done = 0
    while judged := _batch(store, register, now, school, on_findings, look, batch):
        done += judged
    return done


def _batch(
    store: Store,
    register: Records,
    now: datetime,
    school: School,
    on_findings: OnFindings | None,
    look: Look,
    batch: int,
) -> int:
    with store.write() as session:
        rows = session.exec(
            select(FollowerRow, ItemRow)
            .where(FollowerRow.school_id == store.school, FollowerRow.item_id == ItemRow.id)
            .where(col(FollowerRow.verified_at).is_(None))
            .order_by(col(FollowerRow.id))
            .limit(batch)
        ).all()
        for follower, item in rows:
            author = _author(store.vault, item)
            claimed = attend(store, session, follower, _handle(store.vault, follower.network, author), now)
            if follower.state not in _SETTLED:
                judged = with_decision(
                    verification(follower.network, author, register, school.organisations, claimed),
                    decided_of(store, session, follower, follower.handle),
                )
                if follower.state == VerificationState.VERIFIED and judged.reason == ASK_THE_LEAD:
                    _restricted_now(store, session, follower, now)
                follower.state, follower.reason = judged.state.value, judged.reason
                follower.person, follower.role = judged.person, judged.role
                compared = school.compare_names == "all" or (school.compare_names == "claimed" and claimed)
                follower.possible = resemblance(author, register, judged) if compared else ""
            follower.verified_at = now
            session.add(follower)
            session.flush()
            if on_findings is not None:
                found = (*_findings(follower, author, register, school, now), *handle_findings(author, look))
                if fresh := _not_stored(session, item, found):
                    on_findings(session, item, fresh)
        return len(rows)


def _findings(
    follower: FollowerRow, author: Author, register: Records, school: School, now: datetime
) -> tuple[Finding, ...]:
    return follower_findings(
        author,
        school_handles=school.handles,
        school_name=school.name,
        head=school.head,
        like_staff=register.like_staff(follower.network, author.handle or ""),
        of_staff=follower.role == "staff",  # by a handle on the records, or proven
        today=now.date(),
    )


def _handle(vault: Vault, network: str, author: Author) -> bytes | None:
    normal = normal_handle(network, author.handle) if author.handle else None
    return handle_digest(vault.digest, *normal) if normal else None


def _restricted_now(store: Store, session: Session, follower: FollowerRow, now: datetime) -> None:
    open_incident(
        store,
        session,
        f"claim:follower:{follower.id}",
        says="a follower who was verified is now under a restriction in the school's records",
        cure="The account is not verified any more. Decide with the office whether it may go on following.",
        now=now,
    )


def _author(vault: Vault, item: ItemRow) -> Author:
    """The follower as sealed; only the network's id is left of one that was pruned."""
    if item.pruned_at is not None:
        return Author(external_id=item.author_id)
    known = vault.unseal_json(item.sealed, "item.sealed")["author"]
    return Author(
        external_id=known.get("external_id"),
        handle=known.get("handle"),
        name=known.get("name"),
        bio=known.get("bio"),
    )


def _not_stored(session: Session, item: ItemRow, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    if not findings:
        return ()
    known = set(session.exec(select(FindingRow.category).where(FindingRow.item_id == item.id)).all())
    return tuple(finding for finding in findings if finding.category not in known)
