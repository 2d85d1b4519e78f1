"""Who a follower is to the school, as far as the records say, and what an account gives away about itself. Pure.

Only a proven claim verifies (monitor/claims.py): a handle that the office wrote down is a claim until its owner
proves it, and a name or a resemblance is never more than a reason for a person to look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

from monitor import claims
from monitor.domain import Author, Finding, Verification, VerificationState
from monitor.impersonation import impersonation
from monitor.names import normal_handle
from monitor.ports import Register
from monitor.possible import Names, possible
from monitor.underage import underage


class Records(Register, claims.Records, Names, Protocol):
    """The register, as far as following is concerned."""

    def like_staff(self, network: str, handle: str) -> bool:
        """Whether this handle is a look-alike of one that a member of staff's record holds."""
        ...


_ASK_FIRST = frozenset({claims.ASK_THE_LEAD, claims.HELD_BACK})


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


def resemblance(author: Author, register: Names, judged: Verification) -> str:
    """The role of somebody on the register whose name an unverified account's resembles; "" when nobody's, or when the
    safeguarding lead is to be asked. It is a hint for the office and leads to nothing."""
    if judged.state is not VerificationState.UNVERIFIED or judged.reason in _ASK_FIRST:
        return ""
    return possible(author, register) or ""


def follower_findings(
    author: Author,
    *,
    school_handles: Sequence[str],
    school_name: str,
    head: str = "",
    like_staff: bool = False,
    of_staff: bool = False,
    today: date | None = None,
) -> tuple[Finding, ...]:
    """Look-alikes of the school, its head or its staff (`impersonation`) and cues of a child under 13 (`underage`).

    Spans are in the bio; an impersonation's is (0, 0). `head`, `like_staff`, `of_staff`: monitor/impersonation.py; `today`:
    monitor/underage.py.
    """
    return (
        *impersonation(
            author, school_handles, school_name, head=head, like_staff=like_staff, of_staff=of_staff
        ),
        *underage(author.bio or "", today),
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
