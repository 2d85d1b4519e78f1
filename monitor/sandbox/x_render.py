"""Posts and people as X API v2 shows them: default fields only, unless more is asked for; `includes` by expansion.

Source: the recorded answers in tweepy's test cassettes and docs.x.com/x-api/fundamentals/data-dictionary.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from monitor.sandbox.x_objects import MENTION, Person, Post, UnknownError
from monitor.sandbox.x_params import Query
from monitor.sandbox.x_problem import not_found
from monitor.sandbox.x_state import XState

LINK = re.compile(r"https?://\S+")
LONGEST = 280  # characters of a post that is no note


def stamp(at: datetime) -> str:
    """2026-11-20T08:15:30.000Z"""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def media_key(post: Post) -> str:
    return f"3_{post.root}"


def person_json(state: XState, person: Person, wanted: Iterable[str], *, own: bool = False) -> dict[str, Any]:
    """One user: id, name, username and what is wanted. `own`: only then is the confirmed e-mail shown."""
    shown: dict[str, Any] = {"id": person.id, "name": person.name, "username": person.username}
    more: Mapping[str, Callable[[], Any]] = {
        "created_at": lambda: stamp(person.created_at),
        "description": lambda: person.description,
        "protected": lambda: person.protected,
        "verified": lambda: False,
        "verified_type": lambda: "none",
        "url": lambda: "",
        "profile_image_url": lambda: (
            "https://abs.twimg.com/sticky/default_profile_images/default_profile_normal.png"
        ),
        "confirmed_email": lambda: person.email if own else None,
        "connection_status": lambda: _connection(state, person),
        "public_metrics": lambda: {
            "followers_count": len(state.followers(person.id)),
            "following_count": len(state.following(person.id)),
            "tweet_count": len(state.posts_of(person.id)),
            "listed_count": 0,
            "like_count": 0,
        },
    }
    return _with(shown, more, wanted)


def post_json(state: XState, post: Post, query: Query) -> dict[str, Any]:
    """One post: id, text, edit_history_tweet_ids, what is wanted, and the key that each expansion joins by."""
    shown: dict[str, Any] = {
        "edit_history_tweet_ids": state.history(post.id),
        "id": post.id,
        "text": _short(post),
    }
    expansions = query.fields("expansions")
    wanted = set(query.fields("tweet.fields"))
    joins = {
        "author_id": "author_id",
        "in_reply_to_user_id": "in_reply_to_user_id",
        "attachments": "attachments",
    }
    joins |= {"referenced_tweets": "referenced_tweets", "entities": "entities"}
    wanted |= {joins[name.split(".")[0]] for name in expansions if name.split(".")[0] in joins}
    more: Mapping[str, Callable[[], Any]] = {
        "created_at": lambda: stamp(post.created_at),
        "author_id": lambda: post.author_id,
        "conversation_id": lambda: post.conversation_id,
        "in_reply_to_user_id": lambda: post.in_reply_to_user_id,
        "referenced_tweets": lambda: references(post) or None,
        "attachments": lambda: {"media_keys": [media_key(post)]} if post.media else None,
        "entities": lambda: _entities(state, post),
        "note_tweet": lambda: {"text": _escaped(post.text)} if len(post.text) > LONGEST else None,
        "lang": lambda: "en",
        "possibly_sensitive": lambda: False,
        "reply_settings": lambda: "everyone",
        "public_metrics": lambda: {
            "retweet_count": 0,
            "reply_count": state.reply_count(post.id),
            "like_count": 0,
            "quote_count": 0,
            "bookmark_count": 0,
            "impression_count": 0,
        },
        "edit_controls": lambda: {
            "edits_remaining": max(0, 6 - len(state.history(post.id))),
            "is_edit_eligible": post.replied_to is None,
            "editable_until": stamp(post.created_at + timedelta(hours=1)),
        },
    }
    return _with(shown, more, wanted)


def _escaped(text: str) -> str:
    """X gives the three signs of markup as HTML entities, in every version of its API."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _short(post: Post) -> str:
    """A long post is cut in `text`, with a link to itself; all of it is in `note_tweet` for those who ask."""
    if len(post.text) <= LONGEST:
        return _escaped(post.text)
    link = "https://t.co/" + hashlib.sha256(post.id.encode()).hexdigest()[:10]
    return _escaped(post.text[: LONGEST - len(link) - 2].rstrip()) + f"… {link}"


def references(post: Post) -> list[dict[str, str]]:
    found = []
    if post.retweet_of:
        found.append({"type": "retweeted", "id": post.retweet_of})
    if post.replied_to:
        found.append({"type": "replied_to", "id": post.replied_to})
    return found


def includes_of(
    state: XState, posts: Iterable[Post], query: Query
) -> tuple[dict[str, list[Any]], list[dict[str, Any]]]:
    """`includes` and the `errors` about what could not be included, as when the post answered is deleted."""
    asked = query.fields("expansions")
    people: dict[str, Person] = {}
    others: dict[str, Post] = {}
    media: dict[str, Post] = {}
    errors: list[dict[str, Any]] = []
    for post in posts:
        if "author_id" in asked:
            people[post.author_id] = state.person(post.author_id)
        if "in_reply_to_user_id" in asked and post.in_reply_to_user_id:
            people[post.in_reply_to_user_id] = state.person(post.in_reply_to_user_id)
        if "entities.mentions.username" in asked:
            people |= {person.id: person for person in _mentioned(state, post)}
        if "attachments.media_keys" in asked and post.media:
            media[media_key(post)] = post
        if "edit_history_tweet_ids" in asked:
            others |= {version: state.post(version) for version in state.history(post.id)}
        if any(name.startswith("referenced_tweets") for name in asked):
            errors += _refer(state, post, others)
    if "referenced_tweets.id.author_id" in asked:
        people |= {post.author_id: state.person(post.author_id) for post in others.values()}
    shown: dict[str, list[Any]] = {
        "users": [person_json(state, person, query.fields("user.fields")) for person in people.values()],
        "tweets": [post_json(state, post, query) for post in others.values()],
        "media": [_media(post, query.fields("media.fields")) for post in media.values()],
    }
    return {kind: rows for kind, rows in shown.items() if rows}, errors


def _refer(state: XState, post: Post, others: dict[str, Post]) -> list[dict[str, Any]]:
    errors = []
    for reference in references(post):
        try:
            others[reference["id"]] = state.post(reference["id"])
        except UnknownError:
            errors.append(not_found("tweet", "referenced_tweets.id", reference["id"]))
    return errors


def _media(post: Post, wanted: Iterable[str]) -> dict[str, Any]:
    name = hashlib.sha256(post.root.encode()).hexdigest()[:15]
    more: Mapping[str, Callable[[], Any]] = {
        "url": lambda: f"https://pbs.twimg.com/media/{name}.jpg",
        "width": lambda: 1200,
        "height": lambda: 900,
    }
    return _with({"media_key": media_key(post), "type": "photo"}, more, wanted)


def _mentioned(state: XState, post: Post) -> list[Person]:
    found = []
    for name in MENTION.findall(post.text):
        try:
            found.append(state.person(name))
        except UnknownError:
            continue  # X leaves out a name that nobody has
    return found


def _entities(state: XState, post: Post) -> dict[str, Any] | None:
    named = {person.username.lower(): person for person in _mentioned(state, post)}
    mentions = [
        {
            "start": hit.start(),
            "end": hit.end(),
            "username": named[hit[1].lower()].username,
            "id": named[hit[1].lower()].id,
        }
        for hit in MENTION.finditer(post.text)
        if hit[1].lower() in named
    ]
    urls = [
        {"start": hit.start(), "end": hit.end(), "url": hit[0], "expanded_url": hit[0], "display_url": hit[0]}
        for hit in LINK.finditer(post.text)
    ]
    found = {"mentions": mentions, "urls": urls}
    return {kind: rows for kind, rows in found.items() if rows} or None


def _connection(state: XState, person: Person) -> list[str] | None:
    """How they stand with the account; None where they do not: X then leaves the field out, as others measured
    (xdevplatform/twitter-api-typescript-sdk issue 89; again in October 2026)."""
    status = []
    if any(other.id == person.id for _, other in state.followers()):
        status.append("followed_by")
    if any(other.id == person.id for _, other in state.following()):
        status.append("following")
    if any(other.id == person.id for _, other in state.blocking()):
        status.append("blocking")
    return status or None


def _with(
    shown: dict[str, Any], more: Mapping[str, Callable[[], Any]], wanted: Iterable[str]
) -> dict[str, Any]:
    """The default fields, and of the wanted ones those that have a value: X leaves out what is empty."""
    for name in wanted:
        value = more[name]() if name in more else None
        if value is not None:
            shown[name] = value
    return shown
