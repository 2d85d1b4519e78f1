"""Posts, comments and people as the Graph API shows them: default fields only unless asked; an unknown field is an error.

Source: the references of Page Post and Comment, facebook-python-business-sdk, and the recorded answers in python-facebook.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from monitor.sandbox.faults import Faults
from monitor.sandbox.graph_fields import Field
from monitor.sandbox.graph_objects import Entry, Profile
from monitor.sandbox.graph_problem import no_such_field
from monitor.sandbox.graph_state import GraphState


@dataclass(frozen=True, slots=True)
class View:
    """Who looks: `as_page` with a Page token. `base` is this server's address with the version, `query_token` the token
    when it came in the query: Graph repeats it in `paging.next`."""

    state: GraphState
    faults: Faults
    as_page: bool
    base: str
    query_token: str | None

    def url(self, path: str, params: Mapping[str, str]) -> str:
        token = {"access_token": self.query_token} if self.query_token else {}
        return f"{self.base}/{path}?" + urlencode({**token, "pretty": "0", **params})


Value = Callable[[View, Entry, Field], Any]
EMPTY: Value = lambda _view, _entry, _field: None  # noqa: E731 - one of a table

POST_EMPTY = (
    "actions admin_creator allowed_advertising_objectives application backdated_time call_to_action coordinates "
    "event feed_targeting icon instagram_eligibility is_app_share is_eligible_for_promotion is_expired "
    "is_inline_created is_instagram_eligible is_popular is_spherical message_tags parent_id place privacy "
    "promotable_id promotion_status properties scheduled_publish_time shares story story_tags target targeting "
    "timeline_visibility via width height"
)
COMMENT_EMPTY = "admin_creator application live_broadcast_timestamp message_tags object private_reply_conversation reactions"
POST_DEFAULT = ("created_time", "message", "id")
COMMENT_DEFAULT = ("created_time", "from", "message", "id")
PAGE_EMPTY = (
    "about bio business can_post category_list contact_address cover description emails engagement has_added_app "
    "is_owned location new_like_count phone picture single_line_address tasks website"
)


def stamp(at: datetime) -> str:
    """2026-11-20T08:15:30+0000"""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def profile_json(profile: Profile) -> dict[str, str]:
    return {"name": profile.name, "id": profile.id}


def entry_json(
    view: View, entry: Entry, fields: tuple[Field, ...], edges: Mapping[str, Value] | None = None
) -> dict[str, Any]:
    """One post or comment with these fields (none: the defaults); the id is always there."""
    known = {**(POST_FIELDS if entry.is_post else COMMENT_FIELDS), **(edges or {})}
    usual = POST_DEFAULT if entry.is_post else COMMENT_DEFAULT
    shown: dict[str, Any] = {}
    for field in fields or tuple(Field(name) for name in usual):
        if field.name not in known:
            raise no_such_field(field.name, "Post" if entry.is_post else "Comment")
        value = known[field.name](view, entry, field)
        if value is not None:
            shown[field.name] = value
    shown["id"] = entry.id
    return shown


def page_json(view: View, fields: tuple[Field, ...]) -> dict[str, Any]:
    """The Page: id and name unless more is asked for."""
    state = view.state
    known: dict[str, Any] = {
        "id": state.page.id,
        "name": state.page.name,
        "followers_count": state.followers,
        "fan_count": state.followers,
        "category": "School",
        "link": f"https://www.facebook.com/{state.page.id}",
        "is_published": True,
        "verification_status": "not_verified",
        "access_token": state.token,
        **dict.fromkeys(PAGE_EMPTY.split()),
    }
    for field in fields:
        if field.name not in known:
            raise no_such_field(field.name, "Page")
    wanted = [field.name for field in fields] or ["name", "id"]
    return {name: known[name] for name in dict.fromkeys([*wanted, "id"]) if known[name] is not None}


def _from(view: View, entry: Entry, _field: Field) -> dict[str, str] | None:
    """Only a Page token is told who wrote; else the key is missing."""
    if not view.as_page and entry.author_id != view.state.page.id:
        return None
    return profile_json(view.state.person(entry.author_id))


def _permalink(view: View, entry: Entry, _field: Field) -> str:
    page = view.state.page.id
    if entry.post_id is None:
        return f"https://www.facebook.com/{page}/posts/{entry.number}"
    post = f"https://www.facebook.com/{page}/posts/{entry.post_id.rpartition('_')[2]}/?comment_id="
    if entry.parent_id:
        return f"{post}{entry.parent_id.rpartition('_')[2]}&reply_comment_id={entry.number}"
    return f"{post}{entry.number}"


def _picture(entry: Entry) -> str:
    name = hashlib.sha256(entry.id.encode()).hexdigest()[:24]
    return f"https://scontent.xx.fbcdn.net/v/t39.30808-6/{name}_n.jpg"


def _attachment(_view: View, entry: Entry, _field: Field) -> dict[str, Any] | None:
    if not entry.media:
        return None
    link = f"https://www.facebook.com/photo.php?fbid={entry.number}&set=p.{entry.number}&type=3"
    return {
        "media": {"image": {"height": 720, "src": _picture(entry), "width": 960}},
        "target": {"id": str(entry.number), "url": link},
        "type": "photo",
        "url": link,
    }


def _attachments(view: View, entry: Entry, field: Field) -> dict[str, Any] | None:
    one = _attachment(view, entry, field)
    return {"data": [one | {"media_type": "photo"}]} if one else None


def _parent(view: View, entry: Entry, field: Field) -> dict[str, Any] | None:
    if entry.parent_id is None:
        return None
    return entry_json(view, view.state.entry(entry.parent_id), field.inner)


def _likes(_view: View, _entry: Entry, field: Field) -> dict[str, Any]:
    summary = {"summary": {"total_count": 0, "can_like": True, "has_liked": False}}
    return {"data": []} | (summary if "summary" in field.modifiers else {})


def _created(_view: View, entry: Entry, _field: Field) -> str:
    return stamp(entry.created_at)


def _message(_view: View, entry: Entry, _field: Field) -> str | None:
    return entry.message or None


def _id(_view: View, entry: Entry, _field: Field) -> str:
    return entry.id


def _hidden(view: View, entry: Entry, _field: Field) -> bool:
    return view.state.is_hidden(entry.id)


SHARED: Mapping[str, Value] = {
    "id": _id,
    "created_time": _created,
    "from": _from,
    "message": _message,
    "permalink_url": _permalink,
    "is_hidden": _hidden,
    "likes": _likes,
}
POST_FIELDS: Mapping[str, Value] = {
    **dict.fromkeys(POST_EMPTY.split(), EMPTY),
    **SHARED,
    "reactions": _likes,
    "attachments": _attachments,
    "full_picture": lambda _view, entry, _field: _picture(entry) if entry.media else None,
    "updated_time": lambda _view, entry, _field: stamp(entry.updated_at),
    "is_published": lambda _view, _entry, _field: True,
    "status_type": lambda _view, entry, _field: "added_photos" if entry.media else "mobile_status_update",
    "to": lambda view, entry, _field: (
        None if entry.author_id == view.state.page.id else {"data": [profile_json(view.state.page)]}
    ),
}
COMMENT_FIELDS: Mapping[str, Value] = {
    **dict.fromkeys(COMMENT_EMPTY.split(), EMPTY),
    **SHARED,
    "attachment": _attachment,
    "parent": _parent,
    "can_comment": lambda view, _entry, _field: view.as_page,
    "can_hide": lambda view, entry, _field: view.as_page and entry.can_hide,
    "can_remove": lambda view, entry, _field: view.as_page and entry.can_remove,
    "can_like": lambda view, _entry, _field: view.as_page,
    "can_reply_privately": lambda view, entry, _field: view.as_page and entry.author_id != view.state.page.id,
    "comment_count": lambda view, entry, _field: len(view.state.comments(entry.id, hidden=view.as_page)),
    "is_private": lambda _view, _entry, _field: False,
    "like_count": lambda _view, _entry, _field: 0,
    "user_likes": lambda _view, _entry, _field: False,
}
