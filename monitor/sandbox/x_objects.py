"""What the sandbox's X is made of: people, posts, and ids that tell the time. Values only.

Ids are snowflakes (milliseconds since 2010-11-04 in the upper bits), so that an id and its `created_at` always agree, as
since_id relies on. Source: docs.x.com/fundamentals/x-ids.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

EPOCH_MS = 1288834974657
JOINED = datetime(2015, 9, 1, tzinfo=UTC)
HANDLE = re.compile(r"[A-Za-z0-9_]{1,15}")
MENTION = re.compile(r"(?<![\w@])@([A-Za-z0-9_]{1,15})")


class UnknownError(KeyError):
    """No such person or post (any more)."""


class RefusedError(Exception):
    """The network does not let the account do this."""


def snowflake(at: datetime, sequence: int = 0) -> int:
    """The id of something made at that moment; `sequence` tells apart what was made in the same millisecond."""
    return (int(at.timestamp() * 1000) - EPOCH_MS) << 22 | (sequence & 0x3FFFFF)


def moment(post_id: int | str) -> datetime:
    """When the thing with this snowflake was made."""
    return datetime.fromtimestamp(((int(post_id) >> 22) + EPOCH_MS) / 1000, tz=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    username: str
    name: str
    description: str = ""
    created_at: datetime = JOINED
    protected: bool = False
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One version of a post. `root` is the id of its first version; `replied_to` the id of the post it answers."""

    id: str
    root: str
    author_id: str
    text: str
    created_at: datetime
    conversation_id: str
    replied_to: str | None = None
    in_reply_to_user_id: str | None = None
    retweet_of: str | None = None
    media: bool = False

    @property
    def mentions(self) -> frozenset[str]:
        return frozenset(name.lower() for name in MENTION.findall(self.text))
