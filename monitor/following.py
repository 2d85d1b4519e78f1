"""What reviewers decide of followers, and what a network shows of it afterwards. Pure: values and judgement.

The office approves known organisations and turns others away; nobody here decides that a parent is a parent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from monitor.claims import ASK_THE_LEAD
from monitor.domain import Verification, VerificationState

TURNED_AWAY = "turned away by the school"
APPROVED = "approved by the school as an organisation"
RENAMED = "it was approved as an organisation, and has changed its handle since; look at it again"


class FollowerChoice(StrEnum):
    """What may be decided of a follower. Taking it back is no choice of its own: the decision before it stands again."""

    ORGANISATION = "organisation"
    REJECT = "reject"


class Shown(StrEnum):
    """What the network showed when it was last looked at."""

    NOTHING = ""  # not looked at since somebody said that it is done
    FOLLOWS = "follows"
    GONE = "gone"  # not in the list of followers any more
    BLOCKED = "blocked"
    NOT_BLOCKED = "not_blocked"


class Truth(StrEnum):
    """Where a step by hand stands."""

    TO_DO = "to_do"
    SAID = "said"  # a person says that it is done; the network has not been looked at since
    DONE = "done"  # the network shows it
    NOT_DONE = "not_done"  # a person said so, and the network shows otherwise


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision that stands for an account. `same_handle`: the account still has the handle that was decided on."""

    choice: FollowerChoice
    same_handle: bool
    review_on: date | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An organisation of the configuration's list, with who approved it when and when it is to be looked at again."""

    handle: str
    reason: str
    approved_by: str = ""
    approved_on: date | None = None
    review_on: date | None = None

    def is_due(self, today: date) -> bool:
        """Whether its review date has come."""
        return self.review_on is not None and self.review_on <= today


def with_decision(judged: Verification, decided: Decided | None) -> Verification:
    """What holds of a follower after a person's decision; `judged` is what records and claims say.

    Who is turned away stays so. An approval is worth what an entry of the configured list is: it overrules neither a
    proven claim nor a restriction, and it ends when the account changes its handle.
    """
    if decided is None:
        return judged
    if decided.choice is FollowerChoice.REJECT:
        return Verification(VerificationState.REJECTED, TURNED_AWAY, judged.person, judged.role)
    if judged.state is VerificationState.VERIFIED or judged.reason == ASK_THE_LEAD:
        return judged
    if not decided.same_handle:
        return Verification(VerificationState.UNVERIFIED, RENAMED, judged.person, judged.role)
    return Verification(VerificationState.ORGANISATION, APPROVED)


def truth(*, said: bool, shown: Shown) -> Truth:
    """Where a step stands. What the network shows counts for more than what anybody says."""
    if shown in {Shown.GONE, Shown.BLOCKED}:
        return Truth.DONE
    if shown in {Shown.FOLLOWS, Shown.NOT_BLOCKED}:
        return Truth.NOT_DONE
    return Truth.SAID if said else Truth.TO_DO
