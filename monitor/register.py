"""The school office's records as the program keeps them: keyed hashes, a role and an opaque person id.

Names and addresses pass through here in clear during an import and are gone after it: nothing here writes, logs or
raises one. An import replaces the kinds of people that its file holds (a staff list leaves parents alone), in one
transaction, and has every follower judged again.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import Session, col, delete, select, update

from monitor.domain import VerificationState
from monitor.errors import RegisterError
from monitor.register_csv import Reading, Unreadable, read_register
from monitor.register_hashes import Entry, HashedRegister, entries_of
from monitor.register_people import Person
from monitor.store import Store
from monitor.tables_people import FollowerRow, RegisterImportRow, RegisterRow
from monitor.vault import Vault

_SMALL = 10  # people: below this, any share is a handful
_SHRINK = 0.2  # of the people of one role; more leave only with --confirm-shrink
_CHUNK = 500  # values in one SQL statement
_JUDGED = (  # whoever was verified may have left the school, or be restricted by now
    VerificationState.NEW,
    VerificationState.CLAIMED,
    VerificationState.UNVERIFIED,
    VerificationState.VERIFIED,
)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do, in people. `would_remove_fraction`: of the people of the roles in the file, or of the
    worst of these roles; `roles` counts the file's people by role."""

    added: int
    changed: int
    left: int
    unchanged: int
    people: int
    roles: Mapping[str, int]
    unreadable: tuple[Unreadable, ...]
    would_remove_fraction: float

    @property
    def shrinks(self) -> bool:
        """Whether this needs --confirm-shrink."""
        return self.would_remove_fraction > _SHRINK


def register_of(people: Iterable[Person], key: bytes | None = None) -> HashedRegister:
    """A register in memory, under a key of its own that nobody keeps (32 bytes; random when not given)."""
    digest = Vault(key or secrets.token_bytes(32)).digest
    return HashedRegister(entries_of(people, digest), digest)


def read_file(path: Path, mapping: Mapping[str, str] | None = None) -> Reading:
    """Read the office's file; RegisterError names the file and the cure."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RegisterError(
            f"{path} cannot be read ({error.strerror}); check the path and its permissions"
        ) from error
    try:
        return read_register(data, mapping)
    except RegisterError as error:
        raise RegisterError(f"{path.name}: {error}") from None


def register_from_csv(path: Path, mapping: Mapping[str, str] | None = None) -> HashedRegister:
    """The register of one file, in memory only: for `assess --register FILE`."""
    return register_of(read_file(path, mapping).people)


def load_register(store: Store) -> HashedRegister:
    """The register as last imported; empty when there never was an import."""
    with store.read() as session:
        return HashedRegister(_stored(session, store.school), store.vault.digest)


def plan_import(store: Store, people: Sequence[Person], unreadable: Sequence[Unreadable] = ()) -> ImportPlan:
    """What importing these people would change. Writes nothing: the dry run."""
    entries = entries_of(people, store.vault.digest)
    with store.read() as session:
        return _planned(_stored(session, store.school), entries, unreadable)[0]


def import_register(
    store: Store,
    people: Sequence[Person],
    now: datetime,
    *,
    confirm_shrink: bool = False,
    actor: str = "office",
) -> ImportPlan:
    """Replace what is kept of the roles in `people`, in one transaction, and return what changed.

    RegisterError, with the counts and the cure, when more than a fifth of a role of ten people or more would leave.
    """
    entries = entries_of(people, store.vault.digest)
    if not entries:
        raise RegisterError("there is nobody to import; the register stays as it is")
    with store.write() as session:
        plan, outdated, fresh = _planned(_stored(session, store.school), entries, ())
        if plan.shrinks and not confirm_shrink:
            raise RegisterError(
                f"this file would remove {plan.left} of {plan.left + plan.changed + plan.unchanged} people from the"
                " register; if they really left the school, import it again with --confirm-shrink"
            )
        row = RegisterImportRow(
            school_id=store.school,
            imported_at=now,
            people=plan.people,
            added=plan.added,
            changed=plan.changed,
            left=plan.left,
        )
        session.add(row)
        session.flush()
        assert row.id is not None
        _replace(session, store.school, row.id, outdated, fresh)
        session.exec(
            update(FollowerRow)
            .where(col(FollowerRow.school_id) == store.school)
            .where(col(FollowerRow.state).in_([*_JUDGED, VerificationState.ORGANISATION]))
            .values(verified_at=None)
        )
        counts = f"{plan.people} people: {plan.added} added, {plan.changed} changed, {plan.left} left"
        store.audit(
            session,
            at=now,
            actor=actor,
            happened="register.imported",
            thing=f"import {row.id}",
            detail=counts,
        )
    return plan


def _stored(session: Session, school: str) -> list[Entry]:
    rows = session.exec(select(RegisterRow).where(RegisterRow.school_id == school)).all()
    return [Entry(row.person, row.role, row.kind, row.digest, row.restricted) for row in rows]


def _planned(
    stored: Iterable[Entry], entries: Sequence[Entry], unreadable: Sequence[Unreadable]
) -> tuple[ImportPlan, list[str], list[Entry]]:
    """The plan, the persons whose rows go, the entries that come."""
    new = _by_person(entries)
    roles = {entry.role for entry in entries}
    old = _by_person(entry for entry in stored if entry.role in roles)
    left = old.keys() - new.keys()
    changed = {person for person in old.keys() & new.keys() if old[person] != new[person]}
    added = new.keys() - old.keys()
    plan = ImportPlan(
        added=len(added),
        changed=len(changed),
        left=len(left),
        unchanged=len(old) - len(left) - len(changed),
        people=len(new),
        roles=dict(sorted(_roles(new).items())),
        unreadable=tuple(unreadable),
        would_remove_fraction=_worst_loss(_roles(old), _roles({person: old[person] for person in left})),
    )
    fresh = [entry for entry in entries if entry.person in added or entry.person in changed]
    return plan, sorted(left | changed), fresh


def _by_person(entries: Iterable[Entry]) -> dict[str, frozenset[Entry]]:
    held: dict[str, set[Entry]] = {}
    for entry in entries:
        held.setdefault(entry.person, set()).add(entry)
    return {person: frozenset(group) for person, group in held.items()}


def _roles(people: Mapping[str, frozenset[Entry]]) -> Counter[str]:
    return Counter(next(iter(group)).role for group in people.values())


def _worst_loss(had: Counter[str], lost: Counter[str]) -> float:
    shares = [lost[role] / count for role, count in had.items() if count >= _SMALL]
    if had.total() >= _SMALL:
        shares.append(lost.total() / had.total())
    return max(shares, default=0.0)


def _replace(
    session: Session, school: str, import_id: int, outdated: Sequence[str], fresh: Iterable[Entry]
) -> None:
    for start in range(0, len(outdated), _CHUNK):
        session.exec(
            delete(RegisterRow)
            .where(col(RegisterRow.school_id) == school)
            .where(col(RegisterRow.person).in_(outdated[start : start + _CHUNK]))
        )
    rows = [{"school_id": school, "import_id": import_id, **asdict(entry)} for entry in fresh]
    if rows:  # an empty list would insert one row of defaults
        session.exec(insert(RegisterRow), params=rows)
