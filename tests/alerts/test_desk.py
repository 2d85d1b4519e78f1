from __future__ import annotations

import pytest

from monitor.domain import Role
from monitor.tables import CaseRow
from tests.alerts.telling import ADDRESSES, desk
from tests.conftest import MORNING


def case(category: str = "threat", roles: str = "headteacher,dsl", bypassed: str = "") -> CaseRow:
    return CaseRow(
        school_id="school",
        number=1,
        ref="SM-0001",
        account="page",
        network="facebook",
        kind="comment",
        external_id="1",
        item_id=1,
        category=category,
        severity=3,
        roles=roles,
        bypassed=bypassed,
        opened_at=MORNING,
    )


def told(case: CaseRow) -> list[Role]:
    return [reader.role for reader in desk().readers(case, MORNING)]


def test_whoever_the_case_names_is_told_first_foremost() -> None:
    assert told(case()) == [Role.HEADTEACHER, Role.DSL]


def test_an_allegation_about_the_headteacher_goes_to_the_chair() -> None:
    assert told(case("staff_allegation", "headteacher", "headteacher")) == [Role.CHAIR]


def test_whoever_stands_in_must_not_be_the_one_who_is_named() -> None:
    addresses = ADDRESSES | {Role.CHAIR: ADDRESSES[Role.HEADTEACHER]}
    readers = desk(addresses).readers(case("staff_allegation", "headteacher", "headteacher"), MORNING)
    assert [reader.role for reader in readers] == [Role.DSL]


@pytest.mark.parametrize("bypassed", ["", "headteacher", "dsl", "headteacher,dsl", "headteacher,chair"])
def test_nobody_who_is_named_is_ever_told(bypassed: str) -> None:
    about = case("staff_allegation", "headteacher,dsl", bypassed)
    named = {Role(word) for word in bypassed.split(",") if word}
    readers = desk().readers(about, MORNING)
    assert not {reader.role for reader in readers} & named
    assert desk().escalated(about, MORNING).role not in named
    for role in named:
        assert not desk().may_see(role, about)


@pytest.mark.parametrize(
    ("role", "category", "may"),
    [
        (Role.HEADTEACHER, "threat", True),
        (Role.DSL, "threat", True),
        (Role.ESAFETY, "threat", True),
        (Role.DEPUTY, "threat", True),
        (Role.OFFICE, "threat", False),
        (Role.IT, "threat", False),
        (Role.CHAIR, "threat", False),
        (Role.HEADTEACHER, "staff_allegation", True),
        (Role.DEPUTY, "staff_allegation", False),
        (Role.ESAFETY, "staff_allegation", False),
        (Role.OFFICE, "staff_allegation", False),
    ],
)
def test_who_may_open_a_case(role: Role, category: str, may: bool) -> None:
    roles = "headteacher" if category == "staff_allegation" else "headteacher,dsl"
    assert desk().may_see(role, case(category, roles)) is may


def test_an_unanswered_allegation_goes_to_the_chair_and_nobody_else() -> None:
    about = case("staff_allegation", "headteacher")
    assert desk().escalated(about, MORNING).role is Role.CHAIR
    assert {role for role in Role if desk().may_see(role, about)} == {Role.HEADTEACHER, Role.CHAIR}


def test_silence_goes_to_somebody_who_was_not_told_yet() -> None:
    assert desk().escalated(case(), MORNING).role is Role.DEPUTY
    assert desk().escalated(case(roles="deputy,esafety"), MORNING).role is Role.DSL
