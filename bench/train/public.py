"""Reads the public data that the model is trained on: only sets with a clear licence, each of which the card names.

    DIR/convabuse davidson edos hatemoji hatexplain sms_spam surge_toxicity toxigen unintended_bias

What a set does not tell is left undecided, never taken as a no: Davidson's "offensive" is mostly profanity and says
nothing of hate; a hateful line may be an insult as well. Its own test split or a fixed share of each set is held back.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import html
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from bench.train.heads import CHARACTERISTICS, DISCRIMINATION, HEADS, OF_CHARACTERISTICS
from bench.train.seeds import Text, is_held_back

_DISTRESS = re.compile(
    r"\b(?:di(?:e|ed|ing)|dead|kill|suicid\w*|hurt\w*|eat\w*|alone|lonely|depress\w*|cry|sad|afraid|scared|help)\b",
    re.IGNORECASE,
)
csv.field_size_limit(10_000_000)
_NEVER_TOLD = frozenset(
    {"complaint", "press", "identifying.whereabouts", "identifying.health_family", "false_information"}
)
_ALL = frozenset(HEADS)
_ORDINARY = dict.fromkeys(HEADS, 0)  # of a text that nobody objects to
_CONDUCT = {
    "insult",
    "bullying",
    "profanity",
    "threat",
    "sexual",
    "extremism",
    "staff_allegation",
    "child_at_risk",
}
_TARGETS = {
    "wom": "sex", "trans": "gender_reassignment", "gay": "sexual_orientation", "bis": "sexual_orientation",
    "lgb": "sexual_orientation", "dis": "disability", "mus": "religion_or_belief", "jew": "religion_or_belief",
    "sikh": "religion_or_belief", "hind": "religion_or_belief", "bla": "race", "asi": "race", "arab": "race", "immig": "race",
    "trav": "race", "ref": "race", "hisp": "race", "ethmin": "race", "mix": "race", "nat": "race", "african": "race", "for": "race",
    "asy": "race", "abo": "race", "indig": "race",
}  # fmt: skip
_TOXIGEN = {
    "disability": "disability", "nationality": "race", "race": "race", "religion": "religion_or_belief",
    "sexual_orientation": "sexual_orientation",
}  # fmt: skip


def labelled(hateful: int, *, undecided: set[str], characteristic: str = "") -> Mapping[str, int]:
    """Hateful or not and about whom, as far as that is known; the heads `undecided` are left out."""
    known = {head: 0 for head in HEADS if head not in undecided and not head.startswith(DISCRIMINATION)}
    known[DISCRIMINATION] = hateful
    if not hateful:
        known.update(dict.fromkeys(OF_CHARACTERISTICS, 0))
    elif characteristic:
        known[f"{DISCRIMINATION}.{characteristic}"] = 1
    return known


def _rows(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
        yield from csv.DictReader(file, delimiter=delimiter, quoting=quoting)


def _hatemoji(folder: Path) -> Iterator[tuple[Text, bool]]:
    for name, held in (("build_train.csv", False), ("build_validation.csv", True)):
        for row in _rows(folder / name):
            hateful = int(row["label_gold"])
            target = ast.literal_eval(row["target"])[0] if hateful and row["target"].startswith("[") else ""
            found = next((value for key, value in _TARGETS.items() if target.startswith(key)), "")
            # of what is not hateful most was written to look so: it may well be abuse of a person
            labels = labelled(hateful, undecided=set(_CONDUCT), characteristic=found)
            yield Text(row["text"], labels, "hatemoji"), held


def _edos(folder: Path) -> Iterator[tuple[Text, bool]]:
    sex = f"{DISCRIMINATION}.sex"
    for row in _rows(folder / "edos_labelled_aggregated.csv"):
        sexist = row["label_sexist"] == "sexist"
        labels = (
            dict(labelled(1, undecided=set(_CONDUCT), characteristic="sex"))
            if sexist
            else {sex: 0, "spam": 0, "grooming": 0}
        )
        yield Text(row["text"], labels, "edos"), row["split"] == "dev"


def _davidson(folder: Path) -> Iterator[tuple[Text, bool]]:
    offensive = 0
    for row in _rows(folder / "labeled_data_80.csv"):
        text, label = row["tweet"], row["class"]
        if label == "0":
            yield Text(text, labelled(1, undecided=set(_CONDUCT)), "davidson"), is_held_back(text)
        elif label == "2":
            yield Text(text, {key: 0 for key in HEADS if key != "profanity"}, "davidson"), is_held_back(text)
        else:
            offensive += 1
            if offensive % 4 == 0:  # 15,000 of one kind would drown the others
                known = dict.fromkeys(
                    ("spam", "grooming", "child_at_risk", "self_harm_encouragement", "press"), 0
                )
                yield Text(text, {**known, "profanity": 1}, "davidson"), is_held_back(text)


def _hatexplain(folder: Path) -> Iterator[tuple[Text, bool]]:
    for name, held in (("train.tsv", False), ("valid.tsv", True)):
        for row in _rows(folder / name, "\t"):
            text = (row["text"] or "").replace("<", "").replace(">", "").replace(" ’ ", "'")
            if row["label"] == "offensive":  # between the other two: nothing is said of hate
                yield Text(text, {"spam": 0, "grooming": 0, "press": 0, "complaint": 0}, "hatexplain"), held
                continue
            hateful = int(row["label"] == "hatespeech")
            yield Text(text, labelled(hateful, undecided=set(_CONDUCT)), "hatexplain"), held


def _convabuse(folder: Path) -> Iterator[tuple[Text, bool]]:
    for name, held in (("train.csv", False), ("valid.csv", False), ("test.csv", True)):
        for row in _rows(folder / name):
            worst = [
                step
                for key, value in row.items()
                if value in ("1", "1.0") and ".is_abuse" not in key and "_is_abuse." in key
                for step in [int(key.rsplit(".", 1)[1])]
            ]
            if not worst:
                continue
            if all(step > 0 for step in worst):
                yield (
                    Text(
                        row["user"],
                        {key: 0 for key in HEADS if key not in _NEVER_TOLD | _distress(row["user"])},
                        "convabuse",
                    ),
                    held,
                )
            elif all(step < 0 for step in worst):
                told = {"spam": 0, "press": 0, "complaint": 0}
                if _any(row, "sex_harassment"):
                    told["sexual"] = 1
                elif not _any(row, "sexist"):
                    told["insult"] = 1
                yield Text(row["user"], told, "convabuse"), held


def _distress(text: str) -> set[str]:
    """What people tell a chatbot of themselves may be distress; where it sounds so, that head is left out."""
    return {"child_at_risk"} if _DISTRESS.search(text) else set()


def _any(row: Mapping[str, str], column: str) -> bool:
    return any(value in ("1", "1.0") for key, value in row.items() if key.endswith(f"_{column}"))


def _surge(folder: Path) -> Iterator[tuple[Text, bool]]:
    for row in _rows(folder / "toxicity_en.csv"):
        text = row["text"]
        if row["is_toxic"] == "Toxic":
            yield Text(text, {"spam": 0, "press": 0, "grooming": 0}, "surge"), is_held_back(text)
        else:
            yield (
                Text(text, {key: 0 for key in HEADS if key not in {"profanity", *_NEVER_TOLD}}, "surge"),
                is_held_back(text),
            )


def _sms(folder: Path) -> Iterator[tuple[Text, bool]]:
    for name, held in (("train.csv", False), ("valid.csv", False), ("test.csv", True)):
        for row in _rows(folder / name):
            ham = {head: value for head, value in _ORDINARY.items() if head not in {"profanity", "sexual"}}
            labels = {**_ORDINARY, "spam": 1} if row["v1"] == "spam" else ham
            if row["v1"] == "spam":
                labels.pop("sexual")
            yield Text(row["v2"], labels, "sms_spam"), held


def _toxigen(folder: Path) -> Iterator[tuple[Text, bool]]:
    for path in sorted((folder / "demonstrations").rglob("*.txt")):
        hateful = int(path.name.startswith("hate"))
        group = "religion_or_belief" if "jewish" in path.name else _TOXIGEN[path.parent.name]
        for text in path.read_text("utf-8").splitlines():
            if text.strip():
                yield (
                    Text(text, labelled(hateful, undecided=set(_CONDUCT), characteristic=group), "toxigen"),
                    is_held_back(text),
                )


def _madlibs(folder: Path) -> Iterator[tuple[Text, bool]]:
    for row in _rows(folder / "bias_madlibs_77k.csv"):
        text = row["Text"]
        if int(hashlib.sha256(text.encode()).hexdigest()[8:16], 16) % 100 >= 5:
            continue
        bad = int(row["Label"] == "BAD")
        yield (
            Text(text, labelled(bad, undecided=set(_CONDUCT)) if bad else _ORDINARY, "madlibs"),
            is_held_back(text),
        )


SETS: Mapping[str, Callable[[Path], Iterator[tuple[Text, bool]]]] = {
    "hatemoji": _hatemoji, "edos": _edos, "davidson": _davidson, "hatexplain": _hatexplain, "convabuse": _convabuse,
    "surge_toxicity": _surge, "sms_spam": _sms, "toxigen": _toxigen, "unintended_bias": _madlibs,
}  # fmt: skip
assert set(_TARGETS.values()) <= set(CHARACTERISTICS)


def public(data: Path, *, held_back: bool) -> Iterator[Text]:
    """All public texts for training, or those that are held back from it, with "&amp;" and its like as their network shows
    them. FileNotFoundError: a set is missing."""
    for name, load in SETS.items():
        for text, held in load(data / name):
            if held is held_back and text.text.strip():
                yield text._replace(text=html.unescape(text.text))
