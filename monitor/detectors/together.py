"""What the rules found and what the model made of the text, as one list of findings. Pure.

The rules know words and say why; the model knows how people talk and sees what no word gives away. The model adds what
it is sure of, and takes back what a rule says of a text in which it sees nothing of the kind. It never takes back a
rule that is `firm`, a name or a contact detail; of what would be critical it takes back no more than the alarm: a
person still reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from monitor.detectors.normalise import Reading
from monitor.detectors.reader import Head, Impression
from monitor.domain import Finding, Severity
from monitor.triage import CATEGORIES

DISCRIMINATION = "discrimination"
PREFIX = "model."
_IDENTIFYING = "identifying."
# What a rule says of one of these is believed where the model sees any of the others: where teasing ends and abuse
# begins is no reason to doubt either.
_CONDUCT = frozenset({
    "insult", "bullying", "threat", "sexual", "self_harm_encouragement", "extremism", "staff_allegation",
})  # fmt: skip
_SAFETY = frozenset({"child_at_risk", "grooming", "sexual", "self_harm_encouragement", "threat"})
_NOT_DOUBTED = frozenset({"complaint", "press", "spam", "profanity"})  # they wait for the digest as it is
_INSTEAD = {"insult": "bullying", "bullying": "insult"}  # of the two one is enough


def together(
    found: Sequence[Finding],
    impression: Impression,
    heads: Mapping[str, Head],
    reading: Reading,
    firm: frozenset[str],
    *,
    names_pupil: bool = False,
) -> list[Finding]:
    """The findings that stay, and those that the model adds. `firm` are ids of rules that it never doubts;
    `names_pupil` says that a forename or surname of a pupil stands in the text."""
    kept = [one for finding in found for one in _believed(finding, impression, heads, firm)]
    return kept + list(_added(kept, impression, heads, reading, names_pupil))


def _believed(
    finding: Finding, impression: Impression, heads: Mapping[str, Head], firm: frozenset[str]
) -> Iterable[Finding]:
    family = finding.category.split(".", maxsplit=1)[0]
    head = heads.get(family if family == DISCRIMINATION else finding.category)
    if head is None or finding.detector in firm or finding.category in _NOT_DOUBTED:
        return (finding,)
    kin = {head.name}
    for company in (_CONDUCT, _SAFETY):
        if head.name in company:
            kin |= company
    if max(impression.chances.get(name, 0.0) for name in kin) >= head.doubt:
        return (finding,)
    if finding.severity is Severity.CRITICAL:
        return (replace(finding, severity=Severity.MEDIUM, reason=f"{finding.reason}; the model doubts it"),)
    if finding.severity is Severity.LOW or family == DISCRIMINATION:
        return ()
    return (replace(finding, severity=Severity.LOW, reason=f"{finding.reason}; the model doubts it"),)


def _added(
    kept: Sequence[Finding],
    impression: Impression,
    heads: Mapping[str, Head],
    reading: Reading,
    names_pupil: bool,
) -> Iterable[Finding]:
    """What the model alone finds. Of a category that a rule found as grave already nothing is added.

    Of what it is less sure of (for hate: that it is derogatory, or about whom), what would be critical is still told of
    at once, and where to find a pupil who is named within the hour; all else waits for the digest."""
    known: dict[str, Severity] = {}
    for one in kept:
        known[one.category] = max(known.get(one.category, Severity.LOW), one.severity)
    for name, head in heads.items():
        chance = impression.chances[name]
        if chance < head.notice or name.startswith(f"{DISCRIMINATION}."):
            continue
        category = _characteristic(impression) if name == DISCRIMINATION else name
        severity = CATEGORIES[category].severity
        about = impression.chances[category] if name == DISCRIMINATION else 1.0
        if about < heads[category].notice:
            continue  # derogatory, but about nobody that the law names
        if chance < head.alert or about < heads[category].alert:
            severity = _less_sure(severity, name.startswith(_IDENTIFYING) and names_pupil)
        other = _INSTEAD.get(name)
        if other and (known.get(other, 0) >= severity or impression.chances[other] > chance):
            continue
        if name == DISCRIMINATION and any(one.category.startswith(name) for one in kept):
            continue
        if name == DISCRIMINATION and severity is Severity.LOW and _INSTEAD.keys() & known.keys():
            continue  # abuse of one person, which a rule has found; that it is of a group is no more than a guess
        if known.get(category, 0) >= severity:
            continue
        start, end = impression.places[name]
        yield Finding(
            category,
            severity,
            PREFIX + name,
            head.reason,
            reading.span(start, end),
            head.policy,
        )


def _less_sure(severity: Severity, tells_of_pupil: bool) -> Severity:
    if severity is Severity.CRITICAL:
        return Severity.HIGH
    return Severity.MEDIUM if tells_of_pupil else Severity.LOW


def _characteristic(impression: Impression) -> str:
    """The characteristic that the model finds likeliest."""
    named = {
        name: chance for name, chance in impression.chances.items() if name.startswith(f"{DISCRIMINATION}.")
    }
    return max(named, key=lambda name: named[name])
