"""What stands on the sandbox's X: people, posts, follows, hidden replies. No HTTP here.

Any thread may call any method. Where one takes a person, an id or a handle will do.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from monitor.ports import Clock
from monitor.sandbox.x_bill import Bill
from monitor.sandbox.x_objects import (
    HANDLE,
    JOINED,
    Person,
    Post,
    RefusedError,
    UnknownError,
    moment,
    snowflake,
)

SCOPES = frozenset(
    {"tweet.read", "tweet.moderate.write", "users.read", "follows.read", "block.read", "offline.access"}
)
MOST_HIDDEN = 725  # replies of one conversation: docs.x.com/x-api/posts/hide-replies/introduction


class XState:
    """One school account and the world around it.

    `token` is an OAuth 2.0 user token of the account; `app_token` an application-only one; `oauth1` the pair (consumer
    key, access token) of OAuth 1.0a. `user_id` None gives the account an id that agrees with the day it joined.
    `credits` are the resources that may still be read before X answers 402; None is no limit.
    """

    def __init__(
        self,
        *,
        handle: str,
        name: str,
        token: str,
        clock: Clock,
        user_id: str | None = None,
        app_token: str | None = None,
        oauth1: tuple[str, str] | None = None,
        scopes: Iterable[str] = SCOPES,
    ) -> None:
        self.clock = clock
        self.token = token
        self.app_token = app_token
        self.oauth1 = oauth1
        self.scopes = set(scopes)
        self.credits: int | None = None
        self.bill = Bill()
        self._lock = threading.RLock()
        self._sequence = 0
        self._people: dict[str, Person] = {}
        self._posts: dict[str, Post] = {}
        self._history: dict[str, list[str]] = {}
        self._starters: dict[str, str] = {}
        self._follows: list[tuple[int, str, str]] = []
        self._blocked: list[tuple[int, str]] = []
        self._hidden: set[str] = set()
        self.user_id = self.add_person(handle, name, at=JOINED, person_id=user_id)

    # people

    def add_person(
        self,
        handle: str,
        name: str,
        bio: str = "",
        *,
        at: datetime | None = None,
        person_id: str | None = None,
        protected: bool = False,
        email: str | None = None,
    ) -> str:
        """Somebody with an account; returns the id. `at` is when they joined, `email` what only they may read."""
        if not HANDLE.fullmatch(handle):
            raise ValueError(f"{handle!r} is no X handle: 1 to 15 letters, digits or underscores, no @.")
        with self._lock:
            if any(person.username.lower() == handle.lower() for person in self._people.values()):
                raise ValueError(f"The handle {handle!r} is taken.")
            joined = at or JOINED
            chosen = person_id or str(self._fresh(joined))
            self._people[chosen] = Person(chosen, handle, name, bio, joined, protected, email)
            return chosen

    def change_person(
        self, who: str, *, handle: str | None = None, name: str | None = None, bio: str | None = None
    ) -> None:
        """A changed profile; the id stays, as on X."""
        with self._lock:
            person = self.person(who)
            self._people[person.id] = replace(
                person,
                username=handle or person.username,
                name=name or person.name,
                description=person.description if bio is None else bio,
            )

    def person(self, who: str) -> Person:
        """By id or handle (any case). UnknownError when there is nobody."""
        with self._lock:
            if who in self._people:
                return self._people[who]
            for person in self._people.values():
                if person.username.lower() == who.lower().lstrip("@"):
                    return person
        raise UnknownError(who)

    # posts

    def add_post(
        self,
        author: str,
        text: str,
        at: datetime | None = None,
        in_reply_to: str | None = None,
        *,
        media: bool = False,
        retweet_of: str | None = None,
    ) -> str:
        """A post, or a reply when `in_reply_to` is the id of one; returns its id. `at` None is now."""
        with self._lock:
            writer = self.person(author)
            new = str(self._fresh(at))
            parent = self.post(in_reply_to) if in_reply_to else None
            conversation = parent.conversation_id if parent else new
            self._starters.setdefault(conversation, writer.id)
            self._posts[new] = Post(
                new,
                new,
                writer.id,
                text,
                moment(new),
                conversation,
                parent.id if parent else None,
                parent.author_id if parent else None,
                retweet_of,
                media,
            )
            self._history[new] = [new]
            return new

    def edit_post(self, post_id: str, text: str, at: datetime | None = None) -> str:
        """Another text under a new id, as X does it; returns that id. Timelines show the newest version only."""
        with self._lock:
            old = self.latest(post_id)
            new = str(self._fresh(at))
            if int(new) <= int(old.id):
                raise ValueError("An edit is later than what it changes.")
            self._posts[new] = replace(old, id=new, text=text, created_at=moment(new))
            self._history[old.root].append(new)
            return new

    def delete_post(self, post_id: str) -> None:
        """Gone, every version of it."""
        with self._lock:
            for version in self._history.pop(self.post(post_id).root):
                del self._posts[version]

    def post(self, post_id: str) -> Post:
        """Any version by its id. UnknownError when it was deleted or never was."""
        with self._lock:
            if post_id not in self._posts:
                raise UnknownError(post_id)
            return self._posts[post_id]

    def latest(self, post_id: str) -> Post:
        with self._lock:
            return self._posts[self.history(post_id)[-1]]

    def history(self, post_id: str) -> list[str]:
        """The ids of all versions, oldest first."""
        with self._lock:
            return list(self._history[self.post(post_id).root])

    def posts(self, author_id: str | None = None) -> list[Post]:
        """The newest version of every post, or of one person's, newest first."""
        with self._lock:
            current = [self._posts[versions[-1]] for versions in self._history.values()]
        wanted = [post for post in current if author_id in {None, post.author_id}]
        return sorted(wanted, key=lambda post: int(post.id), reverse=True)

    def mentions_of(self, who: str) -> list[Post]:
        """What others wrote with @handle in it or in answer to them, newest first.

        An answer to somebody else in their conversation is not among them: only a search by conversation_id finds it.
        """
        person = self.person(who)
        name = person.username.lower()
        return [
            post
            for post in self.posts()
            if post.author_id != person.id
            and post.retweet_of is None
            and (name in post.mentions or post.in_reply_to_user_id == person.id)
        ]

    def posts_of(self, who: str) -> list[Post]:
        return self.posts(self.person(who).id)

    def reply_count(self, post_id: str) -> int:
        versions = self.history(post_id)
        return sum(post.replied_to in versions for post in self.posts())

    # hiding

    def set_hidden(self, post_id: str, hidden: bool) -> None:
        """Hide a reply or show it again; twice is once. RefusedError unless it is somebody's reply in a conversation that the
        account started, and when the conversation has 725 hidden ones already. UnknownError when it is gone."""
        with self._lock:
            post = self.post(post_id)
            if post.replied_to is None or self._starters[post.conversation_id] != self.user_id:
                raise RefusedError(post_id)
            if not hidden:
                self._hidden.discard(post.root)
                return
            beside = sum(
                other in self._posts and self._posts[other].conversation_id == post.conversation_id
                for other in self._hidden - {post.root}
            )
            if beside >= MOST_HIDDEN:
                raise RefusedError(post_id)
            self._hidden.add(post.root)

    def is_hidden(self, post_id: str) -> bool:
        return self.post(post_id).root in self.hidden_ids

    @property
    def hidden_ids(self) -> frozenset[str]:
        """The hidden replies, each by the id of its first version."""
        with self._lock:
            return frozenset(self._hidden)

    # follows and blocks

    def follow(self, person: str, at: datetime | None = None, of: str | None = None) -> None:
        """`person` follows the account, or `of`; following again makes it the newest follow."""
        with self._lock:
            who, whom = self.person(person).id, self.person(of or self.user_id).id
            self.unfollow(who, whom)
            self._follows.append((self._fresh(at), who, whom))

    def unfollow(self, person: str, of: str | None = None) -> None:
        with self._lock:
            who, whom = self.person(person).id, self.person(of or self.user_id).id
            self._follows = [row for row in self._follows if row[1:] != (who, whom)]

    def followers(self, of: str | None = None) -> list[tuple[int, Person]]:
        """(key, person), newest follow first."""
        with self._lock:
            whom = self.person(of or self.user_id).id
            rows = [(key, self._people[who]) for key, who, followed in self._follows if followed == whom]
        return sorted(rows, key=lambda row: row[0], reverse=True)

    def following(self, by: str | None = None) -> list[tuple[int, Person]]:
        with self._lock:
            who = self.person(by or self.user_id).id
            rows = [(key, self._people[whom]) for key, follower, whom in self._follows if follower == who]
        return sorted(rows, key=lambda row: row[0], reverse=True)

    def block(self, person: str) -> None:
        """What the school did in X's own page: there is no self-serve endpoint for it. It ends their follow."""
        with self._lock:
            who = self.person(person).id
            self.unfollow(who)
            if who not in {blocked for _, blocked in self._blocked}:
                self._blocked.append((self._fresh(None), who))

    def blocking(self) -> list[tuple[int, Person]]:
        with self._lock:
            return [(key, self._people[who]) for key, who in reversed(self._blocked)]

    # tokens, credit, numbers

    def revoke(self) -> None:
        """Every token of the account stops working, as when its password is changed."""
        with self._lock:
            self.token, self.app_token, self.oauth1 = "", None, None

    def spend(self, endpoint: str, ids: Iterable[str]) -> None:
        with self._lock:  # X bills by resource returned
            resources = self.bill.note(endpoint, ids, self.clock())
            if self.credits is not None:
                self.credits = max(0, self.credits - resources)

    def _fresh(self, at: datetime | None) -> int:
        while True:  # an account's given id may lie in the way
            self._sequence += 1
            fresh = snowflake(at or self.clock(), self._sequence)
            if str(fresh) not in self._people:
                return fresh
