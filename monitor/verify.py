"""Who a follower is to the school, as far as the records say, and what an account gives away about itself. Pure.

Only a proven claim verifies (monitor/claims.py): a handle that the office wrote down is a claim until its owner
proves it, and a name or a resemblance is never more than a reason for a person to look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from monitor import claims
from monitor.domain import Author, Finding, Severity, Verification, VerificationState
from monitor.names import normal_handle
from monitor.ports import Register
from monitor.resemblance import handle_resembles, name_resembles


class Records(Register, claims.Records, Protocol):
    """The register, as far as following is concerned."""


def verification(
    network: str,
    author: Author,
    register: Records,
    organisations: Mapping[str, str] | None = None,
    claimed: Iterable[claims.Claim] = (),
) -> Verification:
    """What the records and the claims to this account say of one follower.

    `organisations`: handle (any network, with or without @) → why it is known. The reason is for the office's page: it
    names nobody, and of a restriction it says only whom to ask.
    """
    if not author.handle or (handle := normal_handle(network, author.handle)) is None:
        return Verification(VerificationState.UNVERIFIED, "the network gave no handle to compare")
    known = register.handle(*handle)
    if known and register.restricted(known[0]):
        return Verification(VerificationState.UNVERIFIED, claims.ASK_THE_LEAD)
    said = claims.of_claims(claimed, register)
    if said and (said.state is not VerificationState.UNVERIFIED or said.reason == claims.ASK_THE_LEAD):
        return said
    if known:
        return Verification(VerificationState.CLAIMED, "on the register; not proven yet", *known)
    for name, reason in (organisations or {}).items():
        if normal_handle(network, name) == handle:
            return Verification(VerificationState.ORGANISATION, reason)
    return said or Verification(VerificationState.UNVERIFIED, "not on the register")


def follower_findings(
    author: Author, *, school_handles: Sequence[str], school_name: str
) -> tuple[Finding, ...]:
    """Look-alikes of the school (`impersonation`) and cues of a child under 13 (`underage`) in one account.

    Spans are in the bio; an impersonation's is (0, 0), for it is the account that resembles.
    """
    return (
        *_impersonation(author, school_handles, school_name),
        *_underage((author.bio or "")[:_LONGEST_BIO]),
    )


ABUSE = frozenset(
    [
        "threat",
        "grooming",
        "child_at_risk",
        "discrimination",
        "self_harm_encouragement",
        "extremism",
        "bullying",
        "sexual",
        "staff_allegation",
        "insult",
        "drugs_weapons",
        "profanity",
    ]
)
_SEAM = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z]+")


def handle_words(handle: str) -> str:
    """A handle as somebody reads it aloud: "@MrsPenroseIsAThief" and "mrs_penrose_is_a_thief" are words."""
    return " ".join(_SEAM.sub(" ", handle).split())


def handle_findings(author: Author, look: Callable[[str], Sequence[Finding]]) -> tuple[Finding, ...]:
    """Abuse in the handle itself, which the school office would have to read. Each category once; no span in the bio."""
    found: dict[str, Finding] = {}
    for one in look(handle_words(author.handle or "")):
        if one.category.partition(".")[0] in ABUSE and one.category not in found:
            found[one.category] = replace(one, reason=f"in the account's handle: {one.reason}", span=(0, 0))
    return tuple(found.values())


def _impersonation(author: Author, school_handles: Sequence[str], school_name: str) -> tuple[Finding, ...]:
    handle = (author.handle or "").removeprefix("@").lower()
    own = {name.removeprefix("@").lower() for name in school_handles}
    if handle and handle in own:
        return ()
    name = author.name or ""
    by_handle = any(handle_resembles(handle, name, theirs, school_name) for theirs in sorted(own))
    by_name = name_resembles(name, school_name)
    if not (by_handle or by_name):
        return ()
    what = "handle and name" if by_handle and by_name else "handle" if by_handle else "name"
    return (
        Finding(
            category="impersonation",
            severity=Severity.MEDIUM,
            detector="follower.handle" if by_handle else "follower.name",
            reason=f"the account's {what} could be taken for the school's own",
            span=(0, 0),
        ),
    )


_LONGEST_BIO = 1000  # characters; no network allows more, and a pattern must not be kept busy
_AGE = r"(?:1[0-2]|[5-9]|five|six|seven|eight|nine|ten|eleven|twelve)"
# what may stand behind an age said of oneself; "I'm 5'2", "I'm 12 weeks in" and "I'm 10/10 tired" go on otherwise
_THEN = (
    r"(?=\s*$|\s*y(?:ea)?rs?\s+old\b|\s*y/?o\b|\s+and\s+a\s+half\s*(?:$|\W)|\s+(?:and|but)\s+(?:i|my|love|like|in|from)\b"
    r"|\s+i\b|\s*[!.|•·,;\n)](?!\d)|\s*[^\w\s%/'’\"′+–.,:&-])"
)
# said of oneself: stands whatever else the bio says
_SELF = re.compile(
    rf"\bi\s*['’]?\s*a?m\s+(?:(?:only|just|nearly|almost|turning)\s+)?(?:{_AGE}{_THEN}"
    r"|in\s+(?:y|yr|year)\s*[1-7]\b(?!\s*(?:teach|ta\b|staff)))",
    re.IGNORECASE,
)
# a scrap of a bio, between bars, commas and line ends, that is nothing but an age or a class, or goes on with an emoji
_CLASS = r"(?:y|yr|year)\s*[1-7](?:\s?[a-z])?\b"
_YEARS = rf"(?:aged?\s*:?\s*{_AGE}\b|{_AGE}\s*(?:y/?o|yrs?(?:\s+old)?|years?\s+old)\b)"
_SAID = re.compile(
    rf"\s*(?:{_CLASS}|{_YEARS})(?:\s+(?:{_CLASS}|{_YEARS}))?(?=\W*$|\s*[^\w\s.,:;%+–'’&()/-])", re.IGNORECASE
)
_SCRAP = re.compile(r"[^|•·,;\n/~–—]+")
# a grown-up speaks of children
_GROWN_UP = re.compile(
    r"\b(?:mum|mums|mummy|mom|mama|papa|nain|taid|mam|dad|dads|daddy|parents?|mother|father|carers?|guardian|nan|nanny|nana|gran|granny|"
    r"grand\w+|aunt|auntie|aunty|uncle|wife|husband|married|hubby|sons?|daughters?|kids?|"
    r"children|boys|girls|twins|teach(?:er|ing|es)?|ta|teaching assistant|tutor|coach|leader|governor|head|headteacher|"
    r"senco|pta|ptfa|chair|class(?:es)?|pupils|club|team|charity|school|academy|nursery|childminder|nhs|nurse|alumn\w+)\b",
    re.IGNORECASE,
)


def _underage(bio: str) -> tuple[Finding, ...]:
    if said := _SELF.search(bio):
        says = "the account says of itself that it is a child's"
        return (_young(Severity.MEDIUM, "follower.age", says, said.span()),)
    if _GROWN_UP.search(bio):
        return ()
    for scrap in _SCRAP.finditer(bio):
        if said := _SAID.match(scrap[0]):
            says = "the account's description gives a child's age or class"
            span = (scrap.start(), scrap.start() + said.end())
            return (_young(Severity.LOW, "follower.class", says, span),)
    return ()


def _young(severity: Severity, detector: str, reason: str, span: tuple[int, int]) -> Finding:
    return Finding("underage", severity, detector, f"{reason}; the network asks for at least 13 years", span)
