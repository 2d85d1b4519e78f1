"""What the columns of an office's export mean: a header row becomes a layout. Pure; sees headers, never a person.

Management information systems let each school build its own report, so no list of whole headers would do. A header is
read word by word: who it is about (pupil, contact, staff), which of several contacts, and what it holds. That covers
the names that SIMS, Arbor, Bromcom, ParentMail and SchoolBooking print ("StudentForename", "Legal Surname", "Contact 2
Home Email", "Court Order Restricted Access"). What is not understood is not read: phone numbers, addresses and dates of
birth never leave the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.names import plain

_WHO: Mapping[str, str] = {
    **dict.fromkeys(("student", "students", "pupil", "pupils", "child", "childs", "learner"), "pupil"),
    **dict.fromkeys(("contact", "contacts", "parent", "parents", "carer", "carers", "guardian"), "contact"),
    **dict.fromkeys(("mother", "mothers", "mum", "mums"), "mother"),
    **dict.fromkeys(("father", "fathers", "dad", "dads"), "father"),
    **dict.fromkeys(("staff", "employee", "member"), "staff"),
    **dict.fromkeys(("governor", "governors"), "governor"),
}
# words that say nothing more, unless they are all there is
_FILLERS = frozenset(
    ("sims", "arbor", "bromcom", "mis", "emergency", "primary", "s", "the", "of", "and", "or")
)
_EMAIL_QUALIFIERS = frozenset(
    ("primary", "main", "home", "work", "personal", "other", "default", "private", "school", "secondary")
) | frozenset(("alternative", "address", "addresses", "e", "family", "preferred"))
_EMAIL = ({"email"}, {"mail"}, {"emails"})
_SITES: Mapping[str, str] = {
    "twitter": "x",
    "x": "x",
    "facebook": "facebook",
    "fb": "facebook",
    "instagram": "instagram",
    "insta": "instagram",
}
_HANDLE_WORDS = frozenset(
    ("handle", "handles", "username", "name", "account", "profile", "url", "link", "id", "social", "media")
) | frozenset(("formerly", "user", "screen"))
_FIELDS: Mapping[str, str] = {
    **dict.fromkeys(
        ("forename", "forenames", "firstname", "first", "givenname", "legalforename", "legalforenames"),
        "forename",
    ),
    **dict.fromkeys(("legalfirstname", "christianname", "legalgivenname"), "forename"),
    **dict.fromkeys(
        ("surname", "lastname", "last", "familyname", "legalsurname", "legallastname"), "surname"
    ),
    **dict.fromkeys(
        ("preferredforename", "preferredfirstname", "preferredname", "knownas", "chosenforename"), "preferred"
    ),
    **dict.fromkeys(("chosenname", "chosenfirstname", "nickname"), "preferred"),
    **dict.fromkeys(("preferredsurname", "preferredlastname", "chosensurname"), "preferred surname"),
    **dict.fromkeys(("middlename", "middlenames", "legalmiddlenames", "middle"), "middle"),
    **dict.fromkeys(("name", "fullname", "legalname", "legalfullname", "names"), "name"),
    **dict.fromkeys(("surnameforename", "forenamesurname", "lastnamefirstname", "firstnamelastname"), "name"),
    **dict.fromkeys(("id", "personid", "idnumber", "identifier", "uniqueid", "ref", "reference"), "id"),
    **dict.fromkeys(("code", "payrollnumber"), "id"),
    **dict.fromkeys(("upn", "uniquenumber", "uln", "formerupn"), "upn"),
    **dict.fromkeys(("admissionno", "admissionnumber", "adno", "admno", "admissionid"), "admission"),
    **dict.fromkeys(
        ("year", "yeargroup", "ncyear", "reg", "reggroup", "class", "classname", "form", "tutorgroup"),
        "class",
    ),
    **dict.fromkeys(("registrationgroup", "registrationform", "regform", "ncyeargroup", "house"), "class"),
    **dict.fromkeys(("relationship", "relation", "relationshiptype", "legal", "priority"), "relationship"),
    **dict.fromkeys(("role", "roles", "jobtitle", "job", "position", "post", "staffrole", "type"), "role"),
    **dict.fromkeys(("persontype", "category", "jobrole"), "role"),
    **dict.fromkeys(("is", "isstaff"), "staff mark"),
}
_RESTRICTING = frozenset(("restricted", "restriction", "restrictions", "injunction", "molestation"))
_FOOD = frozenset(("diet", "dietary", "food"))
_NAMES = frozenset(("forename", "surname", "name"))
_ONCE = _NAMES | {"id"}  # seen again in the same group, another contact begins
KEPT = frozenset(
    (
        "forename",
        "surname",
        "preferred",
        "preferred surname",
        "middle",
        "name",
        "id",
        "upn",
        "admission",
        "email",
    )
) | frozenset(("role", "restricted", "staff mark", "class"))


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is read. `group` is "pupil", "contact 1", "contact 2" ... or "person" (a list of one kind of
    people); `field` is one of KEPT or "handle.<network>"."""

    at: int
    group: str
    field: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that are read, and the role of a "person" when the row does not say."""

    columns: tuple[Column, ...]
    role: str
    width: int

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(column.group for column in self.columns))


@dataclass(frozen=True, slots=True)
class _Header:
    at: int
    who: str  # "", pupil, contact, mother, father, staff, governor
    number: int  # 0: none
    trailing: bool  # the number stood at the end: "Email 2"
    field: str


def meaning(header: str) -> tuple[str, int, bool, str] | None:
    """(who, number, number is last, field) of one header; None when nothing of it is read."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", header[:80])
    words = re.findall(r"[a-z]+|\d+", plain(spaced).replace("'", ""))
    who = ""
    number, trailing = 0, False
    rest: list[str] = []
    for index, word in enumerate(words):
        if word.isdigit():
            number, trailing = int(word[:3]), index == len(words) - 1
        elif word in _WHO and who in ("", "contact", _WHO[word]):
            who = _WHO[word]
        elif word not in _FILLERS:
            rest.append(word)
    field = _field(who, rest)
    return None if field is None else (who, number, trailing, field)


def _field(who: str, rest: Sequence[str]) -> str | None:
    joined, words = "".join(rest), set(rest)
    if not rest:
        return {"": None, "staff": "staff mark"}.get(who, "name")
    if joined in _FIELDS:
        return _FIELDS[joined]
    if words - _EMAIL_QUALIFIERS in _EMAIL:
        return "email"
    sites = {_SITES[word] for word in rest if word in _SITES}
    if not words - _HANDLE_WORDS - _SITES.keys() and (sites or {"handle", "social"} & words):
        return f"handle.{min(sites)}" if len(sites) == 1 else "handle.x"
    if (words & _RESTRICTING or {"court", "order"} <= words) and not words & _FOOD:
        return "restricted"
    return "relationship" if "parentalresponsibility" in joined or "liveswith" in joined else None


def understood(headers: Sequence[str]) -> int:
    """How many different things these headers name: what tells a header row from a title line or a person."""
    found = [meaning(header) for header in headers if header.strip()]
    return len({(who, number, field) for who, number, _, field in filter(None, found)})


def layout_of(headers: Sequence[str]) -> Layout | None:
    """The layout that a header row describes; None when it has no name, e-mail or handle.

    A bare "Forename" is the pupil's beside "Contact Forename", the contact's beside "Pupil Forename". Where bare names
    come twice, the pupil's come first and each further set is a contact's. One bare set is pupils when the file also has
    pupil columns (a UPN, a class), staff when it has a job or a role, else parents when it has e-mails, else pupils.
    """
    seen = [
        _Header(at, *found) for at, header in enumerate(headers) if (found := meaning(header)) is not None
    ]
    fields = [header.field for header in seen]
    if not any(f in _NAMES or f == "email" or f.startswith("handle.") for f in fields):
        return None
    bare, role = _bare_names(seen)
    columns = _placed(seen, bare)
    return Layout(tuple(column for column in columns if _kept(column.field)), role, len(headers))


def _kept(field: str) -> bool:
    return field in KEPT or field.startswith("handle.")


def _bare_names(seen: Sequence[_Header]) -> tuple[str, str]:
    """(whose a bare name column is: pupil, contact, person or "both" in turn; the role of a person)."""
    about = {header.who for header in seen if header.field in _NAMES}
    contact = bool(about & {"contact", "mother", "father"})
    bare = [header.field for header in seen if not header.who and header.field in _NAMES]
    fields = {header.field for header in seen}
    pupil_cues = bool(fields & {"upn", "admission", "class"}) or any(h.who == "pupil" for h in seen)
    mailed = "email" in fields or "relationship" in fields or any(f.startswith("handle.") for f in fields)
    rules = (  # the first that holds
        ("pupil" in about, ("contact", "parent")),
        (contact, ("pupil", "parent")),
        (len(bare) > len(set(bare)), ("both", "parent")),
        ("governor" in about, ("person", "governor")),
        (any(h.who == "staff" and h.field != "staff mark" for h in seen), ("person", "staff")),
        ("staff mark" in fields, ("person", "parent")),
        ("role" in fields, ("person", "staff")),
        (pupil_cues, ("pupil", "pupil")),
        (mailed, ("person", "parent")),
    )
    return next((answer for holds, answer in rules if holds), ("person", "pupil"))


def _placed(seen: Sequence[_Header], bare: str) -> list[Column]:
    """Each column in its group, going left to right: what a bare e-mail or mark belongs to depends on what is before."""
    contacts = [h for h in seen if h.who in ("contact", "mother", "father")]
    # "Contact Name 2" is another contact; "Contact Email 2" is one only where contacts have no names
    nameless = not any(h.field in _NAMES for h in contacts)
    numbered_by_tail = any(h.trailing and h.number > 1 and (nameless or h.field in _NAMES) for h in contacts)
    has_contact_mail = any(h.field == "email" for h in contacts)
    filled: dict[str, set[str]] = {}
    turn = {"contact": 1}
    columns: list[Column] = []
    for header in seen:
        who = header.who or _owner(header.field, bare, filled, has_contact_mail)
        who = "person" if who in ("staff", "governor") else who
        if who in ("pupil", "person"):
            group = who
        else:
            grouped = header.number if header.number and (not header.trailing or numbered_by_tail) else 0
            base = f"{who} {grouped}" if grouped else who
            if (
                not grouped
                and header.field in _ONCE
                and header.field in filled.get(f"{base} {turn.get(base, 1)}", ())
            ):
                turn[base] = turn.get(base, 1) + 1
            group = base if grouped else f"{base} {turn.get(base, 1)}"
        filled.setdefault(group, set()).add(header.field)
        columns.append(Column(header.at, group, header.field))
    return columns


def _owner(field: str, bare: str, filled: Mapping[str, set[str]], has_contact_mail: bool) -> str:
    """Whose a column without a who is."""
    contacts = any(not group.startswith(("pupil", "person")) for group in filled)
    if field in ("upn", "admission", "class"):
        return "person" if bare == "person" else "pupil"
    if bare == "person":
        return "person"
    if field in _ONCE or field in ("preferred", "preferred surname", "middle"):
        if bare == "both":
            return "contact" if contacts or field in filled.get("pupil", ()) else "pupil"
        return bare
    if field == "relationship" or contacts or not has_contact_mail:
        return "contact"
    return "pupil"
