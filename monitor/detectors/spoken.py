"""The detector of words: which rules' phrases stand in a reading, and whether their context lets them count. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.detectors.context import Cues, People, Target, around, denied, sentence
from monitor.detectors.normalise import Reading
from monitor.detectors.phrases import Index
from monitor.detectors.rules import Rule, Rules
from monitor.domain import Finding, Severity
from monitor.triage import default_severity

MOST_PLACES = 200  # that one rule looks at in one text; beyond it the text has long been found
_TARGET_REACH = 8


class SpokenRules:
    """Every rule of the words, ready to look. `silenced` are ids of rules (or `prefix.`) that a school switched off."""

    name = "words"

    def __init__(self, rules: Rules, people: People, silenced: frozenset[str] = frozenset()) -> None:
        kept = [rule for rule in rules.rules if not is_listed(rule.id, silenced)]
        finders = people.finders
        self._people = people
        self._index: Index[Rule] = Index((phrase, rule) for rule in kept for phrase in rule.phrases)
        self._required = {rule.id: Cues(rule.required, finders) for rule in kept if rule.required}
        self._excluded = {rule.id: Cues(rule.excluded, finders) for rule in kept if rule.excluded}
        self._counter = Cues(rules.cues.get("counter", ()), finders)
        self._reported = Cues(rules.cues.get("reported", ()), finders)

    def look(self, reading: Reading) -> Sequence[Finding]:
        """The findings of all rules, each rule at most once at a place."""
        looked: dict[str, int] = {}
        ends: dict[str, int] = {}
        findings: list[Finding] = []
        for place, word in enumerate(reading.words):
            for phrase, rule in self._index.at(word):
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
        low, high = around(reading, start, end)
        excluded, required = self._excluded.get(rule.id), self._required.get(rule.id)
        if excluded is not None and excluded.stands(reading, low, high):
            return None
        if required is not None and not required.stands(reading, low, high):
            return None
        if rule.negatable and denied(reading, start):
            return None
        severity = rule.severity
        if rule.spoken != "keep":
            if self._counter.stands(reading, low, high):
                return None
            near = sentence(reading, start, end, _TARGET_REACH)
            if reading.quoted[start] or self._reported.stands(reading, *near):
                if rule.spoken == "spare":
                    return None
                severity = Severity(max(Severity.LOW, severity - 1))
        category = rule.category
        if rule.aimed or rule.pupil or rule.staff:
            target = self._people.target(reading, start, end)
            if rule.aimed and target is Target.NOBODY:
                return None
            if target is Target.PUPIL and rule.pupil:
                category = rule.pupil
            elif target is Target.STAFF and rule.staff:
                category = rule.staff
            if category != rule.category:
                severity = Severity(max(severity, _family_severity(category, rule, severity)))
        return Finding(category, severity, rule.id, rule.reason, reading.span(start, end), rule.policy)


def _family_severity(category: str, rule: Rule, severity: Severity) -> Severity:
    """The severity of a category that a rule turns to, lowered as far as the rule's own was."""
    lowered = rule.severity - severity
    return Severity(max(Severity.LOW, default_severity(category) - lowered))


def is_listed(rule_id: str, listed: frozenset[str]) -> bool:
    """Whether a rule is named in a school's list, by its id or by the beginning of its id ("spam")."""
    return rule_id in listed or any(rule_id.startswith(f"{entry}.") for entry in listed)
