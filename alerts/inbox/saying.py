"""What accounts a family's words name as its own: "My handle is @jane_doe". Pure.

Reads too little rather than too much: what is not said in one of these ways is not taken. Somebody else's account
("my son's handle is …") is not the writer's. Whatever is read here becomes a question to the writer, never a proof.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from alerts.words import network_words
from monitor.names import normal_handle

MOST = 3  # accounts in one message; more are a list, not a claim
_ALIASES: Mapping[str, tuple[str, ...]] = {"x": ("twitter",), "facebook": ("fb",)}
_LETTER = r"\b(?:on|my|our|your|for|via) x\b(?![.-]\w)|\(x\)|(?<!\S)x ?(?:[:/(]|account|handle|profile|user)"  # else x is a kiss
_KNOWN = (
    *(
        "x",
        "facebook",
        "instagram",
        "tiktok",
        "snapchat",
        "linkedin",
        "youtube",
        "threads",
        "bluesky",
        "mastodon",
    ),
    *("whatsapp", "pinterest"),
)
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’ʼ`´＇", "'") | dict.fromkeys("“”«»", '"'))
_AT = r"(?<![\w.@/-])@[a-z0-9_](?:[a-z0-9_.-]{0,58}[a-z0-9_])?(?![\w@-])(?!\.\w)"
_URL = r"(?:https?://)?(?:www\.|m\.|mobile\.)?(?:x|twitter|facebook|fb)\.com/[^\s<>\"'(),;!]{1,200}[^\s<>\"'(),;!.?]"
_BARE = r"[a-z0-9_](?:[a-z0-9_.-]{0,58}[a-z0-9_])(?=\s*(?:[.,;!)\"]|$|\s\(|\s(?:on|at|there|and|thanks|thank|please)\b))"
_SURE = rf"[\"'(\s]*(?P<handle>{_URL}|{_AT})"
_ANY = rf"[\"'(\s]*(?P<handle>{_URL}|{_AT}|(?!(?:not|on|at|in|the|a|an|my|our|no|private|below|above|attached)\b){_BARE})"
_NAME = r"(?:handle|user\s?-?name|nick\s?name|screen\s?name|user\s?id)"
_PLACE = r"(?:account|profile|page|name|login)"
_WAYS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:my|our)\s+(?:[\w/-]+\s+){{0,3}}?{_NAME}s?\b(?:\s+(?:on|at|for|is|are|name|called|[\w/]+)){{0,3}}?\s*(?:\bis\b|\bare\b|:|=)\s*(?:called\s|named\s)?{_ANY}",
        rf"\b(?:my|our)\s+(?:[\w/-]+\s+){{0,3}}?{_PLACE}s?\b(?:\s+[\w/]+){{0,4}}?\s*(?:\bis\b|\bare\b|:|=)\s*(?:called\s|named\s|under\s)?{_SURE}",
        rf"\b(?:i'm|i am|we're|we are|it's me|this is me)\b(?:\s+(?:also|called|known as|on \w+(?: as)?))?[:,]?{_SURE}",
        rf"\bon \w+(?:/\w+)?[,:]?\s+(?:i'm|i am|we're|we are)\s+(?:called\s|known as\s)?{_ANY}",
        rf"(?<!\S){_SURE}[\"')]*\s+(?:\(?on \w+\)?\s+)?(?:is|are)\s+(?:me\b|mine\b|us\b|ours\b|(?:my|our)\s+(?:[\w/-]+\s+){{0,2}}?(?:{_NAME}|{_PLACE})\b)",
        rf"\b(?:i|we)(?:\s+(?:also|now|just|have))*\s+(?:follow|followed|am following|are following|use|go by)\b[^.!?@]{{0,60}}?\b(?:as|with|under|from|by)\b(?:\s+(?:the|my|our))?(?:\s+(?:{_NAME}|{_PLACE}))?\s*:?{_SURE}",
        rf"^\W*(?:[\w/]+\s+)?{_NAME}(?:\s+on\s+\w+)?\s*(?::|=|-)\s*{_ANY}",
        rf"^\W*(?:x|twitter|facebook|fb|instagram|account|profile)(?:/twitter|/x)?\s*(?::|=|-)\s*{_ANY}",
        rf"^{_SURE}[\"')\s.!]*(?:\(?on\s+\w+\)?)?[\s.!]*$",
    )
)


def accounts(subject: str, bodies: Iterable[str], networks: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(network, handle in its normal form) of each account that the writer says is theirs; empty when none is certain.

    `networks`: the watched ones whose followers are read. Where the words name no network, the only one that is
    watched is meant; where several are, nothing is guessed. Of `bodies` the first that names an account stands.
    """
    head = _tidy(subject)
    for body in (*bodies, ""):
        found = set(_found(_tidy(body), head, networks)) or set(_found(head, head, networks))
        if found:
            return tuple(sorted(found)) if len(found) <= MOST else ()
    return ()


def _found(text: str, head: str, networks: Sequence[str]) -> list[tuple[str, str]]:
    """By the line first; a line may be a label's. Then by the sentence, which a mail program may have broken in two."""
    lines = [sentence for line in text.split("\n") for sentence in _sentences(line)]
    found = [one for line in lines for one in _in_sentence(line, head, networks)]
    if found:
        return found
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    whole = [sentence for part in paragraphs for sentence in _sentences(part)]
    return [one for sentence in whole for one in _in_sentence(sentence, head, networks)]


def _in_sentence(sentence: str, head: str, networks: Sequence[str]) -> Iterator[tuple[str, str]]:
    for way in _WAYS:
        for match in way.finditer(sentence):
            handle = match["handle"]
            around = tuple(text.replace(handle, " ") for text in (match[0], sentence, head))
            # a profile's address names its network itself, whichever is meant
            for network in _meant(around, networks) or ("",):
                read = normal_handle(network, handle)
                if read is not None and read[0] in networks:
                    yield read


def _meant(texts: Iterable[str], networks: Sequence[str]) -> Sequence[str]:
    """The watched networks that the first of the texts names that names any at all; else the only one there is."""
    for text in texts:
        named = [network for network in networks if _names(network, text)]
        if named or any(_names(network, text) for network in _KNOWN):
            return named
    return networks if len(networks) == 1 else ()


def _names(network: str, text: str) -> bool:
    words = {network, network_words(network)[0].lower(), *_ALIASES.get(network, ())}
    return any(
        re.search(_LETTER if word == "x" else rf"(?<![\w@.-]){re.escape(word)}(?![\w-]|\.\w)", text)
        for word in words
    )


def _sentences(text: str) -> list[str]:
    return [one for one in re.split(r"(?<=[.!?;])\s+", text) if one.strip()]


def _tidy(text: str) -> str:
    """Small letters, plain apostrophes, no invisible characters, one blank for many."""
    plain = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).lower()
    seen = "".join(
        char for char in plain if char == "\n" or unicodedata.category(char)[0] != "C" or char == "\t"
    )
    lines = [" ".join(line.split()) for line in seen.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
