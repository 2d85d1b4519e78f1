"""The verdict and who is told, by the table of DESIGN §5."""

import pytest

from monitor.domain import Finding, ItemKind, Role, Severity
from monitor.triage import (
    CATEGORIES,
    category_title,
    copies_media,
    default_severity,
    may_hide,
    names_a_child,
    recipients,
    routing,
    triage,
)

H, D, E, C = Role.HEADTEACHER, Role.DSL, Role.ESAFETY, Role.CHAIR
RACE = "discrimination.race"


def finding(
    category: str, severity: Severity | None = None, *, detector: str = "x.y", start: int = 0
) -> Finding:
    return Finding(category, severity or default_severity(category), detector, "because", (start, start + 3))


@pytest.mark.parametrize(
    ("category", "severity", "roles"),
    [
        ("threat", Severity.CRITICAL, (H, D)),
        ("grooming", Severity.CRITICAL, (D, H)),
        ("child_at_risk", Severity.CRITICAL, (D, H)),
        ("discrimination.race", Severity.HIGH, (H,)),
        ("discrimination.pregnancy_maternity", Severity.HIGH, (H,)),
        ("self_harm_encouragement", Severity.HIGH, (D,)),
        ("extremism", Severity.HIGH, (D,)),
        ("bullying", Severity.HIGH, (D,)),
        ("sexual", Severity.HIGH, (H, D)),
        ("staff_allegation", Severity.HIGH, (H,)),
        ("insult", Severity.MEDIUM, (H,)),
        ("identifying.name", Severity.MEDIUM, (E,)),
        ("impersonation", Severity.MEDIUM, (H,)),
        ("drugs_weapons", Severity.MEDIUM, (D,)),
        ("spam", Severity.LOW, (E,)),
        ("complaint", Severity.LOW, (H,)),
        ("press", Severity.LOW, (H,)),
        ("unverified_follower", Severity.LOW, (Role.OFFICE,)),
    ],
)
def test_the_table_says_how_grave_and_who_is_told(
    category: str, severity: Severity, roles: tuple[Role, ...]
) -> None:
    assert default_severity(category) == severity
    assert routing(category) == roles


def test_every_characteristic_of_the_design_has_a_category() -> None:
    names = {
        name.removeprefix("discrimination.") for name in CATEGORIES if name.startswith("discrimination.")
    }
    assert names == {
        "sex", "gender_reassignment", "race", "disability", "sexual_orientation", "religion_or_belief", "age", "pregnancy_maternity",
    }  # fmt: skip


def test_criticism_is_never_offered_for_hiding() -> None:
    assert [name for name in CATEGORIES if not may_hide(name)] == ["complaint", "press"]


def test_media_of_an_approach_to_a_child_is_never_copied() -> None:
    assert not copies_media("grooming")
    assert copies_media("threat")


def test_no_title_is_a_verdict_or_longer_than_a_subject_line_allows() -> None:
    for name in CATEGORIES:
        title = category_title(name)
        assert len(title) <= 60
        assert title == title.lower() or "13" in title
        assert not {"guilty", "offender", "unlawful", "illegal", "criminal", "racist"} & set(title.split())


def test_nothing_found_is_no_verdict() -> None:
    verdict = triage(())
    assert (verdict.severity, verdict.category, verdict.findings) == (None, None, ())


def test_the_worst_finding_leads_and_all_are_kept() -> None:
    found = (finding("identifying.name", start=9), finding("threat"), finding("spam", start=4))
    verdict = triage(found)
    assert (verdict.severity, verdict.category) == (Severity.CRITICAL, "threat")
    assert [one.category for one in verdict.findings] == ["threat", "spam", "identifying.name"]


def test_between_equals_the_safety_of_a_child_leads() -> None:
    assert triage((finding(RACE), finding("bullying"))).category == RACE
    assert triage((finding("threat"), finding("child_at_risk"))).category == "child_at_risk"


def test_an_insult_beside_the_name_of_a_child_is_one_step_up() -> None:
    named = finding("identifying.name", detector="name.full", start=8)
    assert triage((finding("insult"), named)).severity == Severity.HIGH
    assert triage((finding("insult"),)).severity == Severity.MEDIUM
    assert triage((finding("profanity"), named)).severity == Severity.MEDIUM


def test_hate_beside_the_name_of_a_child_is_one_step_up_and_nothing_is_above_critical() -> None:
    named = finding("identifying.name", detector="name.full", start=8)
    assert triage((finding(RACE), named)).severity == Severity.CRITICAL
    assert triage((finding("threat"), named), earlier_findings=2).severity == Severity.CRITICAL
    assert (
        triage((finding(RACE), finding("identifying.name", detector="name.guessed", start=8))).severity
        == Severity.HIGH
    )


@pytest.mark.parametrize("what", ["contact", "address", "whereabouts"])
def test_how_to_find_a_child_beside_its_name_is_critical(what: str) -> None:
    named = finding("identifying.name", detector="name.full", start=8)
    assert triage((finding(f"identifying.{what}"), named)).severity == Severity.CRITICAL
    assert triage((finding(f"identifying.{what}"),)).severity == Severity.HIGH
    assert triage((finding("identifying.health_family"), named)).severity == Severity.HIGH


def test_an_author_who_was_found_before_is_one_step_up_but_not_for_a_complaint() -> None:
    assert triage((finding("insult"),), earlier_findings=1).severity == Severity.HIGH
    assert triage((finding("complaint"),), earlier_findings=3).severity == Severity.LOW


def test_the_schools_own_post_is_judged_only_for_what_identifies_a_child() -> None:
    found = (
        finding("insult"),
        finding("identifying.name", start=8),
        finding("identifying.contact", start=20),
    )
    verdict = triage(found, kind=ItemKind.POST)
    assert [one.category for one in verdict.findings] == ["identifying.name"]
    assert triage((finding("insult"),), kind=ItemKind.POST).severity is None


def test_the_safeguarding_lead_is_told_of_discrimination_when_a_pupil_is_the_target() -> None:
    named = finding("identifying.name", detector="name.full", start=8)
    assert recipients((finding(RACE),)) == (H,)
    assert D in recipients((finding(RACE), named))
    assert names_a_child((named,))
    assert not names_a_child((finding("identifying.name", detector="name.guessed"),))


def test_an_allegation_about_the_headteacher_goes_to_the_chair_of_governors() -> None:
    assert recipients((finding("staff_allegation"),), about_headteacher=True) == (C,)


def test_a_low_finding_brings_nobody_in_beside_a_graver_one() -> None:
    assert recipients((finding("threat"), finding("spam"))) == (H, D)
    assert recipients((finding("spam"),)) == (E,)
    assert recipients(()) == ()
