"""Answering an alert by mail, for schools whose page cannot be reached from outside: the table [replies].

Reads nothing and connects to nothing; `monitor.config` loads it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from monitor.config_names import PERSONAL_MAIL, Address, domain_of
from monitor.config_values import Between
from monitor.settings_mailbox import MailboxAccount

LONGEST_LOCAL = 48  # characters before the @: 64 (RFC 5321 §4.5.3.1.1) less the + and a code


class Replies(MailboxAccount):
    """The mailbox that answers to alerts come to."""

    at: ClassVar[str] = "replies"
    address: Address = Field(
        description="the address that answers go to", examples=["alert-replies@school.example"]
    )
    plus: bool = Field(default=True, description="true or false", examples=[True])
    valid: Annotated[timedelta, Between("15m", "14d")] = Field(
        default=timedelta(days=3), description="an interval", examples=["3d"]
    )
    every: Annotated[timedelta, Between("15s", "1h")] = Field(
        default=timedelta(seconds=30), description="an interval", examples=["30s"]
    )

    @model_validator(mode="after")
    def _can_be_answered(self) -> Self:
        wrong = []
        if domain_of(self.address) in PERSONAL_MAIL:
            wrong.append("address: is at a personal mail provider; write one of the school's own")
        if len(self.address.partition("@")[0]) > LONGEST_LOCAL:
            wrong.append(
                f"address: has more than {LONGEST_LOCAL} characters before the @; make a shorter address"
            )
        if wrong:
            raise ValueError("\n".join(wrong))
        return self


def mailbox_problems(document: dict[str, Any]) -> list[str]:
    """Two readers of one folder would each count the other's messages as nonsense."""
    replies, claims = document.get("replies"), document.get("claims")
    mail = claims.get("mail") if isinstance(claims, dict) else None
    if not isinstance(replies, dict) or not isinstance(mail, dict):
        return []
    one, other = (
        tuple(str(table.get(key, default)).lower() for key, default in _PLACE) for table in (replies, mail)
    )
    if one != other:
        return []
    return [
        "replies.folder: is the folder that [claims.mail] reads; give answers a mailbox or a folder of their own"
    ]


_PLACE = (("host", ""), ("username", ""), ("folder", "INBOX"))
