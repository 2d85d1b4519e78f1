"""What the sandbox's Facebook Page is made of: people, posts, comments. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """A person (page-scoped id) or the Page itself."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A post or a comment. `id` is {page}_{n} for a post and {n of its post}_{n} for a comment, as Graph writes them.

    `post_id` is the post it stands under (None for a post); `parent_id` the comment it answers (None at top level).
    `updated_at` of a post is that of its last edit or comment (reference of Page Post, `updated_time`).
    `number` grows with every entry and orders those of the same second.
    """

    id: str
    number: int
    author_id: str
    message: str
    created_at: datetime
    updated_at: datetime
    post_id: str | None = None
    parent_id: str | None = None
    media: bool = False
    can_hide: bool = True
    can_remove: bool = True

    @property
    def is_post(self) -> bool:
        return self.post_id is None

    @property
    def key(self) -> int:
        """Orders a listing: the second, then the number."""
        return int(self.created_at.timestamp()) * 10**9 + self.number % 10**9


class GoneError(KeyError):
    """No such object (any more)."""


class NotAllowedError(Exception):
    """The network does not let the Page do this."""
