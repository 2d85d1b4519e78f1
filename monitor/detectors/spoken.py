"""The detector of words: which rules' phrases stand in a reading, and whether their context lets them count. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.detectors.context import Cues, People, Target, around, denied, sentence
from monitor.detectors.normalise import Reading
from monitor.detectors.rules import Rule, Rules
from monitor.domain import Finding, Severity
from monitor.triage import default_severity

MOST_PLACES = 200  # that one rule looks at in one text; beyond it the text has long been found
_TARGET_REACH = 8


class SpokenRules:
    """Every rule of the words, ready to look. `silenced` are ids of rules (or `prefix.`) that a school switched off."""

    name = "words"

    def __init__(self, rules: Rules, people: People, silenced: frozenset[str] = frozenset()) -> None:
        finders = people.finders
        self._people = people
        self._silenced = frozenset(rule.id for rule in rules.rules if is_listed(rule.id, silenced))
        self._index = rules.phrases
        self._required = {rule_id: Cues(index, finders) for rule_id, index in rules.required.items()}
        self._excluded = {rule_id: Cues(index, finders) for rule_id, index in rules.excluded.items()}
        self._counter = Cues(rules.context("counter"), finders)
        self._reported = Cues(rules.context("reported"), finders)

    def look(self, reading: Reading) -> Sequence[Finding]:
        """The findings of all rules, each rule at most once at a place."""
        looked: dict[str, int] = {}
        ends: dict[str, int] = {}
        findings: list[Finding] = []
        for place, phrase, rule in self._index.among(reading.words):
            if rule.id in self._silenced:
                continue
            if ends.get(rule.id, 0) > place or looked.get(rule.id, 0) >= MOST_PLACES:
                continue
            match = phrase.match(reading, place, self._people.finders)
            if match is None:
                continue
            looked[rule.id] = looked.get(rule.id, 0) + 1
            finding = self._judged(rule, reading, *match)
            if finding is not None:
                ends[rule.id] = match[1]
                findings.append(finding)
        return findings

    def _judged(self, rule: Rule, reading: Reading, start: int, end: int) -> Finding | None:
        if self._is_spared(rule, reading, start, end):
            return None
        severity = rule.severity
        told = 0 if rule.spoken == "keep" else self._told(reading, start, end)
        if told:
            if rule.spoken == "spare":
                return None
            # a slur that is told of, or a threat, is still somebody's to look at: one step and no more
            steps = 1 if rule.firm or severity is Severity.CRITICAL else told
            severity = Severity(max(Severity.LOW, severity - steps))
        category = rule.category
        if rule.aimed or rule.pupil or rule.staff:
            target = self._people.target(reading, start, end)
            if rule.aimed and target is Target.NOBODY:
                return None
            category = {Target.PUPIL: rule.pupil, Target.STAFF: rule.staff}.get(target) or category
            if category != rule.category:
                severity = max(severity, _family_severity(category, rule, severity))
        return Finding(category, severity, rule.id, rule.reason, reading.span(start, end), rule.policy)

    def _is_spared(self, rule: Rule, reading: Reading, start: int, end: int) -> bool:
        """Whether a benign context, a missing cue, a negation or counter-speech takes the match away."""
        near = around(reading, start, end)
        excluded, required = self._excluded.get(rule.id), self._required.get(rule.id)
        if excluded is not None and excluded.stands(reading, *near):
            return True
        if required is not None and not required.stands(reading, *near):
            return True
        if rule.negatable and denied(reading, start):
            return True
        return rule.spoken != "keep" and self._counter.stands(reading, *near)

    def _told(self, reading: Reading, start: int, end: int) -> int:
        """By how many signs the words are another person's: quoted, and reported in the same sentence."""
        reported = self._reported.stands(reading, *sentence(reading, start, end, _TARGET_REACH))
        return int(reading.quoted[start]) + int(reported)


def _family_severity(category: str, rule: Rule, severity: Severity) -> Severity:
    """The severity of a category that a rule turns to, lowered as far as the rule's own was."""
    lowered = rule.severity - severity
    return Severity(max(Severity.LOW, default_severity(category) - lowered))


def is_listed(rule_id: str, listed: frozenset[str]) -> bool:
    """Whether a rule is named in a school's list, by its id or by the beginning of its id ("spam")."""
    return bool(listed) and (rule_id in listed or any(rule_id.startswith(f"{entry}.") for entry in listed))
