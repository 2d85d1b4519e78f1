"""Judgement of one text: what stands in it that a school should know, and where. Pure.

No network, no database, no clock: the same text, rules and register give the same findings. It concludes nothing and
tells nobody; `monitor.triage` and the stages do.

    rules = load_rules()
    judge = Judge(rules, register=register)
    findings = judge("text as posted")
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from monitor.detectors.changes import Change, spared
from monitor.detectors.contact import Contacts
from monitor.detectors.context import Cues, People
from monitor.detectors.harmless import Harmless
from monitor.detectors.names import Names
from monitor.detectors.normalise import Reading
from monitor.detectors.own import OwnContacts
from monitor.detectors.reader import Head, Model, ModelError
from monitor.detectors.rules import Rule, Rules, load_rules, parse_rules
from monitor.detectors.spoken import SpokenRules, is_listed
from monitor.detectors.together import together
from monitor.domain import Finding
from monitor.ports import Register

__all__ = [
    "DETECTORS",
    "Judge",
    "Model",
    "ModelError",
    "OwnContacts",
    "Rule",
    "Rules",
    "as_json",
    "judge",
    "load_rules",
    "parse_rules",
]

# The longest text that a network allows is Facebook's 63,206. Of anything longer the beginning and the end are judged
# and nothing between them, so that no text can hold up the others.
MOST_CHARACTERS, LAST_CHARACTERS = 65_536, 4_096
_MOST_WRITTEN_OUT = 4 * MOST_CHARACTERS  # one Arabic ligature is written out as eighteen letters

DETECTORS = (SpokenRules, Names, Contacts)  # in the order in which they look


class Judge:
    """All detectors, built once for a set of rules and a register; calling it is pure and safe in threads.

    `model` reads each text as a whole and has its say on what the rules found; without it the rules stand alone.
    `silenced` and `shadow` name rules by id or by the beginning of an id ("spam", "insult.teacher"). A silenced rule
    does not look; a shadow rule looks, and `shadowed` tells what it would have said. `own` contact details are no finding.
    """

    def __init__(
        self,
        rules: Rules,
        *,
        register: Register | None = None,
        silenced: frozenset[str] = frozenset(),
        shadow: frozenset[str] = frozenset(),
        own: OwnContacts | None = None,
        model: Model | None = None,
    ) -> None:
        self._normaliser = rules.normaliser
        people = self._people = People(rules.lists["forenames"], rules.lists["ordinary_names"], register)
        cues = {name: Cues(index, people.finders) for name, index in rules.contexts.items()}
        self._spoken = SpokenRules(rules, people, silenced)
        self._names = Names(people, register, cues)
        self._contacts = Contacts(cues)
        self._silenced, self._shadow = silenced, shadow
        self._own = own or OwnContacts()
        self._model = model
        self._harmless = Harmless(rules.context("harmless"), people.finders)
        self._firm = frozenset(rule.id for rule in rules.rules if rule.firm)

    def __call__(
        self,
        text: str,
        changes: Sequence[Change] = (),
        note: Callable[[Finding], None] | None = None,
    ) -> tuple[Finding, ...]:
        """What was found, by place, with a school's changes of rules; `note` hears of each finding that they took away.
        Spans are code-point offsets into `text` as given. Of a text longer than MOST_CHARACTERS, or far longer once its
        ligatures are written out, the beginning and the LAST_CHARACTERS are judged."""
        found = self._all(text, changes, note)
        if not self._shadow:
            return tuple(found)
        return tuple(one for one in found if not is_listed(one.detector, self._shadow))

    def shadowed(self, text: str) -> tuple[Finding, ...]:
        """What rules in shadow would have found."""
        return tuple(one for one in self._all(text) if is_listed(one.detector, self._shadow))

    def opinion(self, text: str) -> tuple[tuple[Head, float], ...]:
        """What the model makes of a text: each of its heads with its chance (0 to 1), the likeliest first; empty
        without a model or a word."""
        reading = self._normaliser.read(text[: _most(text)])
        if self._model is None or not reading.words:
            return ()
        chances = self._model.look(self._harmless.hidden(reading)).chances
        heads = ((head, chances[name]) for name, head in self._model.heads.items())
        return tuple(sorted(heads, key=lambda pair: -pair[1]))

    def read(self, text: str) -> Reading:
        """The words of the text as the detectors see them."""
        return self._normaliser.read(text)

    def _all(
        self,
        text: str,
        changes: Sequence[Change] = (),
        note: Callable[[Finding], None] | None = None,
    ) -> list[Finding]:
        most = _most(text)
        if len(text) <= most + LAST_CHARACTERS:
            return self._whole(text, changes, note)
        tail = len(text) - LAST_CHARACTERS
        return self._whole(text[:most], changes, note) + [
            replace(one, span=(one.span[0] + tail, one.span[1] + tail))
            for one in self._whole(text[tail:], changes, note)
        ]

    def _whole(
        self, text: str, changes: Sequence[Change], note: Callable[[Finding], None] | None
    ) -> list[Finding]:
        reading = self._normaliser.read(text)
        if not reading.words:
            return []
        spoken = self._spoken.look(reading)
        if self._model is not None:
            spoken = together(
                spoken,
                self._model.look(self._harmless.hidden(reading)),
                self._model.heads,
                reading,
                self._firm,
                names_pupil=self._people.names_pupil(reading),
            )
        found = [
            *spoken,
            *self._names.look(text, reading),
            *[
                one
                for one in self._contacts.look(text, reading)
                if not self._own.holds(text[one.span[0] : one.span[1]])
            ],
        ]
        if not found:
            return found
        return _without_repeats(
            one
            for one in found
            if not is_listed(one.detector, self._silenced) and self._stays(one, changes, reading, note)
        )

    def _stays(
        self,
        one: Finding,
        changes: Sequence[Change],
        reading: Reading,
        note: Callable[[Finding], None] | None,
    ) -> bool:
        if not spared(one, changes, reading, self._people):
            return True
        if note is not None:
            note(one)
        return False


def _without_repeats(findings: Iterable[Finding]) -> list[Finding]:
    """Of findings of one category that cover the same words the gravest stays, by place."""
    kept: list[Finding] = []
    last: dict[str, int] = {}
    for one in sorted(findings, key=lambda f: (f.span[0], -f.span[1], -f.severity, f.detector)):
        at = last.get(one.category)
        if at is not None and one.span[0] < kept[at].span[1]:
            if one.severity > kept[at].severity:
                kept[at] = one
            continue
        last[one.category] = len(kept)
        kept.append(one)
    return sorted(kept, key=lambda f: (f.span, f.category))


def judge(text: str, *, register: Register | None, rules: Rules) -> tuple[Finding, ...]:
    """The findings of one text. For many texts build one `Judge`."""
    return Judge(rules, register=register)(text)


def as_json(findings: Sequence[Finding]) -> list[dict[str, object]]:
    """Findings as `assess --jsonl` writes them: category, severity, detector and span [start, end), by span."""
    return [
        {
            "category": one.category,
            "severity": one.severity.word,
            "detector": one.detector,
            "span": [one.span[0], one.span[1]],
        }
        for one in sorted(findings, key=lambda f: (f.span, f.category, f.detector))
    ]


def _most(text: str) -> int:
    """How many characters of its beginning are judged."""
    begins = text[:MOST_CHARACTERS]
    if begins.isascii():
        return MOST_CHARACTERS
    written_out = len(unicodedata.normalize("NFKC", begins))
    return MOST_CHARACTERS * _MOST_WRITTEN_OUT // max(_MOST_WRITTEN_OUT, written_out)
