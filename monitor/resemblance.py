"""Whether an account's handle or name could be taken for the school's own. Pure.

Honest neighbours share most of a school's letters: its parents' association, its church, its classes, another saint's
school. What they have of their own is a word; what an impostor has is a look-alike letter, a slip of the pen, or a claim
to be official.
"""

from __future__ import annotations

import re

from monitor.names import SILENT, deletions, name_words, plain

# letters that look like a Latin letter, beyond what taking off marks and full-width forms already settles
_LOOKS_LIKE = str.maketrans(
    "абвгезикмнорстухьѕіјԁԛԝһɑɡɩʟνορτυικαεηβχɴʏᴀᴄᴅᴇɢʜᴊᴋᴍᴏᴘʀꜱᴛᴜᴠᴡᴢ",
    "a6brezukmhopctyxbsijdqwhagilvoptuikaenbxnyacdeghjkmoprstuvwz",
)
_LEET = str.maketrans("01345789$@!|i", "oleastbgsalll")
_LONG_ENOUGH = 8  # characters: below, two edits make any word of any other
_SHORT = 5
_EDITS = 2
_CLAIMS = frozenset(
    (
        "official",
        "officials",
        "real",
        "thereal",
        "the",
        "admin",
        "office",
        "help",
        "support",
        "team",
        "head",
        "info",
    )
) | frozenset(("headteacher", "hq", "uk", "page", "account", "new", "newpage", "backup", "verified", "gov"))
_NAME_CLAIMS = frozenset(
    ("official", "the", "real", "page", "account", "new", "uk", "verified", "backup")
) | {
    "admin",
    "office",
    "head",
    "headteacher",
}
_LOUD = frozenset(("official", "headteacher", "admin", "verified"))  # of a school's name without "school"
_OF_NO_WEIGHT = frozenset(("school", "and", "of", "st", "saint", "s", "rc", "ce", "cofe", "c", "e"))
_SCHOOL_WORDS = frozenset(
    ("school", "primary", "junior", "infant", "infants", "academy", "college", "nursery", "grammar", "high")
) | frozenset(("secondary", "prep", "comprehensive", "federation"))
_SAINTS = (
    *(
        "agnes",
        "aidan",
        "alban",
        "andrew",
        "anne",
        "anthony",
        "augustine",
        "barnabas",
        "bartholomew",
        "bede",
        "bernadette",
    ),
    *(
        "catherine",
        "christopher",
        "clare",
        "columba",
        "cuthbert",
        "david",
        "dominic",
        "edmund",
        "edward",
        "elizabeth",
    ),
    *(
        "francis",
        "gabriel",
        "george",
        "giles",
        "gregory",
        "helen",
        "hilda",
        "hugh",
        "ignatius",
        "james",
        "jerome",
        "joan",
    ),
    *(
        "john",
        "joseph",
        "jude",
        "julian",
        "katherine",
        "lawrence",
        "leonard",
        "luke",
        "margaret",
        "mark",
        "martin",
    ),
    *(
        "mary",
        "matthew",
        "michael",
        "monica",
        "nicholas",
        "oswald",
        "patrick",
        "paul",
        "peter",
        "philip",
        "saviour",
    ),
    *("stephen", "swithun", "teresa", "theresa", "thomas", "ursula", "vincent", "wilfrid", "winifred"),
)


def latin(text: str) -> str:
    """Small letters as a hasty eye reads them: look-alikes of other scripts made Latin, what cannot be seen left out."""
    return plain(plain(text.translate(SILENT)).translate(_LOOKS_LIKE))


def skeleton(text: str) -> str:
    """What is left of a handle or name for a hasty eye: look-alike letters and digits made one, no separators."""
    letters = re.sub(r"[^a-z0-9]", "", latin(text).translate(_LEET))
    return letters.replace("rn", "m").replace("vv", "w").replace("cl", "d")


def distance(one: str, other: str, most: int) -> int:
    """Edits between two words (insert, delete, replace, swap neighbours); `most + 1` when there are more than `most`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i] + [0] * len(other)
        for j, b in enumerate(other, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], older[j - 2] + 1)
        if min(row) > most:
            return most + 1
    return row[-1]


def handle_resembles(handle: str, name: str, school_handle: str, school_name: str) -> bool:
    """Whether `handle`, which is not the school's, could be read as `school_handle`.

    `name` is the account's display name: one that explains the difference (another saint, a year group) clears it.
    """
    ours, theirs = skeleton(school_handle), skeleton(handle)
    if len(ours) < _SHORT or len(theirs) < _SHORT:
        return False
    if ours == theirs:
        return True
    if _other_saint(f"{handle} {name}", f"{school_handle} {school_name}") or _explains(
        name, handle, school_name
    ):
        return False
    added = _added(theirs, ours)
    if added is not None:
        return _claims(added, handle, school_handle)
    edits = _EDITS if min(len(ours), len(theirs)) >= _LONG_ENOUGH else 1
    return distance(ours, theirs, edits) <= edits


def _explains(name: str, handle: str, school_name: str) -> bool:
    """Whether the account is a school of its own name: "Eastfield Primary" at @eastfieldprimary, beside our Westfield."""
    named = bool(set(name_words(name)) & _SCHOOL_WORDS) and skeleton(handle) in skeleton(name)
    return named and not name_resembles(name, school_name)


def _added(theirs: str, ours: str) -> str | None:
    """What stands before or behind our letters in theirs; None when ours stand at neither end."""
    if theirs.startswith(ours):
        return theirs[len(ours) :]
    return theirs[: -len(ours)] if theirs.endswith(ours) else None


def _claims(added: str, handle: str, school_handle: str) -> bool:
    """Whether an addition says nothing of its own: a number, a letter typed twice, "official". "pta", "6c" and "fc" do."""
    extra = re.sub(r"[\W_]", "", plain(handle).replace(plain(school_handle), "", 1))
    ours = skeleton(school_handle)
    return added in {skeleton(word) for word in _CLAIMS} or extra.isdigit() or added in (ours[0], ours[-1])


def _other_saint(theirs: str, ours: str) -> bool:
    """Whether they name a saint that we do not."""
    their_letters, our_letters = ("".join(name_words(latin(text))) for text in (theirs, ours))
    named = {saint for saint in _SAINTS if f"st{saint}" in their_letters or f"saint{saint}" in their_letters}
    return bool(named - {saint for saint in _SAINTS if saint in our_letters})


def name_resembles(name: str, school_name: str) -> bool:
    """Whether a display name reads as the school's name: the same words, look-alike letters and slips included.

    A word of its own ("PTA", "Church", "Friends", "Year 6") tells an account apart. A school's name without a word such
    as "primary" is also a village's or a family's: that alone never resembles.
    """
    if not set(name_words(school_name)) & _SCHOOL_WORDS or _other_saint(name, school_name):
        return False
    if _run_together(name, school_name) or _claimed(name, school_name):
        return True
    ours, theirs = _weighty(school_name), _weighty(name)
    if not ours or len(theirs) != len(ours) or not (set(map(skeleton, _words(name))) & _said(school_name)):
        return False
    left = [skeleton(word) for word in theirs]
    for word in map(skeleton, ours):
        near = next((w for w in left if w == word or _slip(w, word)), None)
        if near is None:
            return False
        left.remove(near)
    return True


def handle_is_name(handle: str, name: str, school_name: str) -> bool:
    """Whether a handle is the school's name ("@StMarysPrimary"), on an account whose display name is no other school's."""
    schools = {skeleton(word) for word in _SCHOOL_WORDS} & set(map(skeleton, _words(name)))
    if (schools and not name_resembles(name, school_name)) or _other_saint(f"{handle} {name}", school_name):
        return False
    return bool(set(name_words(school_name)) & _SCHOOL_WORDS) and _run_together(handle, school_name)


def _run_together(text: str, school_name: str) -> bool:
    """Whether the letters are those of our name, with nothing beside them but a number or a claim ("official")."""
    theirs = skeleton(re.sub(r"[\W_\d]+$", "", latin(text)))  # a number behind it says nothing
    claims = {skeleton(word) for word in _CLAIMS} | {""}
    words = name_words(school_name)
    for ours in {"".join(words), "".join(word for word in words if word != "school")}:
        if set(words) & (_SCHOOL_WORDS - {"school"}) and _added(theirs, skeleton(ours)) in claims:
            return True
    return False


def _claimed(name: str, school_name: str) -> bool:
    """Whether it is our name without "school", with a claim to speak for it: "St Mary's Official"."""
    kinds = {skeleton(word) for word in _SCHOOL_WORDS}
    own = [skeleton(word) for word in _weighty(school_name) if skeleton(word) not in kinds]
    theirs = [skeleton(word) for word in _weighty(name)]
    said = {word for word in theirs if word in kinds}
    saint = "saint" in name_words(school_name) or "st" in name_words(school_name)
    if not own or not (saint or len(own) > 1) or not said <= _said(school_name):
        return False
    loud = {skeleton(word) for word in _words(name)} & {skeleton(word) for word in _LOUD}
    return bool(loud) and sorted(word for word in theirs if word not in kinds) == sorted(own)


def handle_forms(handle: str) -> frozenset[str]:
    """What two handles that are easily taken for one another have in common: the skeleton and, of a long one, the
    skeleton without any one of its characters."""
    bare = skeleton(handle)
    if len(bare) < _SHORT:
        return frozenset()
    return frozenset({bare} | (deletions(bare) if len(bare) >= _LONG_ENOUGH else frozenset()))


def _said(school_name: str) -> set[str]:
    """The school words of our name, in their skeleton: a copy has at least one of them."""
    return {skeleton(word) for word in name_words(school_name) if word in _SCHOOL_WORDS}


def _slip(one: str, other: str) -> bool:
    # nobody slips on the first letter, and neighbours differ there: Hillside and Millside
    return min(len(one), len(other)) >= _SHORT and one[0] == other[0] and distance(one, other, 1) <= 1


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s_.,;:|()/-]+", name.translate(SILENT)) if word]


def _weighty(name: str) -> list[str]:
    weightless = {skeleton(word) for word in _OF_NO_WEIGHT | _NAME_CLAIMS}
    return [
        word
        for word in _words(name)
        if skeleton(word) and skeleton(word) not in weightless and not latin(word).isdigit()
    ]
