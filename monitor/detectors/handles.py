"""Names on other networks that are given out: "snap: lil.moth_9", "discord is wolf#4471", "she is MothPlays on twitch".

A word counts as such a name by its shape (digits, underscores, inner dots or capitals, @) and only right beside the
network. An organisation's own page is no finding. Pure; linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from monitor.detectors.segment import common_words

_TOKEN = re.compile(r"[@#]?\w[\w.#]*|[:=]")
_NETWORKS = frozenset({
    "snap", "snapchat", "snaps", "snapchats", "sc", "insta", "instagram", "instas", "ig", "finsta", "spam", "discord", "disc", "dc", "tiktok", "twitch", "kik",
    "telegram", "psn", "ps4", "ps5", "playstation", "xbox", "gamertag", "gamer", "roblox", "rblx", "fortnite", "epic", "minecraft",
    "steam", "yubo", "bereal", "skype", "youtube", "yt", "twitter", "threads", "gmail", "hotmail", "icloud", "username", "wattpad",
    "messenger", "facetime", "whatsapp", "signal", "vsco", "pinterest", "nintendo", "brawl", "clash", "handle",
})  # fmt: skip
# Two letters are too many other things; they want a colon or an "is".
_SHORT = frozenset(
    {"sc", "ig", "yt", "spam", "epic", "steam", "signal", "threads", "handle", "gamer", "brawl", "clash"}
)
_LINKS = frozenset({
    ":", "=", "is", "its", "it", "s", "it's", "user", "username", "name", "nick", "nickname", "tag", "handle", "account", "acc", "id",
    "add", "me", "him", "her", "them", "friend", "as", "at", "called", "under", "by", "live", "royale", "stars", "profile", "now", "new",
    "find", "follow", "dm", "message", "thats", "iz",
})  # fmt: skip
_SAYS = frozenset({":", "=", "is", "its", "it's", "iz", "s", "called", "as", "under"})
_BEFORE = frozenset({"on", "via", "in"})  # "moth_9 on snap"
_LINKED = 4  # tokens between the network and the name
_FEWEST_LETTERS = 3
_LONGEST = 40
_PLAIN = 5  # letters of a name without digits or signs, which must also be no ordinary word
_AROUND = 6  # tokens before, in which an organisation says that it is its own
_DOMAIN = re.compile(
    r"(?:^www\.|\.(?:com|co|uk|org|net|sch|gov|info|tv|gg|io|me|example|test)\b)", re.IGNORECASE
)
_COUNTED = re.compile(
    r"(?:y|yr|year|class|form|set|room|ks|u|under|gcse|covid|ps|level|team|day|week|term|part)_?\d+\w?",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(
    r"school|primary|academy|college|nursery|pta|ptfa|club|library|church|official|scouts|guides|brownies|cafe|shop|council|"
    r"friendsof|bakery|photograph|designs?$|crafts?$|boutique|studio|museum|charity|trust|fc$|rfc$|cc$",
    re.IGNORECASE,
)
_OURS = frozenset({
    "our", "school", "schools", "school's", "pta", "ptfa", "club", "clubs", "library", "official", "team", "department", "dept", "shop",
    "business", "church", "council", "page", "museum", "charity", "choir", "salon", "bakery", "author", "company", "us", "we",
})  # fmt: skip


def names_network(words: Iterable[str]) -> bool:
    """Whether a network stands among the words of a reading; without one there is nothing to look for."""
    return not _NETWORKS.isdisjoint(words)


def handles(folded: str) -> Iterator[tuple[int, int]]:
    """The places in the folded text where a name on a network is given out."""
    tokens = [(match.group().rstrip(".").lower(), match) for match in _TOKEN.finditer(folded)]
    taken = -1
    for at, (word, _) in enumerate(tokens):
        if word not in _NETWORKS or at <= taken:
            continue
        if not _OURS.isdisjoint(one for one, _ in tokens[max(0, at - _AROUND) : at + 3]):
            continue
        found = _name_after(tokens, at, word)
        if found is None and at >= 2 and tokens[at - 1][0] in _BEFORE:  # noqa: PLR2004 - the name and "on"
            found = at - 2 if _is_shaped(tokens[at - 2][1].group().rstrip(".")) else None
        if found is not None:
            taken = found
            name = tokens[found][1]
            yield name.start(), name.start() + len(name.group().rstrip("."))


def _name_after(tokens: list[tuple[str, re.Match[str]]], at: int, network: str) -> int | None:
    said = False
    for place in range(at + 1, min(at + _LINKED + 2, len(tokens))):
        word, match = tokens[place]
        raw = match.group().rstrip(".")
        if _is_shaped(raw) and (said or (network not in _SHORT and not _is_dotted_only(raw))):
            return place
        if said and tokens[place - 1][0] in {":", "="} and _is_unheard(raw):
            return place
        if word not in _LINKS and word not in _NETWORKS:
            return None
        said = said or word in _SAYS
    return None


def _is_shaped(raw: str) -> bool:
    """Whether it looks like a name on a network and not like a word, a class, a time or a site."""
    bare = raw.lstrip("@#")
    if sum(map(str.isalpha, bare)) < _FEWEST_LETTERS or len(bare) > _LONGEST or raw.startswith("#"):
        return False
    if _DOMAIN.search(bare) or _COUNTED.fullmatch(bare) or _ORGANISATION.search(bare):
        return False
    if not (bare[0].isalpha() or bare[0] == "_"):
        return False
    inner = any(one.islower() and two.isupper() for one, two in pairwise(bare))
    return raw.startswith("@") or inner or any(sign.isdigit() or sign in "_.#" for sign in bare)


def _is_dotted_only(raw: str) -> bool:
    """Only a dot makes it one: "online.Please" is more likely a missing space."""
    return "." in raw and not any(sign.isdigit() or sign in "_#@" for sign in raw)


def _is_unheard(raw: str) -> bool:
    """Whether it is one long word in small letters that the language has not."""
    return raw.isalpha() and raw.islower() and len(raw) >= _PLAIN and raw not in common_words()
