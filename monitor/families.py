"""Whom a letter is for: the people of the office's file, family by family. Pure; holds names in clear, so nothing of it
is stored or printed but the letters themselves.

Pupils with the same contacts are one family: siblings share a letter, and a contact of two households has a letter from
each without the one's children standing in the other's. Nobody whose record is restricted gets a letter or stands in
one, nor does who shares an e-mail address with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from monitor.claims import Records
from monitor.register_csv import Reading
from monitor.register_hashes import person_id
from monitor.register_people import Person

_Digest = Callable[[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Family:
    """One letter's readers. `pupils` as (name, class); `contacts` as (name, e-mail or ""); `people` are the register's
    ids of all of them, `known_by` of those who make it this family and no other: its pupils where there are any."""

    pupils: tuple[tuple[str, str], ...] = field(repr=False)
    contacts: tuple[tuple[str, str], ...] = field(repr=False)
    people: frozenset[str]
    known_by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Families:
    """The letters of one file, and who gets none: contacts under a restriction, pupils under one, pupils with no other
    contact. `strangers`: contacts with an e-mail address that is not on the register."""

    all: tuple[Family, ...]
    restricted: int
    restricted_pupils: int
    without_contact: int
    strangers: int

    @property
    def contacts(self) -> int:
        """Contacts in all letters; somebody of two families counts twice, as they do in the mail merge."""
        return sum(len(one.contacts) for one in self.all)

    @property
    def without_email(self) -> int:
        return sum(not address for one in self.all for _, address in one.contacts)


def families_of(reading: Reading, records: Records, digest: _Digest) -> Families:
    """The families of the office's file, by class and name. `digest` is the vault's, under which `records` were kept."""
    people = {person.key: person for person in reading.people}
    ids = {key: _ids(person, records, digest) for key, person in people.items()}
    barred = _barred(people.values(), ids, records)
    contacts_of = _contacts_of(reading, people)
    contacts = {key for found in contacts_of.values() for key in found}
    alone = {key for key, one in people.items() if one.role == "parent"} - contacts

    groups: dict[frozenset[str], list[str]] = {}  # contacts to their pupils
    without_contact = restricted_pupils = 0
    for pupil, found in contacts_of.items():
        free = frozenset(found - barred)
        if pupil in barred:
            restricted_pupils += 1
        elif free:
            groups.setdefault(free, []).append(pupil)
        else:
            without_contact += 1
    households: dict[frozenset[str], set[str]] = {}
    for key in alone - barred:
        households.setdefault(frozenset(people[key].emails) or frozenset((key,)), set()).add(key)
    groups |= {frozenset(household): [] for household in households.values()}

    families = [_family(people, ids, pupils, contacts) for contacts, pupils in groups.items()]
    written_to = {key for group in groups for key in group}
    return Families(
        tuple(sorted(families, key=_order)),
        restricted=len((contacts | alone) & barred),
        restricted_pupils=restricted_pupils,
        without_contact=without_contact,
        strangers=sum(
            any(records.email(address) is None for address in people[key].emails) for key in written_to
        ),
    )


def _ids(person: Person, records: Records, digest: _Digest) -> frozenset[str]:
    """The person's own id, and of whoever answers on the register for an address that they share."""
    found = (records.email(address) for address in person.emails)
    return frozenset((person_id(digest, person), *(one[0] for one in found if one)))


def _barred(people: Iterable[Person], ids: dict[str, frozenset[str]], records: Records) -> set[str]:
    """The keys of who is restricted, in the file or on the register, and of who shares an address with them."""
    everyone = list(people)
    barred = {one.key for one in everyone if one.restricted or any(map(records.restricted, ids[one.key]))}
    shared = {address for one in everyone if one.key in barred for address in one.emails}
    return barred | {one.key for one in everyone if one.emails & shared}


def _contacts_of(reading: Reading, people: dict[str, Person]) -> dict[str, set[str]]:
    """Of each pupil the keys of whoever stands in a row with them."""
    found: dict[str, set[str]] = {key: set() for key, one in people.items() if one.role == "pupil"}
    for row in reading.rows:
        for pupil in row:
            if pupil in found:
                found[pupil].update(key for key in row if key not in found)
    return found


def _family(
    people: dict[str, Person],
    ids: dict[str, frozenset[str]],
    pupils: Iterable[str],
    contacts: Iterable[str],
) -> Family:
    children = sorted((people[key] for key in pupils), key=lambda one: (_by_class(one.form), one.called))
    grown_up = sorted((people[key] for key in contacts), key=lambda one: (one.called, one.key))
    of = frozenset[str]().union
    everyone = [*children, *grown_up]
    return Family(
        pupils=tuple((one.called, one.form) for one in children),
        contacts=tuple((one.called, min(one.emails, default="")) for one in grown_up),
        people=of(*(ids[one.key] for one in everyone)),
        known_by=of(*(ids[one.key] for one in children or grown_up)),
    )


def _order(family: Family) -> tuple[object, ...]:
    name, form = family.pupils[0] if family.pupils else (family.contacts[0][0], "")
    return _by_class(form), name.rpartition(" ")[2].casefold(), name.casefold()


def _by_class(form: str) -> list[tuple[int, str]]:
    """So that "4B" stands before "10A", and Reception before both."""
    return [(int(number or 0), word.casefold()) for number, word in re.findall(r"(\d{1,4})|(\D+)", form)]
