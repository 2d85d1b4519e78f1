"""Whether an account could be taken for the school's own, its headteacher's or a member of staff's. Pure.

A name that is merely a member of staff's is most often theirs: it is no finding here, only "possible" on the office's
page (monitor/possible.py). The headteacher's is the one that is taken, so it is brought to somebody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from monitor.domain import Author, Finding, Severity
from monitor.names import TITLES, name_words, split_name
from monitor.resemblance import handle_is_name, handle_resembles, latin, name_resembles, skeleton

_SCHOOLS = "the account's {} could be taken for the school's own"
_HEADS = "the account's {} could be taken for the headteacher's"
_STAFFS = "the account's handle could be taken for a member of staff's"
_POST = "the account speaks of itself as the school's headteacher or as its official account"
_LONGEST = 1000  # characters of a bio; no network allows more
_POSTS = r"(?:head\s?(?:teacher|master|mistress)?|principal)"
_OFFICIAL = r"official(?:\s+(?:account|page|twitter|x|feed))?"
# who held the post once, or is somebody else's
_NOT_NOW = re.compile(
    r"(?:former(?:ly)?|ex|retired|previous(?:ly)?|past|old|deputy|assistant|vice|not|un|parody|once)\W*(?:the\s+)?$"
)
_HEAD_CLAIMS = frozenset(("official", "real", "the", "head", "headteacher", "account", "verified", "teacher"))
_LONGEST_NAME = (
    200  # characters; networks allow 75 at most, and what is compared with every name must be short
)
_WORD = re.compile(r"[^\W_]+")
_FULL = 2  # a forename and a surname


def impersonation(
    author: Author,
    school_handles: Sequence[str],
    school_name: str,
    *,
    head: str = "",
    like_staff: bool = False,
    of_staff: bool = False,
) -> tuple[Finding, ...]:
    """At most one finding, whose span is (0, 0), for it is the account that resembles.

    `head`: the headteacher's name, with or without a title; empty where it is not to be looked for. `like_staff`: the
    handle is a look-alike of one that the records hold for a member of staff. `of_staff`: the account itself is known to
    be one's, who may call themselves what they are.
    """
    handle = (author.handle or "").removeprefix("@").lower()[:_LONGEST_NAME]
    name = (author.name or "")[:_LONGEST_NAME]
    own = {one.removeprefix("@").lower() for one in school_handles}
    if handle and handle in own:
        return ()
    one = _like_school(handle, name, sorted(own), school_name)
    if one is None and not of_staff:
        heads = _like_head(handle, name, head)
        if any(_claims_post(text, school_name) for text in (name, (author.bio or "")[:_LONGEST])):
            one = _found("follower.post", _POST)
        elif like_staff:
            one = _found("follower.staff", _STAFFS)
        elif heads is not None:
            one = _found("follower.head", _HEADS.format(heads), Severity.LOW)
    return (one,) if one else ()


def _like_school(handle: str, name: str, own: Sequence[str], school_name: str) -> Finding | None:
    by_handle = any(handle_resembles(handle, name, theirs, school_name) for theirs in own)
    by_handle = by_handle or handle_is_name(handle, name, school_name)
    by_name = name_resembles(name, school_name)
    if not (by_handle or by_name):
        return None
    what = "handle and name" if by_handle and by_name else "handle" if by_handle else "name"
    return _found("follower.handle" if by_handle else "follower.name", _SCHOOLS.format(what))


def _found(detector: str, reason: str, severity: Severity = Severity.MEDIUM) -> Finding:
    return Finding("impersonation", severity, detector, reason, span=(0, 0))


@lru_cache(maxsize=64)
def _post_of(school_name: str) -> re.Pattern[str] | None:
    """As in "Headteacher of St Mary's Primary School" and "St Mary's Primary (official)"; None for a name of one word."""
    words = name_words(latin(school_name))
    if len(words) < _FULL:
        return None
    may_lack = words[-1] == "school" and len(words) > _FULL + 1
    last = rf"(?:\W*{words[-1]})?" if may_lack else rf"\W*{words[-1]}"
    school = r"\W*".join(words[:-1]) + last + r"(?!\w|\W*schools\b)"
    joined = r"\W*(?:(?:of|at|for)\b\W*)?(?:the\W+)?"
    return re.compile(
        rf"(?<!\w)(?:{_POSTS}|{_OFFICIAL}){joined}{school}"
        rf"|(?<!\w){school}\W*(?:head\s?(?:teacher|master|mistress)|{_OFFICIAL})(?!\w)"
    )


def _claims_post(text: str, school_name: str) -> bool:
    pattern = _post_of(school_name)
    read = latin(text)
    if pattern is None:
        return False
    return any(not _NOT_NOW.search(read[: found.start()]) for found in pattern.finditer(read))


def _like_head(handle: str, name: str, head: str) -> str | None:
    """What of the account ("name" or "handle") is the headteacher's full name, or a title with the surname, and nothing else."""
    forename, surname = split_name(head)
    family = "".join(name_words(surname))
    given = "".join(name_words(forename)[:1])
    if not family or not given:
        return None
    if _is_head(_WORD.findall(latin(name)), given, family):
        return "name"
    bare = skeleton(re.sub(r"[\W_\d]+$", "", latin(handle)))
    titled = {skeleton(title + family) for title in TITLES}
    wanted = {skeleton(given + family), skeleton(family + given)} | titled
    claims = {"", *map(skeleton, _HEAD_CLAIMS)}
    return "handle" if any(bare in {a + one, one + a} for one in wanted for a in claims) else None


def _is_head(words: Sequence[str], given: str, family: str) -> bool:
    said = [word for word in words if word not in _HEAD_CLAIMS and word != given[:1] and not word.isdigit()]
    titled = any(word in TITLES for word in said)
    core = [skeleton(word) for word in said if word not in TITLES]
    parts = [skeleton(family)]
    if len(core) < _FULL:
        return titled and core == parts
    return sorted(core) == sorted([*parts, skeleton(given)]) or core == [
        skeleton(given),
        *map(skeleton, name_words(family)),
    ]
