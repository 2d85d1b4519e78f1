"""Everything that is kept about one person outside, for an answer under Articles 15 to 18 UK GDPR. Reads only.

Whoever asks is named by what they know: an account, a handle, an e-mail address, a case. From there it goes only where a
row ties two of these together: a claim, a follower, the register. Nobody is found by a name or a likeness.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, or_, select, tuple_

from monitor import items
from monitor.domain import Item
from monitor.errors import MonitorError
from monitor.names import normal_email, normal_handle
from monitor.register_hashes import email_digest, handle_digest
from monitor.store import Store
from monitor.tables import CaseRow, EvidenceRow, ItemRow
from monitor.tables_people import ClaimRow, FollowedRow, FollowerDecisionRow, FollowerRow, RegisterRow

Account = tuple[str, str]  # network, and the network's stable id


@dataclass(frozen=True, slots=True)
class Asked:
    """What whoever asks is known by: (network, id) and (network, handle) pairs, addresses, references of cases."""

    accounts: tuple[Account, ...] = ()
    handles: tuple[Account, ...] = ()
    emails: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept about one person. `copies`: of their items; `around`: copies of other people's cases that show an item
    of theirs; `people`: opaque ids on the school's register."""

    accounts: frozenset[Account]
    handles: frozenset[Account]
    emails: frozenset[str]
    people: frozenset[str]
    items: Sequence[ItemRow] = ()
    cases: Sequence[CaseRow] = ()
    copies: Sequence[EvidenceRow] = ()
    around: Sequence[EvidenceRow] = ()
    followers: Sequence[FollowerRow] = ()
    followed: Sequence[FollowedRow] = ()
    claims: Sequence[ClaimRow] = ()
    decided: Sequence[FollowerDecisionRow] = ()
    register: Sequence[RegisterRow] = ()

    @property
    def anything(self) -> bool:
        return bool(
            self.items or self.followers or self.followed or self.claims or self.decided or self.register
        )


@dataclass
class _Known:
    """What has been found so far; grows until nothing new is tied to it."""

    accounts: set[Account] = field(default_factory=set)
    handles: set[Account] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)

    @property
    def size(self) -> int:
        return len(self.accounts) + len(self.handles) + len(self.people)


def find(session: Session, store: Store, asked: Asked) -> Kept:
    """Everything about whoever is asked for. MonitorError: what was given is none, or names a case that is not there."""
    known = _Known(
        set(asked.accounts), {_handle(*one) for one in asked.handles}, set(map(_email, asked.emails))
    )
    known.accounts |= {_author_of(session, store, ref) for ref in asked.refs}
    authors = _handles_seen(session, store) if known.handles else {}
    size = -1
    while size != known.size:
        size = known.size
        known.accounts |= {account for one in known.handles for account in authors.get(one, ())}
        _tied(session, store, known)
    return _kept(session, store, known)


def _handle(network: str, handle: str) -> Account:
    normal = normal_handle(network, handle)
    if normal is None:
        raise MonitorError(f"--handle {network}:…: is no handle there; write one such as x:kaz_99")
    return normal


def _email(address: str) -> str:
    normal = normal_email(address)
    if normal is None:
        raise MonitorError("--email: is no e-mail address; write one such as name@example.org")
    return normal


def _author_of(session: Session, store: Store, ref: str) -> Account:
    case = session.exec(
        select(CaseRow).where(CaseRow.school_id == store.school, CaseRow.ref == ref.upper())
    ).first()
    if case is None:
        raise MonitorError(f"--ref {ref}: there is no such case; a reference reads like SM-0142")
    author = session.get_one(ItemRow, case.item_id).author_id
    if author is None:
        raise MonitorError(
            f"--ref {ref}: the network did not say who wrote it, or it is no longer kept; name an account"
        )
    return case.network, author


def _handles_seen(session: Session, store: Store) -> dict[Account, set[Account]]:
    """Handle → accounts, from every item that is still kept: handles stand sealed, so each is opened."""
    found: dict[Account, set[Account]] = {}
    rows = session.exec(
        select(ItemRow).where(
            ItemRow.school_id == store.school,
            col(ItemRow.author_id).is_not(None),
            col(ItemRow.pruned_at).is_(None),
        )
    )
    for row in rows:
        handle = items.from_row(row, store.vault).author.handle
        normal = normal_handle(row.network, handle) if handle else None
        if normal is not None and row.author_id is not None:
            found.setdefault(normal, set()).add((row.network, row.author_id))
    return found


def _tied(session: Session, store: Store, known: _Known) -> None:
    """Add what a claim, a follower or the register ties to what is known."""
    for person in session.exec(select(RegisterRow.person).where(_registered(store, known))):
        known.people.add(person)
    for claim in session.exec(select(ClaimRow).where(_claimed(store, known))):
        if claim.external_id is not None:
            known.accounts.add((claim.network, claim.external_id))
    for follower in session.exec(select(FollowerRow).where(_following(store, known))):
        known.accounts.add((follower.network, follower.external_id))


def _kept(session: Session, store: Store, known: _Known) -> Kept:
    def rows(table: Any, *which: Any) -> Sequence[Any]:
        return session.exec(
            select(table).where(table.school_id == store.school, *which).order_by(table.id)
        ).all()

    mine = rows(ItemRow, tuple_(ItemRow.network, ItemRow.author_id).in_(known.accounts))
    versions = {(one.account, one.kind, one.external_id) for one in mine}
    cases = rows(CaseRow, tuple_(CaseRow.account, CaseRow.kind, CaseRow.external_id).in_(versions))
    ids = [one.id for one in cases]
    by_account = [
        rows(table, tuple_(table.network, table.external_id).in_(known.accounts))
        for table in (FollowedRow, FollowerDecisionRow)
    ]
    return Kept(
        frozenset(known.accounts),
        frozenset(known.handles),
        frozenset(known.emails),
        frozenset(known.people),
        items=mine,
        cases=cases,
        copies=rows(EvidenceRow, col(EvidenceRow.case_id).in_(ids)),
        around=_around(store, rows(EvidenceRow, col(EvidenceRow.case_id).not_in(ids)), known.accounts),
        followers=rows(FollowerRow, _following(store, known)),
        followed=by_account[0],
        decided=by_account[1],
        claims=rows(ClaimRow, _claimed(store, known)),
        register=rows(RegisterRow, _registered(store, known)),
    )


def _around(store: Store, copies: Iterable[EvidenceRow], accounts: set[Account]) -> list[EvidenceRow]:
    """Copies of others' cases whose thread shows an item of these accounts."""
    from monitor.evidence import EVIDENCE

    found = []
    for row in copies:
        copy = store.vault.unseal_json(row.sealed, EVIDENCE) if row.sealed else {}
        shown = {
            (one.get("network"), one.get("author", {}).get("external_id")) for one in copy.get("thread", ())
        }
        if shown & accounts:
            found.append(row)
    return found


def _hashes(store: Store, known: _Known) -> tuple[list[bytes], list[bytes]]:
    digest = store.vault.digest
    return (
        [email_digest(digest, one) for one in known.emails],
        [handle_digest(digest, network, handle) for network, handle in known.handles],
    )


def _registered(store: Store, known: _Known) -> Any:
    emails, handles = _hashes(store, known)
    return (col(RegisterRow.school_id) == store.school) & or_(
        (col(RegisterRow.kind) == "email") & col(RegisterRow.digest).in_(emails),
        col(RegisterRow.kind).startswith("handle.") & col(RegisterRow.digest).in_(handles),
        col(RegisterRow.person).in_(known.people),
    )


def _claimed(store: Store, known: _Known) -> Any:
    emails, handles = _hashes(store, known)
    return or_(
        col(ClaimRow.email).in_(emails),
        col(ClaimRow.handle).in_(handles) & (col(ClaimRow.handle) != b""),
        tuple_(ClaimRow.network, ClaimRow.external_id).in_(known.accounts),
    ) & (col(ClaimRow.school_id) == store.school)


def _following(store: Store, known: _Known) -> Any:
    _, handles = _hashes(store, known)
    return or_(
        col(FollowerRow.handle).in_(handles),
        tuple_(FollowerRow.network, FollowerRow.external_id).in_(known.accounts),
        col(FollowerRow.person).in_(known.people),
    ) & (col(FollowerRow.school_id) == store.school)


def item_of(store: Store, row: ItemRow) -> Item | None:
    """The item as it was read; None when it is no longer kept."""
    return items.from_row(row, store.vault) if row.pruned_at is None and row.sealed else None
