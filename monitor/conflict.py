"""Conflict of interest: who is named in an allegation must not be the one who is told of it. Pure.

Source: requirement C14 (an allegation about the headteacher goes to the chair of governors).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from monitor.domain import Role

_OFFICES = {
    Role.HEADTEACHER: re.compile(
        r"\b(?:head ?-?teacher|head ?-?master|head ?-?mistress|principal|the head|this head)\b", re.IGNORECASE
    ),
    Role.DEPUTY: re.compile(r"\b(?:deputy(?: head(?:teacher)?)?)\b", re.IGNORECASE),
    Role.CHAIR: re.compile(r"\bchair of (?:the )?governors\b", re.IGNORECASE),
    Role.DSL: re.compile(r"\b(?:safeguarding lead|DSL)\b", re.IGNORECASE),
}
_DEPUTY_HEAD = re.compile(r"\bdeputy head(?:teacher)?\b", re.IGNORECASE)
_TITLES = r"(?:mr|mrs|ms|miss|mx|dr|sir|madam|rev)\.?"


def named_roles(text: str, people: Mapping[Role, str]) -> frozenset[Role]:
    """The roles whose office, or whose holder ("Mrs" + surname, or forename + surname), the text names.

    `people` gives each role's holder as configured, such as "Mrs Jane Okafor". Over-inclusive on purpose: bypassing
    one person too many is mended by a telephone call, telling the wrong one is not.
    """
    found = set()
    plain = _DEPUTY_HEAD.sub("deputy", text)
    for role, office in _OFFICES.items():
        if office.search(plain):
            found.add(role)
    for role, holder in people.items():
        words = [
            word
            for word in re.findall(r"[^\W\d_][\w'’-]*", holder)
            if not re.fullmatch(_TITLES, word, re.IGNORECASE)
        ]
        if not words:
            continue
        surname = re.escape(words[-1])
        before = "|".join([_TITLES, *(re.escape(word) for word in words[:-1])])
        if re.search(rf"\b(?:{before})\s+{surname}\b", text, re.IGNORECASE):
            found.add(role)
    return frozenset(found)
