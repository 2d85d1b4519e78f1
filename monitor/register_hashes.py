"""What is kept of a person of the school, keyed hashes and no name, and what can be asked of them.

Names come in here in clear and are gone after it: nothing here writes, logs or raises one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from monitor.kept import Kept
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
from monitor.resemblance import handle_forms

_SHORTEST_FULL = 2  # words
_OF_NAMES = frozenset({"full", "joined", "slip"})
_RANK = {"pupil": 0, "staff": 1, "governor": 2, "parent": 3}  # whose name it is when several people share it
_READS_IT = {"parent": 0, "staff": 1, "governor": 2}  # who reads an e-mail that a pupil's record holds too
_REMEMBERED = 65_536  # words whose answer is kept: most words of most comments are the same few thousand
_Digest = Callable[[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """One keyed hash of one person: what a row of the register holds."""

    person: str
    role: str
    kind: str  # email, full, joined, part, slip, handle.<network>, like.<network>
    digest: bytes
    restricted: bool


class HashedRegister:
    """ports.Register over entries; it can say yes or no to a word it is given, and never list what it holds."""

    def __init__(self, entries: Iterable[Entry], digest: _Digest) -> None:
        self._digest = digest
        self._parts = Kept(lambda word: self._role("part", _bare(word)), _REMEMBERED)
        self._is_part = Kept(lambda word: self._role("part", word) is not None, _REMEMBERED)
        self._joined = Kept(lambda word: self._role("joined", _bare(word)), _REMEMBERED)
        self._full = Kept(partial(self._role, "full"), _REMEMBERED)
        self._slip = Kept(partial(self._role, "slip"), _REMEMBERED)
        self._held: dict[str, dict[bytes, tuple[str, str]]] = {}  # of each kind person and role by digest
        self._restricted: set[str] = set()
        self._withheld: set[tuple[str, bytes]] = (
            set()
        )  # kind and digest of every name form of whoever is restricted
        for entry in sorted(entries, key=_order):
            if entry.restricted:
                self._restricted.add(entry.person)
                if entry.kind in _OF_NAMES:
                    self._withheld.add((entry.kind, entry.digest))
            self._held.setdefault(entry.kind, {}).setdefault(entry.digest, (entry.person, entry.role))

    def _find(self, kind: str, value: str) -> tuple[str, str] | None:
        held = self._held.get(kind)
        return held.get(self._digest(f"register.{kind}", value)) if held else None

    def _role(self, kind: str, value: str) -> str | None:
        """Of a name, which is made of letters alone."""
        if not (value.isalpha() or value.replace(" ", "").isalpha()):
            return None
        found = self._find(kind, value)
        return found[1] if found else None

    def full_name(self, words: Sequence[str]) -> str | None:
        if len(words) < _SHORTEST_FULL:
            return None
        return self._full[full_form(map(_bare, words))]

    def part_name(self, word: str) -> str | None:
        return self._parts[word]

    def joined_name(self, word: str) -> str | None:
        return self._joined[word]

    def near_name(self, given: str, family: str) -> str | None:
        # each form that is held has a part of a name in it, whose answer is mostly remembered
        found = (
            self._slip[slip_form(*pair)]
            for pair in _slips(_bare(given), _bare(family))
            if self._is_part[pair[0]] or self._is_part[pair[1]]
        )
        return next((role for role in found if role == "pupil"), None)

    def resembled(self, words: Sequence[str], *, slips: bool = True) -> str | None:
        """The role of somebody whose full name these words are, in either order; with `slips` also of two words that are
        one but for a letter. None if nobody's, and whenever one of those whom it resembles is restricted."""
        said = [_bare(word) for word in words]
        if len(said) < _SHORTEST_FULL:
            return None
        forms = [("full", full_form(said))]
        if self._held.get("full", {}).get(self._digest("register.full", forms[0][1])) is None and slips:
            pairs = [said, said[::-1]] if len(said) == _SHORTEST_FULL else []
            forms += [("slip", slip_form(*one)) for pair in pairs for one in _slips(*pair)]
        return self._unwithheld(forms)

    def resembled_joined(self, word: str) -> str | None:
        """As `resembled`, of a full name that was run together."""
        return self._unwithheld([("joined", _bare(word))])

    def _unwithheld(self, forms: Iterable[tuple[str, str]]) -> str | None:
        roles: set[str] = set()
        for kind, value in forms:
            digest = self._digest(f"register.{kind}", value)
            if (kind, digest) in self._withheld:
                return None
            if found := self._held.get(kind, {}).get(digest):
                roles.add(found[1])
        return min(roles, key=_rank, default=None)

    def like_staff(self, network: str, handle: str) -> bool:
        """Whether this handle, which is on no record, is a look-alike of one that a member of staff's record holds."""
        normal = normal_handle(network, handle)
        if normal is None or self._find(f"handle.{normal[0]}", normal[1]):
            return False
        return any(self._find(f"like.{normal[0]}", form) for form in handle_forms(normal[1]))

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


def _slips(given: str, family: str) -> list[tuple[str, str]]:
    """The pairs under which a name and a misspelling of it would meet (names.slip_forms)."""
    tried = [(given, one) for one in (family, *deletions(family)) if len(family) >= SHORTEST_SLIP]
    tried += [(one, family) for one in (given, *deletions(given)) if len(given) >= SHORTEST_SLIP]
    return tried


def _rank(role: str) -> int:
    return _RANK.get(role, len(_RANK))


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
    return entry.kind.startswith("handle.") and not entry.restricted, _rank(entry.role)


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
            values |= {("slip", form) for form in slip_forms(forename, surname)}
        if person.role == "staff":
            values |= {
                (f"like.{network}", form)
                for network, handle in person.handles
                for form in handle_forms(handle)
            }
        opaque = person_id(digest, person)
        entries += [
            Entry(opaque, person.role, kind, digest(f"register.{kind}", value), person.restricted)
            for kind, value in sorted(values)
        ]
    return entries
