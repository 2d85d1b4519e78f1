"""What a claim does: who may be sent a confirmation, and what a follower's claims say of them. Pure.

A claim says "this account is mine". It is proven by whoever reads the mailbox of an e-mail on the school's records, or
by a network that has confirmed such an e-mail for the account itself; by nothing else: no name, no resemblance, no
handle that somebody typed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from monitor.domain import Verification, VerificationState

VALID = timedelta(days=7)  # a link: mailboxes of families are not read every day
WAITS = timedelta(days=90)  # a confirmed claim, for the follower to appear: handles change hands after that
MAILS_A_DAY = 3  # to one address
ASKED_BY_ONE = 10  # claims an hour from one machine: a household, or a few behind one address
ASKED_OF_SCHOOL = 300  # claims an hour in all
CODED_BY_ONE = 60  # the same with a letter's code: a parents' evening on the school's own network
CODED_OF_SCHOOL = 900  # the evening of the letter home
ASK_THE_LEAD = "this account cannot be verified by machine; ask the safeguarding lead before accepting it"
LEFT_RECORDS = "it was verified with an e-mail that is no longer on the register"
RENAMED = "it changed its handle after it was verified; not proven again yet"
OFF_RECORDS = "claimed with an e-mail address that is not on the register"
HELD_BACK = "a claim to it was held back; ask the safeguarding lead before accepting it"


class Way(StrEnum):
    """How a claim came in."""

    PAGE = "page"
    X = "x"
    FACEBOOK = "facebook"
    MAIL = "mail"


SIGNED_IN = frozenset({Way.X, Way.FACEBOOK})  # the network itself named the account and its confirmed e-mail


class Standing(StrEnum):
    """What has become of a claim."""

    ASKED = "asked"  # not looked at yet
    TOO_MANY = "too_many"  # this address was sent enough mails today
    UNMATCHED = "unmatched"  # the e-mail is on no record
    RESTRICTED = "restricted"  # a court order or the like stands beside the record
    OTHER_FAMILY = "other_family"  # the e-mail is on a record, and the letter's code is another family's
    MAILED = "mailed"
    UNDELIVERED = "undelivered"  # the mailbox on the record takes no mail
    CONFIRMED = "confirmed"
    DENIED = "denied"  # whoever reads the mailbox says that the account is not theirs
    EXPIRED = "expired"
    REVOKED = "revoked"
    HANDLE_CHANGED = "handle_changed"  # after it was confirmed


MATCHED = frozenset(
    (Standing.MAILED, Standing.UNDELIVERED, Standing.CONFIRMED, Standing.DENIED, Standing.HANDLE_CHANGED)
)  # the e-mail was on a record: what a letter's code has been used for


class Records(Protocol):
    """The register, as far as claims are concerned."""

    def email(self, address: str) -> tuple[str, str] | None:
        """(person, role) of whoever's record holds this address; a restricted one where several share it."""
        ...

    def whose_email(self, digest: bytes) -> tuple[str, str] | None:
        """The same, for an address that is known by its keyed hash only."""
        ...

    def handle(self, network: str, handle: str) -> tuple[str, str] | None:
        """(person, role) of whoever's record holds this handle; a restricted one where several share it."""
        ...

    def restricted(self, person: str) -> bool:
        """Whether this person is never to be verified."""
        ...


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is to be done with a new claim; `person` and `role` are the register's where it knows the e-mail."""

    standing: Standing
    person: str | None = None
    role: str | None = None


def weigh(
    records: Records,
    *,
    address: str,
    network: str,
    handle: str,
    mailed_today: int,
    proven: bool = False,
    family: frozenset[str] | None = None,
    guesses: bool = False,
) -> Weighed:
    """MAILED: the confirmation goes to this address. Anything else: nothing is sent to anybody outside the school.

    `mailed_today`: how many confirmations this address was sent in the last 24 hours. `proven`: whoever claims has
    signed in at the network, which has confirmed the address; nothing is left to ask, and nothing is mailed. `family`:
    whom the code of a letter that came with it speaks for; it lets nobody in, but keeps others out. `guesses`: its code
    is not good, and others were tried before it.
    """
    known = records.email(address)
    named = records.handle(network, handle)
    for found in filter(None, (known, named)):  # whose e-mail it is, and whose account the office says it is
        if records.restricted(found[0]):
            return Weighed(Standing.RESTRICTED, *found)
    if known is None:
        return Weighed(Standing.UNMATCHED)
    if family is not None and known[0] not in family:
        return Weighed(Standing.OTHER_FAMILY, *known)
    if proven:
        return Weighed(Standing.CONFIRMED, *known)
    if guesses or mailed_today >= MAILS_A_DAY:
        return Weighed(Standing.TOO_MANY, *known)
    return Weighed(Standing.MAILED, *known)


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim to one follower's account. `email` is the keyed hash; `same_handle`: the account still has the handle
    that was claimed; `by_letter`: with the good code of a family's letter."""

    standing: Standing
    email: bytes
    same_handle: bool
    by_letter: bool = False


def of_claims(claims: Iterable[Claim], records: Records) -> Verification | None:
    """What the claims to one account, bound to the network's stable user id, say of it; None when they say nothing.

    The register is asked anew each time: whoever has left it, or is restricted by now, is verified no longer.
    """
    said = [one for one in (_says(claim, records) for claim in claims) if one is not None]
    return min(said, key=_rank, default=None)


_STATES = (VerificationState.VERIFIED, VerificationState.CLAIMED, VerificationState.UNVERIFIED)


def _rank(said: Verification) -> tuple[bool, int]:
    return said.reason != ASK_THE_LEAD, _STATES.index(said.state)


def _says(claim: Claim, records: Records) -> Verification | None:
    who = records.whose_email(claim.email)
    proven = claim.standing in {Standing.CONFIRMED, Standing.HANDLE_CHANGED}
    if proven and who is None:
        return Verification(VerificationState.UNVERIFIED, LEFT_RECORDS)
    if proven and who is not None and records.restricted(who[0]):
        return Verification(VerificationState.UNVERIFIED, ASK_THE_LEAD)
    if claim.standing is Standing.HANDLE_CHANGED or (proven and not claim.same_handle):
        return Verification(VerificationState.CLAIMED, RENAMED, *(who or ()))
    if not claim.same_handle:
        return None
    if claim.standing is Standing.CONFIRMED and who is not None:
        return Verification(
            VerificationState.VERIFIED, "confirmed from an e-mail address on the register", *who
        )
    letter_only = claim.standing is Standing.UNMATCHED and claim.by_letter
    return _LETTER_ONLY if letter_only else _UNPROVEN.get(claim.standing)


_UNPROVEN = {
    Standing.MAILED: Verification(
        VerificationState.CLAIMED, "claimed with an e-mail address on the register; not confirmed yet"
    ),
    Standing.UNDELIVERED: Verification(
        VerificationState.UNVERIFIED,
        "claimed with an e-mail address on the register that takes no mail; ask the family for the right one",
    ),
    Standing.UNMATCHED: Verification(VerificationState.UNVERIFIED, OFF_RECORDS),
    Standing.OTHER_FAMILY: Verification(
        VerificationState.UNVERIFIED,
        "claimed with the code of one family’s letter and another’s e-mail address; nothing was sent",
    ),
    Standing.RESTRICTED: Verification(VerificationState.UNVERIFIED, HELD_BACK),
    Standing.DENIED: Verification(
        VerificationState.UNVERIFIED,
        "claimed with an e-mail address on the register, whose reader says that it is not theirs",
    ),
}
_LETTER_ONLY = Verification(
    VerificationState.UNVERIFIED,
    "claimed with the code of a family’s letter, and an e-mail address that is not on the register; ask the family which"
    " address is theirs",
)
