"""Every kind of incident: whom it is told to, and what it means for the service. Data only; docs/watching.md explains each.

An incident's key starts with its kind: "stream:x-main:comment" is of the kind `stream`. A kind that is not here is told to
the technician all the same, and counts as a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain import Role

IT, ESAFETY, DSL = Role.IT, Role.ESAFETY, Role.DSL


@dataclass(frozen=True, slots=True)
class Kind:
    """`title` is what a technician reads of it first.

    `soon`: it asks for something in time; the service does its work all the same. `ends`: its end is mailed to whom its
    beginning was; False where nobody waits for it. `news`: it happened and does not last, and is closed some days after it
    was told. `of_case`: its key speaks of one case or
    comment, so that it stands in no list that everybody sees. `outside`: the cause lies with a network or a mail server.
    """

    title: str
    told: tuple[Role, ...] = (IT,)
    soon: bool = False
    ends: bool = False
    news: bool = False
    of_case: bool = False
    outside: bool = False


# An account that nobody watches is a safeguarding gap: the e-safety coordinator hears of it too (requirement A7).
KINDS: Mapping[str, Kind] = {
    "stream": Kind("an account is not read", (IT, ESAFETY), ends=True, outside=True),
    "offline": Kind("no network can be reached", (IT, ESAFETY), ends=True, outside=True),
    "check": Kind("an access to a network failed its check", (IT, ESAFETY), outside=True),
    "expires": Kind("an access runs out soon", soon=True, ends=True, outside=True),
    "budget": Kind("this month's paid reads are nearly used", ends=True, outside=True),
    "relist": Kind("a list of followers is not read whole", soon=True, outside=True),
    "followers": Kind("a list of followers was not believed", soon=True, outside=True),
    "read back": Kind("blocked followers cannot be read back", outside=True),
    "mail": Kind("mail is not accepted", ends=True, outside=True),
    "outbox": Kind("one mail could not be delivered", (IT, ESAFETY), news=True, outside=True),
    "inbox": Kind("a mailbox cannot be read", ends=True, outside=True),
    "sign-in": Kind("a network refuses the families' sign-in", ends=True, outside=True),
    "timestamp": Kind("the audit log got no time stamp", ends=True, outside=True),
    "heartbeat": Kind("the outside watch does not hear us", soon=True, ends=True, outside=True),
    "clock": Kind("this machine's clock is wrong", ends=True),
    "storage": Kind("the disk is nearly full", ends=True),
    "full": Kind("nothing is read for want of room on the disk", (IT, ESAFETY), ends=True),
    "backup": Kind("the backup failed, or could not be restored in a drill", ends=True),
    "restart": Kind("the service ended without being stopped", soon=True),
    "restarts": Kind("the service keeps ending and starting again", (IT, ESAFETY), ends=True),
    "python": Kind("Python has a known hole", soon=True),
    "model": Kind("comments are judged by rules alone", (IT, ESAFETY), ends=True),
    "calendar": Kind("the school calendar runs out", soon=True),
    "step": Kind("a part of Schoolgate fails", (IT, ESAFETY), ends=True),
    "evidence": Kind("evidence does not hold", (IT, DSL)),
    "audit": Kind("the audit log does not hold", (IT, DSL)),
    "decision": Kind(
        "a decision could not be carried out", (IT, ESAFETY), news=True, of_case=True, outside=True
    ),
    "follower step": Kind(
        "a decision about a follower could not be carried out",
        (IT, ESAFETY),
        news=True,
        of_case=True,
        outside=True,
    ),
    "quarantine": Kind("something was set aside", (IT, ESAFETY)),
    "notify": Kind("an alert could not be written", (IT, ESAFETY), news=True, of_case=True),
    "assess": Kind("an item could not be judged", (IT, ESAFETY), news=True, of_case=True),
    # told to people and to nobody else: who asks how the service is must not learn what the register made of a claim
    "claim": Kind("a claim that the safeguarding lead should know of", (DSL,), of_case=True),
}
UNKNOWN = Kind("something needs attention")


def area(key: str) -> str:
    """What an incident's key starts with, and the name of its kind."""
    return key.partition(":")[0]


def kind_of(key: str) -> Kind:
    return KINDS.get(area(key), UNKNOWN)
