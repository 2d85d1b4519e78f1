"""What is kept of a person of the school, keyed hashes and no name, and what can be asked of them.

Names come in here in clear and are gone after it: nothing here writes, logs or raises one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitor.names import (
    SHORTEST_SLIP,
    deletions,
    full_form,
    full_forms,
    joined_forms,
    normal_email,
    normal_handle,
    part_forms,
    plain,
    slip_form,
    slip_forms,
)
from monitor.register_people import Person

_SHORTEST_FULL = 2  # words
_RANK = {"pupil": 0, "staff": 1, "governor": 2, "parent": 3}  # whose name it is when several people share it
_READS_IT = {"parent": 0, "staff": 1, "governor": 2}  # who reads an e-mail that a pupil's record holds too
_REMEMBERED = 65_536  # words whose answer is kept: most words of most comments are the same few thousand
_Digest = Callable[[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """One keyed hash of one person: what a row of the register holds."""

    person: str
    role: str
    kind: str  # email, full, joined, part, slip, handle.<network>
    digest: bytes
    restricted: bool


class HashedRegister:
    """ports.Register over entries; it can say yes or no to a word it is given, and never list what it holds."""

    def __init__(self, entries: Iterable[Entry], digest: _Digest) -> None:
        self._digest = digest
        self._parts = lru_cache(maxsize=_REMEMBERED)(lambda word: self._role("part", _bare(word)))
        self._joined = lru_cache(maxsize=_REMEMBERED)(lambda word: self._role("joined", _bare(word)))
        self._held: dict[str, dict[bytes, tuple[str, str]]] = {}  # of each kind person and role by digest
        self._restricted: set[str] = set()
        for entry in sorted(entries, key=_order):
            if entry.restricted:
                self._restricted.add(entry.person)
            self._held.setdefault(entry.kind, {}).setdefault(entry.digest, (entry.person, entry.role))

    def _find(self, kind: str, value: str) -> tuple[str, str] | None:
        held = self._held.get(kind)
        return held.get(self._digest(f"register.{kind}", value)) if held else None

    def _role(self, kind: str, value: str) -> str | None:
        """Of a name, which is made of letters alone."""
        found = self._find(kind, value) if value.replace(" ", "").isalpha() else None
        return found[1] if found else None

    def full_name(self, words: Sequence[str]) -> str | None:
        if len(words) < _SHORTEST_FULL:
            return None
        return self._role("full", full_form(map(_bare, words)))

    def part_name(self, word: str) -> str | None:
        return self._parts(word)

    def joined_name(self, word: str) -> str | None:
        return self._joined(word)

    def near_name(self, given: str, family: str) -> str | None:
        given, family = _bare(given), _bare(family)
        tried = [(given, one) for one in (family, *deletions(family)) if len(family) >= SHORTEST_SLIP]
        tried += [(one, family) for one in (given, *deletions(given)) if len(given) >= SHORTEST_SLIP]
        found = (self._role("slip", slip_form(*pair)) for pair in tried)
        return next(filter(None, found), None)

    def handle(self, network: str, handle: str) -> tuple[str, str] | None:
        """Where several people share a handle, a restricted one answers: nobody is let in by another's record."""
        normal = normal_handle(network, handle)
        return self._find(f"handle.{normal[0]}", normal[1]) if normal else None

    def email(self, address: str) -> tuple[str, str] | None:
        """(person, role) of whoever's record holds this address; None for a stranger's, and for what is no address.

        Where several people share an address, a restricted one answers, and a grown-up before a pupil.
        """
        normal = normal_email(address)
        return self.whose_email(email_digest(self._digest, normal)) if normal else None

    def whose_email(self, digest: bytes) -> tuple[str, str] | None:
        """As `email`, of an address that is known by its keyed hash only (32 bytes, of `email_digest`)."""
        return self._held.get("email", {}).get(digest)

    def restricted(self, person: str) -> bool:
        """Whether a court order or the like stands beside this person's record."""
        return person in self._restricted


def _bare(word: str) -> str:
    """A token that its reader left a "ß" or "æ" in, as names are hashed."""
    return word if word.isascii() else plain(word)


def email_digest(digest: _Digest, address: str) -> bytes:
    """The keyed hash under which the register holds an address in its normal form (names.normal_email)."""
    return digest("register.email", address)


def handle_digest(digest: _Digest, network: str, handle: str) -> bytes:
    """The keyed hash under which the register holds a handle in its normal form (names.normal_handle)."""
    return digest(f"register.handle.{network}", handle)


def person_id(digest: _Digest, person: Person) -> str:
    """The opaque id under which the register holds a person: 32 hex digits of a keyed hash."""
    return digest("register.person", person.key).hex()[:32]


def _order(entry: Entry) -> tuple[bool, int]:
    """Who answers for a hash that several people share: for a handle or an e-mail the restricted one, for a name the
    pupil, for an e-mail the grown-up."""
    if entry.kind == "email":
        return not entry.restricted, _READS_IT.get(entry.role, len(_READS_IT))
    return entry.kind.startswith("handle.") and not entry.restricted, _RANK.get(entry.role, len(_RANK))


def entries_of(people: Iterable[Person], digest: _Digest) -> list[Entry]:
    """What is kept of these people."""
    entries: list[Entry] = []
    for person in people:
        values = {("email", address) for address in person.emails}
        values |= {(f"handle.{network}", handle) for network, handle in person.handles}
        for forename, surname in person.names:
            values |= {("full", form) for form in full_forms(forename, surname)}
            values |= {("joined", form) for form in joined_forms(forename, surname)}
            values |= {("part", form) for form in part_forms(forename, surname)}
            if person.role == "pupil":  # nobody else is looked for by half a name
                values |= {("slip", form) for form in slip_forms(forename, surname)}
        opaque = person_id(digest, person)
        entries += [
            Entry(opaque, person.role, kind, digest(f"register.{kind}", value), person.restricted)
            for kind, value in sorted(values)
        ]
    return entries
