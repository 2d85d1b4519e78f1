"""Sets from which chance on each head counts, and writes `model.toml`.

`alert`: few enough false alarms, on lines of our own that were kept from training, most of them written to look harmful,
and on ordinary messages. `notice`: more of them, for what a person sees at leisure. `doubt`: so low that hardly any true
line has it. `discrimination` is noticed where hateful and not hateful are told apart best, provided that one of the
characteristics is seen too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.train.heads import DISCRIMINATION, HEADS, OF_CHARACTERISTICS
from bench.train.public import public
from bench.train.seeds import everything
from bench.train.tokens import read
from monitor.detectors.reader import Model

NAME = "schoolgate-minilm-2"
FALSE_ALARMS = 0.015  # of our own held-back lines that are no such thing, most of them written to look so
ORDINARY_ALARMS = 0.0009  # of ordinary messages that were kept from training, for each head
HATE = 3  # times as many for hate: it is what most lines of our own were written to look like
OF_ONE = 3  # texts of one seed
SEARCHED = "davidson"  # tweets that were gathered by slurs, and hold some: no measure of what hate costs
LOOKS = 3  # times as many of both for a look
LIKELY = 0.4  # less is no finding, however rare false alarms are
CHARACTERISTIC = 0.5  # from here on it is clear whom hate is about
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
        found[head] = _three(head, true, false, plain)
        alert, notice, doubt = found[head]
        print(
            f"{head:<36} alert {alert:.2f} notice {notice:.2f} doubt {doubt:.3f}; found {_above(true, alert):6.1%}"
            f" ({_above(true, notice):6.1%}) of {len(true)}, alarms {_above(false, alert):6.2%} of {len(false)},"
            f" {_above(plain, alert):6.2%} of {len(plain)}"
        )
    _write(folder, found)


def _above(values: Sequence[float], least: float) -> float:
    return sum(one >= least for one in values) / len(values) if values else 0.0


def _three(
    head: str, true: Sequence[float], false: Sequence[float], plain: Sequence[float]
) -> tuple[float, float, float]:
    """(alert, notice, doubt) of a head from the sorted chances of true, false and ordinary lines."""
    doubt = min(MOST_DOUBT, true[int(len(true) * MISSED)]) if true else 0.0
    alert = max(_least(false, plain, 1), LIKELY)
    if head == DISCRIMINATION:
        notice = max(_grid(), key=lambda t: (_macro(true, false, t), t))
        return max(notice, _least(false, plain, HATE)), notice, min(MOST_DOUBT, notice / 3)
    if head in OF_CHARACTERISTICS:
        return CHARACTERISTIC, CHARACTERISTIC, 0.0
    return alert, min(alert, max(LIKELY, _least(false, plain, LOOKS))), doubt


def _grid() -> list[float]:
    return [LOWEST + 0.01 * step for step in range(round((HIGHEST - LOWEST) / 0.01) + 1)]


def _least(false: Sequence[float], plain: Sequence[float], times: float) -> float:
    """The lowest chance with few enough false alarms of both kinds."""
    for least in _grid():
        if _above(false, least) <= FALSE_ALARMS * times and _above(plain, least) <= ORDINARY_ALARMS * times:
            return least
    return HIGHEST


def _macro(true: Sequence[float], false: Sequence[float], least: float) -> float:
    """Mean of the F1 of yes and no, both taken as equally many."""
    hit, alarm = _above(true, least), _above(false, least)
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
