from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.domain import Finding, Role, Severity, Verdict
from monitor.pile_on import Pile, PileOn, against_pupil, comes_to, gathers, is_pile, names_in, one_up
from tests.conftest import MORNING

MEASURE = PileOn(authors=3, comments=5)


def found(
    category: str, severity: Severity, detector: str = "test", span: tuple[int, int] = (0, 3)
) -> Finding:
    return Finding(category, severity, detector, "why", span)


def verdict(*findings: Finding, severity: Severity | None = None) -> Verdict:
    worst = max(findings, key=lambda one: one.severity)
    return Verdict(severity or worst.severity, worst.category, findings)


INSULT = verdict(found("insult", Severity.MEDIUM))


def pile(**changes: object) -> Pile:
    given = {
        "items": 5,
        "told": 5,
        "kinds": {"insult": 2},
        "roles": frozenset({Role.HEADTEACHER}),
        "severity": Severity.MEDIUM,
        "last_at": MORNING,
    }
    return Pile(**{**given, **changes})  # type: ignore[arg-type]


def coming(into: Pile, what: Verdict = INSULT, *, role: Role = Role.HEADTEACHER, **later: float):
    return comes_to(into, what, (role,), MEASURE, MORNING + timedelta(**later))


@pytest.mark.parametrize(
    "category", ["insult", "bullying", "discrimination.race", "sexual", "self_harm_encouragement"]
)
def test_abuse_at_somebody_is_gathered(category: str) -> None:
    assert gathers(verdict(found(category, Severity.MEDIUM)), named=False)


@pytest.mark.parametrize(
    ("category", "severity"),
    [
        ("threat", Severity.HIGH),
        ("threat", Severity.MEDIUM),
        ("grooming", Severity.HIGH),
        ("child_at_risk", Severity.HIGH),
        ("staff_allegation", Severity.HIGH),
        ("identifying.address", Severity.MEDIUM),
        ("identifying.name", Severity.HIGH),
        ("bullying", Severity.CRITICAL),
    ],
)
def test_what_is_grave_by_itself_is_never_gathered_even_beside_an_insult(
    category: str, severity: Severity
) -> None:
    both = verdict(found("insult", Severity.MEDIUM), found(category, severity))
    assert not gathers(both, named=False)


@pytest.mark.parametrize("category", ["complaint", "press", "spam", "profanity", "impersonation"])
def test_criticism_and_noise_are_no_pile_on(category: str) -> None:
    assert not gathers(verdict(found(category, Severity.MEDIUM)), named=False)


def test_low_findings_and_what_names_a_reader_are_not_gathered() -> None:
    assert not gathers(verdict(found("insult", Severity.LOW)), named=False)
    assert not gathers(INSULT, named=True)


def test_a_name_beside_an_insult_or_a_repeating_author_do_not_keep_it_out() -> None:
    named = verdict(found("insult", Severity.MEDIUM), found("identifying.name", Severity.MEDIUM, "name.full"))
    assert gathers(named, named=False)
    assert gathers(verdict(found("bullying", Severity.HIGH), severity=Severity.CRITICAL), named=False)


def test_so_many_authors_or_so_many_comments() -> None:
    assert [is_pile(2, 4, MEASURE), is_pile(3, 3, MEASURE), is_pile(1, 5, MEASURE)] == [False, True, True]


def test_more_of_the_same_is_silent_until_it_has_doubled() -> None:
    told = [coming(pile(items=items)).tell for items in range(5, 10)]  # type: ignore[union-attr]
    assert told == [False, False, False, False, True]


@pytest.mark.parametrize(
    "what",
    [
        verdict(found("insult", Severity.HIGH)),
        verdict(found("insult", Severity.MEDIUM), severity=Severity.CRITICAL),
        verdict(found("self_harm_encouragement", Severity.MEDIUM)),
        verdict(found("insult", Severity.MEDIUM), found("sexual", Severity.MEDIUM)),
    ],
)
def test_what_is_graver_or_new_in_kind_is_told_at_once(what: Verdict) -> None:
    joining = coming(pile(), what)
    assert joining is not None
    assert joining.tell


def test_what_concerns_somebody_else_is_told() -> None:
    joining = coming(pile(), role=Role.DSL)
    assert joining is not None
    assert joining.tell


def test_after_a_quiet_window_it_is_a_new_wave() -> None:
    quiet = [coming(pile(), hours=hours) for hours in (5, 7)]
    assert [one.tell for one in quiet if one] == [False, True]


def test_a_closed_pile_is_opened_again_within_its_time_and_not_after() -> None:
    closed = pile(closed_at=MORNING)
    soon = coming(closed, days=29)
    assert soon is not None
    assert (soon.tell, soon.reopen) == (True, True)
    assert coming(closed, days=31) is None


def test_a_pupil_is_the_target_where_the_records_know_the_name_or_it_is_bullying() -> None:
    assert against_pupil([found("identifying.name", Severity.MEDIUM, "name.near")])
    assert against_pupil([found("bullying", Severity.HIGH)])
    assert not against_pupil([found("identifying.name", Severity.MEDIUM, "name.guessed")])


def test_a_name_is_the_same_however_it_is_set() -> None:
    text = "GRACE-okoro and Grace Okoro, also Ben"
    spans = ((0, 11), (16, 27), (34, 37))
    findings = [found("identifying.name", Severity.MEDIUM, "name.full", span) for span in spans[:2]]
    assert names_in(text, [*findings, found("insult", Severity.MEDIUM, "x", spans[2])]) == {"graceokoro"}


def test_one_step_up_ends_at_critical() -> None:
    assert one_up(Severity.CRITICAL) is Severity.CRITICAL
    assert one_up(Severity.MEDIUM) is Severity.HIGH
