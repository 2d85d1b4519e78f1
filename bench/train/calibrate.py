"""Sets from which chance on each head counts, and writes `model.toml`.

`alert`: few enough false alarms, on lines of our own that were kept from training, most of them written to look harmful,
and on ordinary messages. `notice`: more of them, for what a person sees at leisure. `doubt`: so low that hardly any true
line has it. `discrimination` is noticed where hateful and not hateful are told apart best, provided that one of the
characteristics is seen too: how surely, is set together with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.train.heads import DISCRIMINATION, HEADS, OF_CHARACTERISTICS
from bench.train.public import public
from bench.train.seeds import everything
from bench.train.tokens import read
from monitor.detectors.reader import Model
from monitor.domain import Severity
from monitor.triage import CATEGORIES

NAME = "schoolgate-minilm-4"
FALSE_ALARMS = 0.015  # of our own held-back lines that are no such thing, most of them written to look so
ORDINARY_ALARMS = 0.0009  # of ordinary messages that were kept from training, for each head
HATE = 2  # times as many for hate: it is what most lines of our own were written to look like
OF_ONE = 3  # texts of one seed
SEARCHED = "davidson"  # tweets that were gathered by slurs, and hold some: no measure of what hate costs
LOOKS = 6  # times as many of both for a look
WAITS = 4  # times as many ordinary ones where all that happens is a line in the digest
LIKELY = 0.45  # less is no finding, however rare false alarms are
MOST_HATE = 0.06  # of held-back lines that are not hateful may be taken for it, where it is noticed
CHARACTERISTIC = 0.5  # from here on it is clear whom hate is about
CHARACTERISTICS_SEEN = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, CHARACTERISTIC)  # or may be: one of these
MISSED = 0.02  # of the true lines, below which a rule may be doubted
LOWEST, HIGHEST, MOST_DOUBT = 0.15, 0.98, 0.15
_SAYS = {  # the clause that a head serves, and what it says of a text
    DISCRIMINATION: (
        "Milverton 4.6.1: protected characteristics; Equality Act 2010 s. 4",
        "may be derogatory about people with a protected characteristic",
    ),
    "threat": (
        "KCSIE part two; Llandough 4: threatening",
        "may threaten somebody",
    ),
    "grooming": (
        "KCSIE part two; St Mary's: inappropriate communications involving any child",
        "may seek private contact with a child",
    ),
    "child_at_risk": (
        "KCSIE part one: disclosure; Milverton 4.1",
        "may tell of a child in danger or distress",
    ),
    "self_harm_encouragement": (
        "KCSIE: content and conduct; Online Safety Act 2023 s. 184",
        "may urge somebody to harm themselves",
    ),
    "extremism": (
        "Prevent duty; KCSIE annex B",
        "may promote terror or hatred as a cause",
    ),
    "bullying": (
        "Stoke Poges, cyber bullying: zero tolerance; Milverton 4.6.2",
        "may be aimed at a child to hurt",
    ),
    "sexual": (
        "Milverton 6.1: sexual; KCSIE part five",
        "may be a sexual remark",
    ),
    "staff_allegation": (
        "Milverton 9.1: allegations go to the LADO first; KCSIE part four",
        "may accuse a member of staff",
    ),
    "insult": (
        "Cansfield: insults or obscenity; Milverton 6.4",
        "may be abuse aimed at a person",
    ),
    "false_information": (
        "Milverton 6.11; Cansfield: false or misleading",
        "may be untrue news about the school",
    ),
    "drugs_weapons": (
        "KCSIE: child criminal exploitation; Online Safety Act 2023",
        "may offer or boast of drugs or weapons",
    ),
    "profanity": (
        "St Mary's: inappropriate comments",
        "has crude language",
    ),
    "spam": (
        "St Mary's, Users: never spam or advertisements",
        "may be advertising or a swindle",
    ),
    "complaint": (
        "Milverton 6.14; Stoke Poges: complaints go to the school",
        "may be a complaint that wants an answer",
    ),
    "press": (
        "Cansfield: enquiries for comments go to the headteacher",
        "may come from the press",
    ),
    "identifying.whereabouts": (
        "St Mary's, Users: no age, contact numbers, where you live",
        "may tell where a child can be found",
    ),
    "identifying.health_family": (
        "Cansfield, posting guidance 2: no identifying information",
        "may tell what is private of a child or family",
    ),
}
_ORDINARY_SETS = frozenset({"sms_spam", "davidson", "convabuse", "surge"})


def describe(folder: Path, data: Path) -> None:
    """Writes `folder`/model.toml and prints what the thresholds cost."""
    _write(folder, dict.fromkeys(HEADS, (0.5, 0.5, 0.05)))
    model = Model(folder)
    ours = list(everything(1, held_back=True, most=OF_ONE))
    ordinary = [
        one
        for one in public(data, held_back=True)
        if one.function in _ORDINARY_SETS and not any(one.labels.values())
    ]
    chances = [model.look(read(one.text)).chances for one in ours]
    others = [model.look(read(one.text)).chances for one in ordinary]
    hate = _hate(
        *(
            [c for c, one in zip(chances, ours, strict=True) if one.labels.get(DISCRIMINATION) == is_so]
            for is_so in (1, 0)
        )
    )
    found: dict[str, tuple[float, float, float]] = {}
    for head in HEADS:
        true = sorted(c[head] for c, one in zip(chances, ours, strict=True) if one.labels.get(head) == 1)
        false = sorted(c[head] for c, one in zip(chances, ours, strict=True) if one.labels.get(head) == 0)
        plain = sorted(
            c[head]
            for c, one in zip(others, ordinary, strict=True)
            if one.labels.get(head) == 0
            and not (head.startswith(DISCRIMINATION) and one.function == SEARCHED)
        )
        found[head] = _three(head, true, false, plain, hate)
        alert, notice, doubt = found[head]
        print(
            f"{head:<36} alert {alert:.2f} notice {notice:.2f} doubt {doubt:.3f}; found {_above(true, alert):6.1%}"
            f" ({_above(true, notice):6.1%}) of {len(true)}, alarms {_above(false, alert):6.2%} of {len(false)},"
            f" {_above(plain, alert):6.2%} of {len(plain)}"
        )
    _write(folder, found)


def _above(values: Sequence[float], least: float) -> float:
    return sum(one >= least for one in values) / len(values) if values else 0.0


def _hate(true: Sequence[Mapping[str, float]], false: Sequence[Mapping[str, float]]) -> tuple[float, float]:
    """(notice, characteristic): from which chances on hate is noticed, so that it is best told from what is none."""

    def pairs(lines: Sequence[Mapping[str, float]]) -> list[tuple[float, float]]:
        return [(one[DISCRIMINATION], max(one[name] for name in OF_CHARACTERISTICS)) for one in lines]

    def quality(notice: float, seen: float) -> tuple[bool, float, float]:
        hit, alarm = (
            sum(chance >= notice and named >= seen for chance, named in some) / max(1, len(some))
            for some in both
        )
        return alarm <= MOST_HATE, _macro(hit, alarm), notice

    both = (pairs(true), pairs(false))
    return max(
        ((notice, seen) for notice in _grid() for seen in CHARACTERISTICS_SEEN), key=lambda two: quality(*two)
    )


def _three(
    head: str,
    true: Sequence[float],
    false: Sequence[float],
    plain: Sequence[float],
    hate: tuple[float, float],
) -> tuple[float, float, float]:
    """(alert, notice, doubt) of a head from the sorted chances of true, false and ordinary lines."""
    doubt = min(MOST_DOUBT, true[int(len(true) * MISSED)]) if true else 0.0
    notice, seen = hate
    if head in OF_CHARACTERISTICS:
        return CHARACTERISTIC, seen, 0.0
    if head == DISCRIMINATION:
        return max(notice, _least(false, plain, HATE, HATE)), notice, min(MOST_DOUBT, notice / 3)
    waits = CATEGORIES[head].severity is Severity.LOW
    alert = max(LIKELY, _least(false, plain, 1, WAITS if waits else 1))
    return alert, min(alert, max(LIKELY, _least(false, plain, LOOKS, WAITS if waits else LOOKS))), doubt


def _grid() -> list[float]:
    return [LOWEST + 0.01 * step for step in range(round((HIGHEST - LOWEST) / 0.01) + 1)]


def _least(false: Sequence[float], plain: Sequence[float], of_false: float, of_plain: float) -> float:
    """The lowest chance with few enough false alarms of both kinds: so many times as many as one head may have. One
    ordinary message alone decides nothing."""
    for least in _grid():
        most_plain = max(ORDINARY_ALARMS * of_plain, 1 / max(1, len(plain)))
        if _above(false, least) <= FALSE_ALARMS * of_false and _above(plain, least) <= most_plain:
            return least
    return HIGHEST


def _macro(hit: float, alarm: float) -> float:
    """Mean of the F1 of yes and no, both taken as equally many, from the shares of both that are taken for yes."""
    yes = 2 * hit / (hit + 1 + alarm) if hit else 0.0
    no = 2 * (1 - alarm) / ((1 - alarm) + 1 + (1 - hit)) if alarm < 1 else 0.0
    return (yes + no) / 2


def _write(folder: Path, found: dict[str, tuple[float, float, float]]) -> None:
    lines = [
        "# Written by `python -m bench.train`. The heads in the order of the model's answers. A chance from `alert` on is a",
        "# finding; from `notice` on one to look at; below `doubt` a rule of this kind is not believed, unless it is firm.",
        f'name = "{NAME}"',
    ]
    for head in HEADS:
        alert, notice, doubt = found[head]
        name = f'"{head}"' if "." in head else head
        policy, says = _SAYS[DISCRIMINATION] if head in OF_CHARACTERISTICS else _SAYS[head]
        lines += [
            "",
            f"[head.{name}]",
            f"alert = {alert:.2f}",
            f"notice = {notice:.2f}",
            f"doubt = {doubt:.4f}",
        ]
        lines += [f'policy = "{policy}"', f'reason = "Read as a whole it {says}"']
    (folder / "model.toml").write_text("\n".join(lines) + "\n", "utf-8")
