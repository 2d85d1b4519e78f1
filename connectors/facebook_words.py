"""Facebook in words: what Graph's error codes mean and how to mend them, what each action leads to.

Codes: https://developers.facebook.com/docs/graph-api/guides/error-handling and /overview/rate-limiting.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from connectors.answers import Answer, Trouble, clamped
from connectors.connection import guided
from connectors.reading import number, record, rows, text, truth
from monitor.domain import ActionKind, Capability, Means

MENU = "Open the link, switched to the Page's profile."
ACTIONS: Mapping[ActionKind, Capability] = {
    ActionKind.HIDE: Capability(Means.BY_API, note="Its author and their friends still see it."),
    ActionKind.UNHIDE: Capability(Means.BY_API, note="Everybody sees it again."),
    ActionKind.DELETE: Capability(Means.BY_API, note="It is gone for everybody and cannot be brought back."),
    ActionKind.BLOCK: Capability(Means.BY_API, note="They can no longer comment or post on the Page."),
    ActionKind.ACCEPT_FOLLOWER: Capability(
        Means.NONE, note="Anybody may follow a Page, without being let in."
    ),
    ActionKind.REMOVE_FOLLOWER: guided(
        "https://www.facebook.com/settings?tab=people_and_other_pages",
        MENU,
        "Find the person in the list of followers, press ⋯, then Remove from followers.",
    ),
    ActionKind.REPORT: guided("{url}", MENU, "Press ⋯ on it, then Report, and answer Facebook's questions."),
}
PAUSE = frozenset(
    {4, 17, 32, 341, 613, *range(80000, 80015)}
)  # throttling; 368: stopped for a while as abusive
OUTAGE = frozenset({1, 2})
TOKEN = frozenset({102, 104, 190})
PERMISSION = frozenset({3, 10, *range(200, 300)})
TOKEN_SUBCODES = {
    458: "its app was removed from the account",
    459: "Facebook wants the person who made it to sign in at facebook.com first",
    460: "the password of the person who made it was changed",
    463: "it has expired",
    464: "Facebook wants the person who made it to sign in at facebook.com first",
    467: "it was revoked",
    492: "the person who made it has no role on the Page any more",
}
OLD_VERSION = ("version", "unknown path components: /v", "nonexisting field", "nonexistent field")
VERSION, UNKNOWN = frozenset({2635}), frozenset({12, 100, 2500})
GONE = frozenset({(100, 33), (803, None)})
NEEDED = ("pages_read_engagement", "pages_read_user_content", "pages_manage_engagement")


def problem_of(answer: Answer | None) -> tuple[int | None, int | None, str]:
    """Code, subcode and message (lower case) of a Graph error; None, None and "" without one."""
    error = record(answer.problem.get("error")) if answer else {}
    return number(error.get("code")), number(error.get("error_subcode")), text(error.get("message")).lower()


def is_gone(answer: Answer | None) -> bool:
    """Whether Graph said that the thing asked about is no longer there (or never was, for this token)."""
    code, subcode, _ = problem_of(answer)
    return (code, subcode) in GONE


def is_refusal(answer: Answer | None) -> bool:
    """Whether Graph said that this may not be done."""
    return problem_of(answer)[0] in PERMISSION


def is_unanswerable(answer: Answer | None) -> bool:
    """Whether asking again would not help: Graph may not say it, or does not know what was asked for (100, 2500)."""
    unknown = problem_of(answer)[0] in {100, 2500} or (
        answer is not None and answer.status == HTTPStatus.NOT_FOUND
    )
    return is_refusal(answer) or unknown


def explain(_: Exception, answer: Answer | None) -> Trouble | None:
    """Graph's own reason for a refusal; None where it gave none that is known here."""
    code, subcode, message = problem_of(answer)
    if answer is None or code is None:
        return None
    return _passing(code, answer) or _lasting(code, subcode, message)


def _passing(code: int, answer: Answer) -> Trouble | None:
    if code in PAUSE:
        return Trouble(
            "rate",
            f"Facebook asks for a pause (code {code}): nothing to do, polling goes on by itself.",
            retry_after=regain(answer),
        )
    if code in OUTAGE or truth(record(answer.problem.get("error")).get("is_transient")):
        return Trouble(
            "connection", f"Facebook is out of order (code {code}): nothing to do, it is tried again."
        )
    return None


def _lasting(code: int, subcode: int | None, message: str) -> Trouble | None:
    if code in TOKEN or "appsecret_proof" in message:
        why = TOKEN_SUBCODES.get(subcode or 0, "it is expired or revoked, or app_secret is wrong")
        point = "token"
        says = f"no longer accepts the Page token (code {code}): {why}; put a new Page token in the configuration"
    elif code in PERMISSION:
        point = "permissions"
        says = f"says the token lacks a permission (code {code}): make a Page token with {', '.join(NEEDED)}"
    elif code in VERSION or (code in UNKNOWN and any(cue in message for cue in OLD_VERSION)):
        point = "version"
        says = f"needs a newer Graph version (code {code}): set version, or install a newer Schoolgate"
    elif (code, subcode) in GONE:
        point = "account"
        says = f"knows no such Page for this token (code {code}): check page_id, and that the token is the Page's own"
    else:
        return None
    return Trouble(point, f"Facebook {says}.", permanent=True)


def usage(answer: Answer) -> Iterator[Mapping[str, Any]]:
    """The usage objects of the last answer (percentages), from X-App-Usage and X-Business-Use-Case-Usage."""
    for name in ("x-app-usage", "x-business-use-case-usage"):
        try:
            said = record(json.loads(answer.headers.get(name, "{}")))
        except (ValueError, RecursionError):
            continue
        yield said
        for cases in said.values():
            yield from map(record, rows(cases))


def regain(answer: Answer) -> float:
    """Seconds until Graph takes requests again, 60 to 3600: it says so in minutes, or not at all."""
    minutes = max(
        (number(one.get("estimated_time_to_regain_access")) or 0 for one in usage(answer)), default=0
    )
    return clamped(minutes * 60.0) if minutes > 0 else clamped(900.0)
