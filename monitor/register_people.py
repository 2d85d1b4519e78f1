"""Cells become people: one person a pupil, contact or member of staff, however many rows name them. Pure.

A person here holds names and addresses in clear, for as long as an import runs; nothing here is stored or printed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitor.names import full_form, name_words, normal_email, normal_handle, split_name
from monitor.register_columns import Layout

_LONGEST_NAME = 100
_BLANK = frozenset(("", "-", "--", ".", "n/a", "na", "#n/a", "?"))
_NO = frozenset(("", "-", ".", "n", "no", "f", "false", "0", "none", "n/a", "off"))
_FORMULA = re.compile(r"[=+\-@\t\r|]")
_SPLIT_ROLE = re.compile(r"[^a-z]+")
_ROLE_CUES = (  # the first that a job or role has a word of: a "parent governor" governs, a "student teacher" teaches
    ("governor", {"governor", "trustee"}),
    (
        "staff",
        {"staff", "teacher", "teaching", "assistant", "support", "liaison", "worker", "head", "officer"},
    ),
    ("pupil", {"pupil", "student", "child", "learner"}),
    ("parent", {"parent", "carer", "guardian", "mother", "father", "contact", "family"}),
)


@dataclass(slots=True)
class Person:
    """One person as the office wrote them down. `key` names them the same way at the next import; `names` are
    (forename, surname) pairs; e-mails and handles are in their normal form. `restricted`: a court order or the like.
    `called` and `form` (the class) are as a letter to the family says them, and are never kept."""

    key: str = field(repr=False)
    role: str  # pupil, parent, staff, governor
    names: set[tuple[str, str]] = field(default_factory=set, repr=False)
    emails: set[str] = field(default_factory=set, repr=False)
    handles: set[tuple[str, str]] = field(default_factory=set, repr=False)  # (network, handle)
    restricted: bool = False
    called: str = field(default="", repr=False)
    form: str = field(default="", repr=False)


class People:
    """The people of one file, gathered row by row. `rows`: the keys of whoever stood in one row together."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._found: dict[str, Person] = {}
        self.rows: list[tuple[str, ...]] = []

    def all(self) -> tuple[Person, ...]:
        return tuple(self._found.values())

    def take(self, cells: Sequence[str]) -> list[str]:
        """Add the people of one row; the reasons why the row, or part of it, could not be used."""
        groups: dict[str, dict[str, list[str]]] = {}
        for column in self._layout.columns:
            cell = _clean(cells[column.at]) if column.at < len(cells) else ""
            if cell:
                groups.setdefault(column.group, {}).setdefault(column.field, []).append(cell)
        problems: list[str] = []
        row = []
        for group, values in groups.items():
            person = self._person(group, values, problems)
            if person is not None:
                self._add(person)
                row.append(person.key)
        if row:
            self.rows.append(tuple(row))
        if not row and not problems:
            problems.append("it has no name, e-mail or handle that can be read")
        return problems

    def _person(self, group: str, values: Mapping[str, list[str]], problems: list[str]) -> Person | None:
        role = _role(group, values, self._layout.role)
        names = _names(values, problems)
        emails = _emails(values.get("email", ()), problems)
        handles = _handles(values, problems)
        if not (names or emails or handles):
            return None
        restricted = any(value.casefold() not in _NO for value in values.get("restricted", ()))
        key = f"{role}:{_key(values, names, emails, handles)}"
        return Person(key, role, names, emails, handles, restricted, _called(values), _form(values))

    def _add(self, person: Person) -> None:
        known = self._found.setdefault(person.key, person)
        known.names |= person.names
        known.emails |= person.emails
        known.handles |= person.handles
        known.restricted |= person.restricted
        known.called, known.form = known.called or person.called, known.form or person.form


def _clean(cell: str) -> str:
    """A cell without what spreadsheets and page layouts put around it; "" for a dash or the like."""
    text = " ".join("".join(c if c.isprintable() else " " for c in cell).split())
    if text.startswith('="') and text.endswith('"'):  # Excel's way to keep a number as text
        text = text[2:-1]
    text = text.removeprefix("'") if text[1:2] in "=+-@" else text
    return "" if text.casefold() in _BLANK else text


def _key(
    values: Mapping[str, list[str]],
    names: set[tuple[str, str]],
    emails: set[str],
    handles: set[tuple[str, str]],
) -> str:
    """The office's own number if there is one, else the first e-mail with the name, else the name."""
    for kind in ("id", "upn", "admission"):
        if kind in values:
            return f"{kind}:{values[kind][0].casefold()}"
    name = full_form(word for pair in sorted(names)[:1] for part in pair for word in name_words(part))
    if emails:
        return f"email:{min(emails)}:{name}"
    return f"name:{name}" if name else "handle:" + ":".join(min(handles))


def _role(group: str, values: Mapping[str, list[str]], otherwise: str) -> str:
    if group == "pupil":
        return "pupil"
    if any(value.casefold() not in _NO for value in values.get("staff mark", ())):
        return "staff"
    words = {word for value in values.get("role", ()) for word in _SPLIT_ROLE.split(value.casefold())}
    words |= {word.removesuffix("s") for word in words}
    role = next((role for role, cues in _ROLE_CUES if words & cues), otherwise)
    return role if group == "person" or role in ("staff", "governor") else "parent"


def _names(values: Mapping[str, list[str]], problems: list[str]) -> set[tuple[str, str]]:
    cells = [
        cell
        for kind in ("forename", "surname", "preferred", "preferred surname", "middle", "name")
        for cell in values.get(kind, ())
    ]
    if any(len(cell) > _LONGEST_NAME for cell in cells):
        problems.append(f"a name is longer than {_LONGEST_NAME} characters")
        return set()
    if any(_FORMULA.match(cell) for cell in cells):
        problems.append("a name begins like a spreadsheet formula")
        return set()
    pairs = [split_name(cell) for cell in values.get("name", ())]
    first, middle = " ".join(values.get("forename", ())), " ".join(values.get("middle", ()))
    last = " ".join(values.get("surname", ()))
    known, known_last = " ".join(values.get("preferred", ())), " ".join(values.get("preferred surname", ()))
    pairs.append((f"{first} {middle}" if first and middle else first, last))
    for forename in dict.fromkeys(filter(None, (first, known))):
        pairs += [(forename, surname) for surname in dict.fromkeys((last, known_last)) if surname]
    pairs += [(known, "")] if known else []
    usable = {pair for pair in pairs if any(len(word) > 1 for part in pair for word in name_words(part))}
    if cells and not usable:
        problems.append("a name has no letters in it, or only an initial")
    return usable


def _called(values: Mapping[str, list[str]]) -> str:
    """The name that people use: a preferred one before a legal one, no middle names and no title."""
    first = (values.get("preferred") or values.get("forename") or [""])[0]
    last = (values.get("preferred surname") or values.get("surname") or [""])[0]
    if not (first and last) and "name" in values:
        first, last = split_name(values["name"][0])
    return f"{first} {last}".strip()[:_LONGEST_NAME]


def _form(values: Mapping[str, list[str]]) -> str:
    """Year and class, where one does not say the other: "4B" of "4" and "4B"."""
    cells = list(dict.fromkeys(values.get("class", ())))
    return " ".join(one for one in cells if not any(one != other and one in other for other in cells))[:40]


def _emails(cells: Sequence[str], problems: list[str]) -> set[str]:
    emails: set[str] = set()
    for cell in cells:
        if cell.casefold() in _NO:
            continue
        # "Ms A Okafor <a@b.example>; c@d.example" and "mailto:a@b.example" are seen in exports
        for text in [part for part in re.split(r"[\s;,<>]+", cell) if "@" in part] or [cell]:
            address = normal_email(re.sub(r"^mailto:", "", text, flags=re.IGNORECASE))
            if address is None:
                problems.append("an e-mail address in it is none; the rest of the row was read")
            else:
                emails.add(address)
    return emails


def _handles(values: Mapping[str, list[str]], problems: list[str]) -> set[tuple[str, str]]:
    handles: set[tuple[str, str]] = set()
    for kind, cells in values.items():
        if not kind.startswith("handle."):
            continue
        for text in (
            text for cell in cells if cell.casefold() not in _NO for text in re.split(r"\s*[;,]\s*", cell)
        ):
            handle = normal_handle(kind.removeprefix("handle."), text)
            if handle is None:
                problems.append("a handle in it is none; the rest of the row was read")
            else:
                handles.add(handle)
    return handles
