"""Loads the rules of `words/*.toml` and says in one sentence what is wrong with one that cannot be used.

A rule is data: phrases (see `phrases`), the conditions under which they count (see `context`), the clause it carries
out, and examples that fire and that must not. It looks at no comment.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from monitor.detectors.context import PEOPLE
from monitor.detectors.grammar import PhraseError, phrase
from monitor.detectors.index import Index, index_of
from monitor.detectors.normalise import Normaliser
from monitor.detectors.phrases import Phrase
from monitor.domain import Severity
from monitor.triage import CATEGORIES

SPOKEN = frozenset({"spare", "lower", "keep"})
_ID = re.compile(r"[a-z_]+(?:\.[a-z0-9_]+)+")
_FILE_KEYS = frozenset({"category", "severity", "policy", "reason", "spoken", "rude", "rule"})
_RULE_KEYS = frozenset({
    "id", "category", "severity", "policy", "reason", "any", "aimed", "with", "not_with", "spoken", "negatable", "pupil", "staff", "rude",
    "firm", "fires", "spares",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `spoken` says what a quotation, a report or counter-speech does to it: spare, lower or keep; `pupil`
    and `staff` name the category it takes when such a person is its target; a `firm` rule the model does not doubt."""

    id: str
    category: str
    severity: Severity
    policy: str
    reason: str
    phrases: tuple[Phrase, ...]
    aimed: bool = False
    required: tuple[Phrase, ...] = ()
    excluded: tuple[Phrase, ...] = ()
    spoken: str = "lower"
    negatable: bool = True
    firm: bool = False
    pupil: str = ""
    staff: str = ""
    fires: tuple[str, ...] = ()
    spares: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules:
    """All rules with what they share: named lists, cues of context, short forms and forenames."""

    rules: tuple[Rule, ...]
    lists: Mapping[str, Sequence[str]]
    cues: Mapping[str, tuple[Phrase, ...]]
    slang: Mapping[str, str]
    rude: frozenset[str]
    vocabulary: frozenset[str]
    ids: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def normaliser(self) -> Normaliser:
        """The one reader of texts for these rules: half a second of work, and pure, so that every judge shares it."""
        return Normaliser(self.vocabulary, self.rude, self.slang)

    @cached_property
    def phrases(self) -> Index[Rule]:
        """Where any rule's phrases may stand; as it and the next ones know no person, every judge shares them."""
        return Index((phrase, rule) for rule in self.rules for phrase in rule.phrases)

    @cached_property
    def required(self) -> Mapping[str, Index[None]]:
        """Of each rule that has a `with` those phrases, by the rule's id."""
        return {rule.id: index_of(rule.required) for rule in self.rules if rule.required}

    @cached_property
    def excluded(self) -> Mapping[str, Index[None]]:
        """Of each rule that has a `not_with` those phrases, by the rule's id."""
        return {rule.id: index_of(rule.excluded) for rule in self.rules if rule.excluded}

    @cached_property
    def contexts(self) -> Mapping[str, Index[None]]:
        """The cues of context by their name."""
        return {name: index_of(phrases) for name, phrases in self.cues.items()}

    def context(self, name: str) -> Index[None]:
        """One of them; without any phrase where nobody wrote it."""
        return self.contexts.get(name) or index_of(())


def load_rules(extra: Path | None = None) -> Rules:
    """The rules that come with Schoolgate, and a school's own `*.toml` of the folder `extra`.

    Raises ValueError: one sentence naming the file, the rule's id and the cure.
    """
    own = sorted(extra.glob("*.toml")) if extra else []
    if not own:
        return _shipped()
    texts = _shipped_texts()
    for path in own:
        if path.name in texts:
            raise ValueError(f"{path}: a file of this name comes with Schoolgate; choose another name")
        texts[path.name] = path.read_text("utf-8")
    return parse_rules(texts)


@cache
def _shipped() -> Rules:
    """Read once in a process: nobody changes them while it runs."""
    return parse_rules(_shipped_texts())


def _shipped_texts() -> dict[str, str]:
    return {
        entry.name: entry.read_text("utf-8")
        for entry in resources.files("monitor.detectors").joinpath("words").iterdir()
        if entry.name.endswith(".toml")
    }


def parse_rules(texts: Mapping[str, str]) -> Rules:
    """Rules from the text of each file by its name; names that begin with `_` hold what rules share."""
    files = {name: _parsed(name, text) for name, text in sorted(texts.items())}
    lists = dict(_strings(files.get("_lists.toml", {}), "_lists.toml", "lists"))
    cues = {
        name: _phrases("_context.toml", name, values, lists)
        for name, values in _strings(files.get("_context.toml", {}), "_context.toml", "cues").items()
    }
    slang = files.get("_slang.toml", {}).get("slang", {})
    rules: list[Rule] = []
    rude: set[str] = set()
    for name, content in files.items():
        if name.startswith("_"):
            continue
        for unknown in sorted(content.keys() - _FILE_KEYS):
            raise ValueError(
                f"{name}: there is no key {unknown!r}; known are {', '.join(sorted(_FILE_KEYS))}"
            )
        rude.update(content.get("rude", ()))
        for entry in content.get("rule", ()):
            rules.append(_rule(name, content, entry, lists))
            rude.update(entry.get("rude", ()))
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise ValueError(f"the rule id {rule.id} is used twice: give one of them another id")
        seen.add(rule.id)
    shared = frozenset(word for found in _all_phrases(rules, cues) for word in found.words())
    for word in sorted(shared & slang.keys()):
        raise ValueError(f"a rule uses {word!r}, which is read as {slang[word]!r}: write that in the rule")
    vocabulary = {word.rstrip("~") for word in shared} | rude
    return Rules(tuple(rules), lists, cues, slang, frozenset(rude), frozenset(vocabulary), frozenset(seen))


def _all_phrases(rules: Iterable[Rule], cues: Mapping[str, tuple[Phrase, ...]]) -> Iterable[Phrase]:
    for rule in rules:
        yield from rule.phrases
        yield from rule.required
        yield from rule.excluded
    for found in cues.values():
        yield from found


def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}: this is not TOML: {error}") from error


def _strings(content: Mapping[str, Any], name: str, table: str) -> Mapping[str, Sequence[str]]:
    values: Mapping[str, Any] = content.get(table, {})
    for key, value in values.items():
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValueError(f"{name}: {table}.{key} must be a list of texts")
    return values


def _phrases(
    name: str, owner: str, sources: Sequence[str], lists: Mapping[str, Sequence[str]]
) -> tuple[Phrase, ...]:
    try:
        return tuple(phrase(source, lists, PEOPLE) for source in sources)
    except PhraseError as error:
        raise ValueError(f"{name}: {owner}: {error}") from error


def _rule(
    name: str, content: Mapping[str, Any], entry: Mapping[str, Any], lists: Mapping[str, Sequence[str]]
) -> Rule:
    rule_id = str(entry.get("id", ""))
    where = f"{name}: {rule_id or 'a rule without id'}"
    _check_shape(where, rule_id, entry)
    shared = {key: content[key] for key in ("severity", "policy", "reason", "spoken") if key in content}
    merged = {**shared, **entry}
    category = str(entry.get("category", content.get("category", "")))
    _check_categories(where, category, entry)
    word = str(merged.get("severity", CATEGORIES[category].severity.word))
    if word.upper() not in Severity.__members__:
        raise ValueError(f"{where}: severity {word!r} must be low, medium, high or critical")
    spoken = str(merged.get("spoken", "lower"))
    if spoken not in SPOKEN:
        raise ValueError(f"{where}: spoken {spoken!r} must be one of {', '.join(sorted(SPOKEN))}")
    for key, lack in (("policy", "which clause it serves"), ("reason", "why it looks")):
        if not merged.get(key):
            raise ValueError(f"{where}: {key} is missing: say {lack}")
    return Rule(
        id=rule_id,
        category=category,
        severity=Severity.named(word),
        policy=str(merged["policy"]),
        reason=str(merged["reason"]),
        phrases=_phrases(name, rule_id, entry["any"], lists),
        aimed=bool(entry.get("aimed", False)),
        required=_phrases(name, rule_id, entry.get("with", []), lists),
        excluded=_phrases(name, rule_id, entry.get("not_with", []), lists),
        spoken=spoken,
        negatable=bool(entry.get("negatable", True)),
        firm=bool(entry.get("firm", False)),
        pupil=str(entry.get("pupil", "")),
        staff=str(entry.get("staff", "")),
        fires=tuple(entry.get("fires", ())),
        spares=tuple(entry.get("spares", ())),
    )


def _check_shape(where: str, rule_id: str, entry: Mapping[str, Any]) -> None:
    if not _ID.fullmatch(rule_id):
        raise ValueError(f"{where}: an id is words in small letters with dots between, such as threat.knife")
    for unknown in sorted(entry.keys() - _RULE_KEYS):
        raise ValueError(f"{where}: there is no key {unknown!r}; known are {', '.join(sorted(_RULE_KEYS))}")
    for key in ("any", "with", "not_with", "fires", "spares", "rude"):
        value = entry.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValueError(f"{where}: {key} must be a list of texts")
    for key in ("aimed", "negatable", "firm"):
        if not isinstance(entry.get(key, True), bool):
            raise ValueError(f"{where}: {key} must be true or false")  # noqa: TRY004 - one error for all of a file
    if not entry.get("any"):
        raise ValueError(f"{where}: `any` must hold at least one phrase")


def _check_categories(where: str, category: str, entry: Mapping[str, Any]) -> None:
    for key, value in (("category", category), ("pupil", entry.get("pupil")), ("staff", entry.get("staff"))):
        if value is not None and value not in CATEGORIES:
            raise ValueError(f"{where}: {key} {value!r} is no category; see categories.toml")
