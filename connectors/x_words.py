"""X in words: what its errors mean and how to mend them, and what a person does where its API does not reach."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from connectors.answers import Answer, BadShape, Trouble
from connectors.connection import guided
from connectors.reading import record, rows, text
from monitor.domain import ActionKind, Capability, Means

MENU = "Open the link, signed in as the school."
ACTIONS: Mapping[ActionKind, Capability] = {
    ActionKind.HIDE: Capability(
        Means.BY_API, note="Its author still sees it, and others behind one more tap."
    ),
    ActionKind.UNHIDE: Capability(Means.BY_API, note="It stands in the conversation again."),
    ActionKind.DELETE: Capability(
        Means.NONE, note="X lets nobody delete another's post: hide it or report it."
    ),
    ActionKind.BLOCK: guided("https://x.com/{handle}", MENU, "Press ⋯, then Block, and confirm."),
    ActionKind.ACCEPT_FOLLOWER: Capability(
        Means.NONE, note="Anybody may follow a public account on X, without being let in."
    ),
    ActionKind.REMOVE_FOLLOWER: guided(
        "https://x.com/{handle}", MENU, "Press ⋯, then Remove this follower, and confirm."
    ),
    ActionKind.REPORT: guided(
        "{url}", MENU, "Press ⋯ on the post, then Report post, and answer X's questions."
    ),
}
CONSOLE = "in the X developer console"
PERMISSIONS = "permissions"
# What X says in an error's JSON, looked for in this order: status (0: any), words in it, health point, sentence.
MEANINGS = (
    (402, "", "credit", f"X's credit is spent (HTTP 402): add credit or raise the spending limit {CONSOLE}."),
    (
        0,
        "usage-capped",
        "credit",
        f"X's usage cap is reached: raise the cap or the spending limit {CONSOLE}.",
    ),
    (0, "suspended", "account", "X has suspended the account: sign in at x.com and follow what it asks."),
    (
        0,
        "unsupported-authentication",
        PERMISSIONS,
        "X wants the account's own sign-in, not an app's token: put a user token, or the four user keys, in its place.",
    ),
    (
        0,
        "not-authorized-for-resource",
        PERMISSIONS,
        "X does not show this account to the token: sign in as it.",
    ),
    (
        0,
        "resource-not-found",
        "account",
        "X knows no such account: check handle and user_id in the configuration.",
    ),
    (403, "", PERMISSIONS, f"X refuses this app (HTTP 403): check its project and permissions {CONSOLE}."),
)
OF_ACCOUNT = ("suspended", "unsupported-authentication", "client-", "permissions", "not-enrolled")


def disguised(body: Mapping[str, Any]) -> Exception:
    """What an answer with HTTP 200 and no data is: an error by X's own words, or an unknown shape."""
    return meaning(200, body) or BadShape("left out its data")


def explain(_: Exception, answer: Answer | None) -> Trouble | None:
    """X's own reason for a refusal; None where it gave none. A 402 speaks for itself; other codes may be a filter's."""
    if answer is None or not (answer.problem or answer.status == HTTPStatus.PAYMENT_REQUIRED):
        return None
    return meaning(answer.status, answer.problem)


def meaning(status: int, body: Mapping[str, Any]) -> Trouble | None:
    said = words(body)
    for code, cue, point, sentence in MEANINGS:
        if code in {0, status} and cue in said:
            return Trouble(point, sentence, permanent=True)
    return None


def words(body: Mapping[str, Any]) -> str:
    """All that a problem object (RFC 9457) and its `errors` say, in lower case."""
    problems = [body, *map(record, rows(body.get("errors")))]
    said = (
        text(one.get(name)) for one in problems for name in ("type", "title", "detail", "reason", "message")
    )
    return " ".join(filter(None, said)).lower()
