"""`python -m bench.obfuscate` from the root: of what the rules find in plain words, how much they still find disguised.

Takes the texts of tests/monitor/corpus in which something is found, disguises in each the words without which it would
not be found, kind by kind, always with the same seed, and prints the recall of each kind beside the plain one. Written
by the same hand as the normaliser: it guards against slipping back and says nothing of what strangers think of.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable

from bench.corpus import corpus, is_hit, row
from monitor.detectors import Judge, Rules, load_rules
from monitor.detectors.segment import common_words

Kind = Callable[[str, random.Random], str]
SEED = 7
LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7", "b": "8", "g": "9", "l": "1"}
LOOKS = {
    "Cyrillic": dict(zip("aceopxyisjkmhtb", "асеорхуіѕјкмнтЬ", strict=True)),
    "Greek": dict(zip("aeiknopruxyvtw", "αεικηορгυχγντω", strict=True)),
    "Armenian": dict(
        zip("ounshgqpf", "օսոՏհցգքֆ"[:9].replace("Տ", "ѕ").replace("ք", "р").replace("ֆ", "f"), strict=True)
    ),
    "Cherokee": dict(zip("abcdehilmprstwyz", "ᎪᏴᏟᎠᎬᎻᎥᏞᎷᏢᏒᏚᎢᎳᎩᏃ", strict=True)),
    "syllables": dict(zip("abcdfhjlmnpqrsuvwx", "ᗩᗷᑕᗪᖴᕼᒍᒪᗰᑎᑭᑫᖇᔕᑌᐯᗯ᙭", strict=True)),
    "small capitals": dict(zip("abcdefghijklmnoprstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", strict=True)),
    "superscript": dict(zip("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True)),
}
BLOCKS = {
    "fullwidth": 0xFF41, "mathematical bold": 0x1D41A, "mathematical script": 0x1D4EA, "fraktur": 0x1D586, "monospace": 0x1D68A,
    "circled": 0x24D0, "squared": 0x1F130, "black squares": 0x1F170, "black circles": 0x1F150, "regional indicators": 0x1F1E6,
    "in brackets": 0x249C,
}  # fmt: skip
TURNED = dict(zip("abcdefghijklmnopqrstuvwxyz", "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz", strict=True))
ZALGO = "\u0300\u0301\u0316\u0323\u0334\u0335\u0336\u0338\u0489\u0357"
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u034f\u3164"
EMOJI = "🔥😂💀🙃✨💯"
VOWELS = "aeiou"
COMMONEST = 400  # words that nobody disguises, such as "the" and "not"


def _each(table: dict[str, str], share: float = 1.0) -> Kind:
    def disguise(word: str, dice: random.Random) -> str:
        places = [at for at, letter in enumerate(word) if letter in table]
        chosen = set(dice.sample(places, max(1, round(share * len(places))))) if places else set()
        return "".join(
            dice.choice(table[letter]) if at in chosen else letter for at, letter in enumerate(word)
        )

    return disguise


def _block(start: int) -> Kind:
    return lambda word, _: "".join(chr(start + ord(x) - ord("a")) if "a" <= x <= "z" else x for x in word)


def _between(signs: str, *, once: bool = False) -> Kind:
    def disguise(word: str, dice: random.Random) -> str:
        if once:
            at = dice.randrange(1, len(word))
            return word[:at] + dice.choice(signs) + word[at:]
        sign = dice.choice(signs)
        return sign.join(word)

    return disguise


def _after_each(signs: str, count: int) -> Kind:
    return lambda word, dice: "".join(letter + "".join(dice.choices(signs, k=count)) for letter in word)


def _starred(word: str, dice: random.Random) -> str:
    inside = range(1, len(word) - 1)
    vowels = [at for at in inside if word[at] in VOWELS] or list(inside)
    gone = {dice.choice(vowels)} if dice.random() < 0.6 else set(vowels)
    return "".join(
        dice.choice("*#@%") if at in gone and len(gone) == 1 else "*" if at in gone else x
        for at, x in enumerate(word)
    )


def _long(word: str, dice: random.Random) -> str:
    at = dice.randrange(len(word))
    return word[:at] + word[at] * dice.randint(3, 7) + word[at + 1 :]


def _doubled(word: str, dice: random.Random) -> str:
    at = dice.randrange(len(word))
    return word[: at + 1] + word[at:]


def _without_vowels(word: str, dice: random.Random) -> str:
    vowels = [at for at in range(1, len(word) - 1) if word[at] in VOWELS]
    gone = {dice.choice(vowels)} if vowels and dice.random() < 0.5 else set(vowels)
    return "".join(letter for at, letter in enumerate(word) if at not in gone)


def _swapped(word: str, dice: random.Random) -> str:
    places = [at for at in range(1, len(word) - 1) if word[at] != word[at + 1]] or [0]
    at = dice.choice(places)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _by_sound(word: str, dice: random.Random) -> str:
    changes = [
        ("f", "ph"),
        ("ck", "k"),
        ("ck", "q"),
        ("c", "k"),
        ("u", "v"),
        ("gg", "qq"),
        ("er", "a"),
        ("ss", "zz"),
    ]
    fit = [pair for pair in changes if pair[0] in word]
    old, new = dice.choice(fit) if fit else (word[-1], word[-1])
    return word.replace(old, new, 1)


def _ended(word: str, dice: random.Random) -> str:
    return word + dice.choice(["s", "z", "ed", "ing", "in", "er", "az"])


def _leet_plural(word: str, dice: random.Random) -> str:
    return _each(LEET)(word, dice) + "z"


def _right_to_left(word: str, _: random.Random) -> str:
    return f"\u202e{word[::-1]}\u202c"


def _tag(word: str, _: random.Random) -> str:
    return f"#{word.title()}"


def _mixed(word: str, dice: random.Random) -> str:
    for kind in dice.sample(
        [_each(LEET, 0.4), _long, _after_each(UNSEEN, 1), _each(LOOKS["Cyrillic"], 0.5)], 2
    ):
        word = kind(word, dice)
    return word


KINDS: dict[str, Kind] = (
    {"leet, half": _each(LEET, 0.5), "leet, all": _each(LEET), "leet plural": _leet_plural}
    | {f"look-alikes: {name}": _each(table) for name, table in LOOKS.items()}
    | {name: _block(start) for name, start in BLOCKS.items()}
    | {
        "marks above and below": _after_each(ZALGO, 4),
        "unseen characters": _after_each(UNSEEN, 1),
        "spaces": _between(" "),
        "dots": _between("."),
        "hyphens, underscores": _between("-_"),
        "slashes, stars, commas": _between("/*|,~"),
        "one sign inside": _between(".-_/*", once=True),
        "one space inside": _between(" ", once=True),
        "one line end inside": _between("\n", once=True),
        "letters on lines": _between("\n"),
        "emoji between": _between(EMOJI),
        "one emoji inside": _between(EMOJI, once=True),
        "starred": _starred,
        "long": _long,
        "doubled": _doubled,
        "vowels left out": _without_vowels,
        "letters swapped": _swapped,
        "by sound": _by_sound,
        "other endings": _ended,
        "from right to left": _right_to_left,
        "backwards": lambda word, _: word[::-1],
        "hashtag": _tag,
        "mixed": _mixed,
    }
)
# Only a rude word can be told from a name or from another word when it is written so.
OF_RUDE = frozenset({
    "one space inside", "one line end inside", "one sign inside", "doubled", "vowels left out", "letters swapped", "by sound", "other endings",
    "backwards", "leet plural", "starred", "one emoji inside",
})  # fmt: skip


def targets(judge: Judge, rules: Rules, category: str, text: str, *, rude: bool) -> list[str]:
    """The words of the text (in small letters) without which nothing would be found."""
    words = text.split(" ")
    found: list[str] = []
    for at, word in enumerate(words):
        bare = word.strip(".,!?\"'").lower()
        if (
            len(bare) < (4 if rude else 3)
            or not bare.isascii()
            or not bare.isalpha()
            or bare not in rules.vocabulary
        ):
            continue
        if (rude and bare not in rules.rude) or common_words().get(bare, COMMONEST) < COMMONEST:
            continue
        if not is_hit(judge, category, " ".join([*words[:at], "xyzzy", *words[at + 1 :]])):
            found.append(bare)
    return found


def disguised(text: str, words: list[str], kind: Kind, dice: random.Random) -> str:
    pieces = text.split(" ")
    for at, piece in enumerate(pieces):
        bare = piece.strip(".,!?\"'")
        if bare.lower() in words:
            pieces[at] = piece.replace(bare, kind(bare.lower(), dice))
    return " ".join(pieces)


def joined_up(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum()).lower()


def main() -> int:
    rules = load_rules()
    judge = Judge(rules)
    sets = list(corpus())
    plain = [(one.category, text) for one in sets for text in one.found if is_hit(judge, one.category, text)]
    spared = [text for one in sets for text in one.spared]
    shown = set(sys.argv[1:])
    chosen = {
        rude: [(c, t, w) for c, t in plain if (w := targets(judge, rules, c, t, rude=rude))]
        for rude in (False, True)
    }
    print(f"{'kind':<36}{'found':>12}{'false alarms':>16}")
    totals = [0, 0]
    for name, kind in KINDS.items():
        dice = random.Random(SEED)
        texts = [(c, disguised(t, w, kind, dice)) for c, t, w in chosen[name in OF_RUDE]]
        found = [is_hit(judge, category, text) for category, text in texts]
        totals = [totals[0] + sum(found), totals[1] + len(found)]
        alarms = sum(bool(judge(text)) for text in spared) if name == "leet, half" else 0
        print(
            row(f"{name}{' (rude)' if name in OF_RUDE else ''}", sum(found), len(found), alarms, len(spared))
        )
        if name in shown:
            print(
                *(f"    {text!r}" for (_, text), hit in zip(texts, found, strict=True) if not hit), sep="\n"
            )
    run = [
        (c, joined_up(t))
        for c, t in plain
        if len(joined_up(t)) <= 40 and all(x.isalpha() or x in " ,.!?'" for x in t)
    ]
    hits = [is_hit(judge, category, text) for category, text in run]
    print(row("run together", sum(hits), len(hits), 0, 0))
    if "run together" in shown:
        print(*(f"    {text!r}" for (_, text), hit in zip(run, hits, strict=True) if not hit), sep="\n")
    print(row("all", totals[0] + sum(hits), totals[1] + len(hits), 0, 0))
    return 0


if __name__ == "__main__":
    sys.exit(main())
