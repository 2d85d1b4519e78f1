"""Read and check the query of a request to the sandbox's X, refusing what X refuses, in its words.

The field names are those that X itself lists in its 400 answers (measured by others in August 2026).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from monitor.sandbox.x_problem import invalid


def _words(text: str) -> list[str]:
    return text.split()


TWEET_FIELDS = _words(
    "article attachments author_id card_uri community_id context_annotations conversation_id created_at "
    "display_text_range edit_controls edit_history_tweet_ids entities geo id in_reply_to_user_id lang media_metadata "
    "non_public_metrics note_tweet organic_metrics paid_partnership possibly_sensitive promoted_metrics "
    "public_metrics referenced_tweets reply_settings scopes source text username withheld"
)
USER_FIELDS = _words(
    "affiliation confirmed_email connection_status created_at description entities id is_identity_verified location "
    "most_recent_tweet_id name parody pinned_tweet_id profile_banner_url profile_image_url protected public_metrics "
    "receives_your_dm subscription subscription_type url username verified verified_followers_count verified_type "
    "withheld"
)
MEDIA_FIELDS = _words(
    "alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url promoted_metrics "
    "public_metrics type url variants width"
)
EXPANSIONS = _words(
    "article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet "
    "attachments.poll_ids author_id edit_history_tweet_ids entities.mentions.username geo.place_id in_reply_to_user_id "
    "referenced_tweets referenced_tweets.id referenced_tweets.id.attachments.media_keys referenced_tweets.id.author_id "
    "username"
)
USER_EXPANSIONS = ["affiliation.user_id", "most_recent_tweet_id", "pinned_tweet_id"]
CHOICES = {
    "tweet.fields": TWEET_FIELDS,
    "user.fields": USER_FIELDS,
    "media.fields": MEDIA_FIELDS,
    "place.fields": [
        "contained_within",
        "country",
        "country_code",
        "full_name",
        "geo",
        "id",
        "name",
        "place_type",
    ],
    "poll.fields": ["duration_minutes", "end_datetime", "id", "options", "voting_status"],
    "expansions": EXPANSIONS,
    "exclude": ["replies", "retweets"],
    "sort_order": ["recency", "relevancy"],
}
OBJECTS = frozenset(
    {"tweet.fields", "user.fields", "media.fields", "place.fields", "poll.fields", "expansions"}
)
PEOPLE = frozenset({"tweet.fields", "user.fields", "expansions"})
PAGED = frozenset({"max_results", "pagination_token"})
TIMES = frozenset({"since_id", "until_id", "start_time", "end_time"})
NUMBER = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What one endpoint takes. `limit`: requests per 15 minutes and token (docs.x.com/x-api/fundamentals/rate-limits);
    `most`, `least`, `usual`: its max_results; `scopes`: what an OAuth 2.0 user token needs."""

    name: str
    limit: int
    takes: frozenset[str]
    scopes: frozenset[str] = frozenset({"tweet.read", "users.read"})
    app_only: bool = True
    least: int = 1
    most: int = 100
    usual: int = 100
    people: bool = False


READ = frozenset({"tweet.read", "users.read"})
ME = Endpoint("me", 75, PEOPLE, READ, app_only=False, people=True)
USER = Endpoint("user", 900, PEOPLE, READ, people=True)
USERS = Endpoint("users", 900, PEOPLE | {"ids"}, READ, people=True)
MENTIONS = Endpoint("mentions", 300, OBJECTS | PAGED | TIMES, READ, least=5, usual=10)
POSTS = Endpoint("posts", 900, OBJECTS | PAGED | TIMES | {"exclude"}, READ, least=5, usual=10)
FOLLOWERS = Endpoint("followers", 300, PEOPLE | PAGED, READ | {"follows.read"}, most=1000, people=True)
FOLLOWING = Endpoint("following", 300, PEOPLE | PAGED, READ | {"follows.read"}, most=1000, people=True)
BLOCKING = Endpoint(
    "blocking", 15, PEOPLE | PAGED, READ | {"block.read"}, app_only=False, most=1000, people=True
)
TWEET = Endpoint("tweet", 900, OBJECTS, READ)
TWEETS = Endpoint("tweets", 900, OBJECTS | {"ids"}, READ)
SEARCH = Endpoint(
    "search", 300, OBJECTS | PAGED | TIMES | {"query", "next_token", "sort_order"}, READ, least=10, usual=10
)
HIDDEN = Endpoint("hidden", 50, frozenset(), READ | {"tweet.moderate.write"}, app_only=False)


@dataclass(frozen=True, slots=True)
class Query:
    """A checked query: the fields and expansions asked for, and the plain values by name."""

    values: Mapping[str, str]
    chosen: Mapping[str, frozenset[str]]
    max_results: int
    token: str | None

    def fields(self, name: str) -> frozenset[str]:
        return self.chosen.get(name, frozenset())

    def as_app(self) -> Query:
        """The same from an application alone: it is no person, so it stands in no relation to anybody."""
        seen = self.fields("user.fields") - {"connection_status"}
        return replace(self, chosen={**self.chosen, "user.fields": seen})

    def number(self, name: str) -> int | None:
        return int(self.values[name]) if name in self.values else None

    def time(self, name: str) -> datetime | None:
        return datetime.fromisoformat(self.values[name]) if name in self.values else None


def checked(endpoint: Endpoint, given: Mapping[str, str]) -> Query:
    """The query, or the 400 that X would answer."""
    chosen: dict[str, frozenset[str]] = {}
    for name, value in given.items():
        if name not in endpoint.takes:
            known = ",".join(["id", *sorted(endpoint.takes)])
            raise invalid(name, value, f"The query parameter [{name}] is not one of [{known}]")
        if name in CHOICES:
            chosen[name] = _choice(endpoint, name, value)
        elif name in {"since_id", "until_id"}:
            numeric(name, value)
        elif name in {"start_time", "end_time"}:
            _time(name, value)
    token = given.get("pagination_token") or given.get("next_token")
    return Query(dict(given), chosen, _count(endpoint, given.get("max_results")), token)


def numeric(name: str, value: str) -> str:
    """An id in the path or the query; 400 when it is none."""
    if not NUMBER.fullmatch(value):
        raise invalid(name, value, f"The `{name}` query parameter value [{value}] is not valid")
    return value


def body_hidden(body: Any) -> bool:
    """The one thing PUT /hidden takes; 400 otherwise."""
    hidden = body.get("hidden") if isinstance(body, dict) else None
    if not isinstance(hidden, bool):
        raise invalid("hidden", str(hidden), "$.hidden: is missing or is not a boolean")
    return hidden


def _choice(endpoint: Endpoint, name: str, value: str) -> frozenset[str]:
    known = USER_EXPANSIONS if endpoint.people and name == "expansions" else CHOICES[name]
    words = value.split(",")
    for word in words:
        if word not in known:
            listed = ",".join(sorted(known))
            raise invalid(
                name, value, f"The `{name}` query parameter value [{word}] is not one of [{listed}]"
            )
    return frozenset(words)


def _time(name: str, value: str) -> None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if (
        moment is None
        or moment.tzinfo is None
        or moment.utcoffset() != UTC.utcoffset(None)
        or "T" not in value
    ):
        raise invalid(
            name, value, f"Invalid '{name}':'{value}'. '{name}' must be an RFC3339 date-time in UTC"
        )


def _count(endpoint: Endpoint, value: str | None) -> int:
    if value is None:
        return endpoint.usual
    count = int(value) if value.isascii() and value.isdigit() else -1
    if not endpoint.least <= count <= endpoint.most:
        raise invalid(
            "max_results",
            value,
            f"The `max_results` query parameter value [{value}] is not between {endpoint.least} and {endpoint.most}",
        )
    return count
