"""Text that came from a network, made safe to show in a mail or on a page.

Only for showing: evidence keeps the original, and detectors read the original. Nothing here escapes HTML (the
templates do that) and nothing here makes text fit for a header: text from a network never goes into one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

REPLACED = "\u2426"  # SYMBOL FOR SUBSTITUTE FORM TWO: seen, so that nobody is misled by what was taken out
MASK = "•••"
ELLIPSIS = "…"
MAX_MARKS = 4  # combining marks in a row; more is a tower that runs over other lines
SHOWN_LIMIT = 2000  # code points; the evidence has the whole

_JOINERS = frozenset("\u200c\u200d")  # ZWNJ and ZWJ: Persian and emoji need them
_BLANK_LETTERS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
)  # invisible, though not "format"
_LINE_ENDS = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f")  # England, Scotland, Wales
_TAGS = frozenset(map(chr, range(0xE0020, 0xE0080)))  # what of a flag is not seen
_EMOJI = range(0x1F000, 0x1FB00)  # newer than this Python's tables is not "unassigned" to a phone
_RTL = frozenset({"R", "AL", "AN"})

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,15})://")
_WEB = {"http": "hxxp://", "https": "hxxps://"}
_HOST = re.compile(r"(?<=://)[^\s/?#]+")
_NAME = re.compile(r"[a-z0-9.-]+(?::\d+)?", re.IGNORECASE)
_SCHEME = re.compile(r"\b(mailto|tel|sms|javascript|data|file|facetime|whatsapp):(?=\S)", re.IGNORECASE)
_DOT = re.compile(r"(?<=[\w\]])[.\u3002\uff0e\uff61](?=[^\W\d_]{2})")
_WWW = re.compile(r"\b(www\d?)[.\u3002\uff0e\uff61]", re.IGNORECASE)  # linked by some whatever follows
_IPV4 = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_AT = re.compile(r"(?<=[\w.+\-\"'’])[@\uff20\ufe6b](?=[\w\[])")

_SECRET = re.compile(r"\b(?=[\w|%+=-]*\d)(?=[\w|%+=-]*[A-Za-z])[\w|%+=-]{24,}")
_WORD = re.compile(r"\S+")
_LETTERS = re.compile(r"\w")
_PLAIN_CAPITALS = frozenset(  # not "will" and "may", which are names too
    re.findall(
        r"\S+",
        """i i'm i'll i'd i've a an and are be but can did do does don't for from get go had has have he her here him
        his how if in is it it's its just leave me my no not of oh on or our out she shut so some stop that that's the
        their them then there these they they're this those to up us was we we'll were what when where who why with
        would you you'll you're your""",
    )
)


def clean(text: str, limit: int = SHOWN_LIMIT, *, lines: bool = False) -> str:
    """`text` in NFC, at most `limit` code points, with nothing in it that hides or turns other text.

    Control, format, bidirectional, private and unassigned characters and lone surrogates become one visible sign a
    run; combining marks are capped. White space becomes single spaces, or with `lines` also single line ends.
    """
    text = text[: limit * 4]
    text = _LINE_ENDS.sub("\n", text) if lines else _LINE_ENDS.sub(" ", text)
    text = _without_hidden(unicodedata.normalize("NFC", text.replace("\t", " ")))
    rows = [" ".join(row.split()) for row in text.split("\n")]
    return cut("\n".join(row for row in rows if row), limit)


def cut(text: str, limit: int) -> str:
    """`text`, or its first `limit` - 1 code points and an ellipsis, never with half a character at the end."""
    if len(text) <= limit:
        return text
    end = max(limit - 1, 0)
    while end and (_goes_on(text[end]) or text[end - 1] in _JOINERS):
        end -= 1
    return text[:end].rstrip() + ELLIPSIS


def _goes_on(char: str) -> bool:
    """Whether it belongs to the character before it: a mark, a joiner, a tag of a flag."""
    return bool(unicodedata.combining(char)) or char in _JOINERS or char in _TAGS


def defanged(text: str) -> str:
    """`text` with addresses that no mail program turns into a link: hxxps://evil[.]example, name[at]host[.]example.

    Host names that are not ASCII are shown in punycode, so that a look-alike looks different.
    """
    text = _URL.sub(lambda found: _scheme(found[1]), text)
    text = _HOST.sub(lambda found: _punycode(found[0]), text)
    text = _SCHEME.sub(r"\1[:]", text)
    text = _WWW.sub(r"\1[.]", text)
    text = _AT.sub("[at]", text)
    text = _IPV4.sub(lambda found: found[0].replace(".", "[.]"), text)
    return _DOT.sub("[.]", text)


def bare_hosts(text: str) -> str:
    """For our own instructions: `text` with web addresses as a person reads them aloud, "host.example/page"."""
    return _URL.sub(lambda found: "" if found[1].lower() in _WEB else _scheme(found[1]), text)


def shown(text: str, limit: int = SHOWN_LIMIT, *, lines: bool = False) -> str:
    """What a person may be shown of a text from a network: clean, without live addresses, cut."""
    return cut(defanged(clean(text, limit, lines=lines)), limit)


def without_secrets(text: str) -> str:
    """What a network or a server said, without what looks like a token in it: some repeat the one that they refuse."""
    return _SECRET.sub(MASK, text)


def isolated(text: str) -> str:
    """For plain text: `text` between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE if it holds right-to-left
    letters, so that it cannot turn the words around it. HTML has <bdi> for this."""
    if any(unicodedata.bidirectional(char) in _RTL for char in text):
        return f"\u2068{text}\u2069"
    return text


def masked(
    text: str,
    spans: Iterable[tuple[int, int]],
    hidden: Iterable[tuple[int, int]] = (),
    *,
    around: int = 60,
    limit: int = 160,
) -> str:
    """A short extract round the first of `spans` (code points of `text`) that shows the kind of thing and no person.

    The words found keep their first letter ("k•••"). Masked whole: everything in `hidden`, and every word with a
    capital, a figure or an address in it, unless it is an everyday word. A name written in small letters is only
    masked if `hidden` covers it.
    """
    found = sorted(spans)
    if not found:
        return ""
    start, end = max(found[0][0] - around, 0), min(found[0][1] + around, len(text))
    kept = list(hidden)
    words = [
        _masked_word(word[0], within=_meets(word.span(), found), hide=_meets(word.span(), kept))
        for word in _WORD.finditer(text)
        if word.end() > start and word.start() < end
    ]
    if not words:
        return ""
    before = ELLIPSIS if start else ""
    after = ELLIPSIS if end < len(text) else ""
    return cut(f"{before}{shown(' '.join(words))}{after}", limit)


def masked_whole(text: str, hidden: Iterable[tuple[int, int]] = (), *, limit: int = SHOWN_LIMIT) -> str:
    """All of `text` with no person in it: the words found stay, and what `masked` masks whole is masked here too."""
    kept = list(hidden)
    words = [
        _masked_word(word[0], within=False, hide=_meets(word.span(), kept)) for word in _WORD.finditer(text)
    ]
    return cut(shown(" ".join(words)), limit) if words else ""


def _without_hidden(text: str) -> str:
    flags = {at for found in _FLAG.finditer(text) for at in range(*found.span())}
    kept: list[str] = []
    marks = 0
    for at, char in enumerate(text):
        if at not in flags and _hides(char):
            marks = 0
            if not kept or kept[-1] != REPLACED:
                kept.append(REPLACED)
            continue
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if marks <= MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def _hides(char: str) -> bool:
    if char == "\n" or char in _JOINERS:
        return False
    if char in _BLANK_LETTERS:
        return True
    kind = unicodedata.category(char)
    return kind in {"Cc", "Cf", "Cs", "Co"} or (kind == "Cn" and ord(char) not in _EMOJI)


def _scheme(scheme: str) -> str:
    return _WEB.get(scheme.lower(), f"{scheme}[:]//")


def _punycode(host: str) -> str:
    if host.isascii():
        return host
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError:  # not a name that any resolver would take; it is shown as it is, without its dots
        return host
    return name if _NAME.fullmatch(name) else host  # IDNA turns a wide "：／／" into "://"


def _meets(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def _masked_word(word: str, *, within: bool, hide: bool) -> str:
    bare = word.strip(".,;:!?\"'()[]…").replace("’", "'").casefold()
    telling = any(char.isupper() or char.isdigit() for char in word) or "@" in word or "://" in word
    joined = re.search(r"\w\.\w", word) is not None
    if hide or joined or (telling and bare not in _PLAIN_CAPITALS):
        return MASK
    if within:
        first = _LETTERS.search(word)
        return f"{first[0]}{MASK}" if first else word
    return word
