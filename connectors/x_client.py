"""Speaking with X: tweepy's Client over the hardened session, its lists, and what its errors mean.

Returns JSON as X sent it. Must not decide what is an item, and must not retry or sleep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import tweepy
from pydantic import Field, SecretStr, model_validator

from connectors.answers import Trouble
from connectors.connection import NetworkSettings
from connectors.http import Session
from connectors.reading import identity, maybe, named, number, record, rows, text
from connectors.timeline import Stale
from connectors.x_words import disguised, words
from monitor.checked import HealthPoint
from monitor.domain import Author, People

OF_PERSON = ["username", "name", "description"]
MOST_PEOPLE = 1000  # that X gives in one page
RECENT = timedelta(days=6, hours=20)  # the search refuses a since_id older than 7 days
EPOCH_MS = 1288834974657  # the moment that X's ids count from, https://docs.x.com/fundamentals/x-ids


class XSettings(NetworkSettings):
    """The account's own keys: `token`, an OAuth 2.0 user token (an app's token reads but cannot hide), or the four
    OAuth 1.0a user keys. `read_replies` also searches for replies that lack the @mention, which costs more. `owns_app`:
    this account itself owns the app, so that X charges its lower price. `follower_page` followers are read each time
    that somebody may be new; only where all of them are, the pages after it grow."""

    base_url: str = "https://api.twitter.com"
    user_id: str = ""
    token: SecretStr | None = None
    api_key: SecretStr | None = None
    api_secret: SecretStr | None = None
    access_token: SecretStr | None = None
    access_secret: SecretStr | None = None
    read_replies: bool = False
    max_pages: int = Field(default=10, ge=1, le=100)
    follower_page: int = Field(default=3, ge=1, le=1000)
    owns_app: bool = True

    @model_validator(mode="after")
    def _one_sign_in(self) -> Self:
        keys = (self.api_key, self.api_secret, self.access_token, self.access_secret)
        if any(keys) and not all(keys):
            raise ValueError(
                "needs all of api_key, api_secret, access_token and access_secret, or token alone"
            )
        if bool(self.token) == all(keys):
            raise ValueError(
                "needs either token or the four user keys api_key ... access_secret: write one of the two"
            )
        return self


@dataclass(frozen=True, slots=True)
class Listed:
    """One page: its objects, the profiles that came with them by id, and the token of the next page."""

    rows: list[Any]
    people: Mapping[str | None, Mapping[str, Any]]
    token: str | None


class Client(tweepy.Client):  # type: ignore[misc]
    def __init__(self, settings: XSettings, session: Session) -> None:
        names = ("token", "api_key", "api_secret", "access_token", "access_secret")
        given: list[SecretStr | None] = [getattr(settings, name) for name in names]
        super().__init__(*(secret and secret.get_secret_value() for secret in given), return_type=dict)
        self.session = session
        self.settings = settings
        self.profiles = 0  # looked up, each of which is billed
        self._is_own = False  # as far as is known
        self.sign_in = {
            "user_auth": settings.token is None
        }  # OAuth 1.0a; tweepy's own default differs by method

    def listed(self, call: Callable[..., Any], about: str, **asked: Any) -> Listed:
        """One page of `call`. Raises Stale when X refuses the position, BadShape or Trouble for an unusable answer."""
        try:
            body = record(call(about, **asked, **self.sign_in))
        except tweepy.BadRequest:
            if any(asked.get(name) for name in ("since_id", "until_id", "pagination_token", "next_token")):
                raise Stale from None
            raise
        meta, data = record(body.get("meta")), body.get("data")
        if data is None and "meta" in body and not number(meta.get("result_count")):
            data = []  # X leaves data out of an empty page
        if not isinstance(data, list):
            raise disguised(body)
        people = map(record, rows(record(body.get("includes")).get("users")))
        return Listed(
            data, {identity(one.get("id")): one for one in people}, identity(meta.get("next_token"))
        )

    def blocked(self, about: str, pages: int) -> People:
        """Whom an account blocks, in at most `pages` requests: the whole list or what could be read of it."""
        return self._people(self._blocking, about, pages)

    def following(self, about: str, pages: int) -> People:
        """Whom an account follows, in at most `pages` requests."""
        return self._people(self.get_users_following, about, pages)

    def _people(self, call: Callable[..., Any], about: str, pages: int) -> People:
        people: dict[str, Author] = {}
        reads, token = 0, None
        for _ in range(pages):
            try:
                listed = self.listed(call, about, max_results=MOST_PEOPLE, pagination_token=token)
            except Stale:
                break
            for one in listed.rows:
                name = named(one)
                people[name] = Author(name, maybe(one.get("username")), maybe(one.get("name")))
            reads, token = reads + len(listed.rows), listed.token
            if not token:
                return People(tuple(people.values()), True, reads)
        return People(tuple(people.values()), False, reads)

    def _blocking(self, about: str, *, user_auth: bool, **asked: Any) -> Any:
        """GET /2/users/:id/blocking. tweepy's own method asks X once more who the account is."""
        return self._make_request(
            "GET",
            f"/2/users/{about}/blocking",
            params=asked,
            endpoint_parameters=("max_results", "pagination_token"),
            user_auth=user_auth,
        )

    def profile(self) -> tuple[Mapping[str, Any], bool]:
        """The watched account's own profile, and whether the token is the account's own sign-in."""
        user_id, handle = self.settings.user_id, self.settings.handle
        try:
            me = record(record(self.get_me(user_fields=OF_PERSON, **self.sign_in)).get("data"))
        except tweepy.Forbidden:  # an app's token has no "me"; any other reason comes back below
            me = {}
        same_id, same_name = (
            identity(me.get("id")) == user_id,
            text(me.get("username")).lower() == handle.lower(),
        )
        self.profiles += bool(me)
        self._is_own = bool(me) and (same_id if user_id else same_name or not handle)
        if self._is_own:
            return me, True
        if not user_id and not handle:
            raise Trouble(
                "account", "X needs user_id or handle: the token does not say whose it is.", permanent=True
            )
        who = {"id": user_id} if user_id else {"username": handle}
        body = record(self.get_user(**who, user_fields=OF_PERSON, **self.sign_in))
        found = record(body.get("data"))
        if identity(found.get("id")) is None:
            raise disguised(body)
        self.profiles += 1
        return found, False

    def is_own(self) -> bool:
        """Whether the token is the account's own sign-in. Bills a profile or two unless it was found to be before."""
        return self._is_own or self.profile()[1]

    def connections(self, ids: Sequence[str]) -> Mapping[str, list[Any] | None]:
        """`connection_status` of those who are still there; None where X sends none, as it does where there is no
        connection. Bills a profile each; BadShape or Trouble for an unusable answer."""
        asked = {"ids": list(ids), "user_fields": ["connection_status"]}
        body = record(self.get_users(**asked, **self.sign_in))
        data = body.get("data")
        if data is None and "resource-not-found" in words(body):
            data = []  # nobody of them is there any more
        if not isinstance(data, list):
            raise disguised(body)
        said = {named(row): row.get("connection_status") for row in data}
        return {name: status if isinstance(status, list) else None for name, status in said.items()}

    def post(self, name: str, fields: str) -> tuple[Mapping[str, Any] | None, Mapping[str, Any]]:
        """One post and its author's profile; (None, {}) when X shows it to nobody any more: deleted, or its author's posts
        are no longer public. BadShape or Trouble for an unusable answer."""
        asked = {"tweet_fields": fields, "user_fields": OF_PERSON, "expansions": ["author_id"]}
        try:
            body = record(self.get_tweet(name, **asked, **self.sign_in))
        except tweepy.NotFound:
            if not (self.session.last and words(self.session.last.problem)):
                raise
            return None, {}
        found = record(body.get("data"))
        if not found:
            said = words(body)
            if "resource-not-found" in said or "not-authorized-for-resource" in said:
                return None, {}
            raise disguised(body)
        people = rows(record(body.get("includes")).get("users"))
        return found, record(people[0]) if people else {}

    def followers(self, own: str) -> int:
        """How many followers the profile says the account has. Bills one profile; BadShape or Trouble for an unusable answer."""
        body = record(self.get_user(id=own, user_fields=["public_metrics"], **self.sign_in))
        metrics = record(record(body.get("data")).get("public_metrics"))
        found = number(metrics.get("followers_count"))
        if found is None or found < 0:
            raise disguised(body)
        return found

    def health(self) -> Iterator[HealthPoint]:
        """The points of `check()`. Bills one profile, two where the token is not the account's own."""
        found, signed_in = self.profile()
        yield HealthPoint("token", ok=True, says="X accepts the token.")
        yield HealthPoint("credit", ok=True, says="X answered without asking for credit.")
        handle, wanted = text(found.get("username")), self.settings.handle
        same = not wanted or not handle or handle.lower() == wanted.lower()
        wrong = f"user_id is @{handle}'s, not @{wanted}'s: correct one of them in the configuration."
        yield HealthPoint("account", ok=same, says=f"The account is @{handle}." if same else wrong)
        said: Mapping[str, str] = self.session.last.headers if self.session.last else {}
        writes = signed_in and said.get("x-access-level") != "read"
        wrong = "Hiding will fail: make a token by signing in as the account itself, with Read and Write."
        yield HealthPoint(
            "permissions", ok=writes, says="The token may act as the account." if writes else wrong
        )
        left = number(said.get("x-rate-limit-remaining"))
        if left is not None:
            most = number(said.get("x-rate-limit-limit"))
            yield HealthPoint(
                "rate", ok=True, says=f"{left} of {most} such requests are left in this window."
            )


def searchable(since: str | None, now: datetime) -> bool:
    """Whether recent search takes this since_id, which is younger than 7 days."""
    if since is None or not since.isdecimal():
        return False
    made = datetime.fromtimestamp(min(((int(since) >> 22) + EPOCH_MS) / 1000, 2**33), UTC)
    return now - made < RECENT
