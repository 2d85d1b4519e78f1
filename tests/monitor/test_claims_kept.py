"""For how long a claim is kept: as long as somebody may still need it, whatever the day of the proof."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import update

from monitor import claim_rows
from monitor.claims import VALID, WAITS, Way
from monitor.names import normal_email
from monitor.retention import prune
from monitor.store import Store
from monitor.tables_people import FollowerRow
from tests.conftest import HandClock
from tests.families import Families
from tests.monitor.test_claim_rows import KEEP


@pytest.fixture
def families(store: Store, clock: HandClock) -> Families:
    return Families(store, clock)


def pruned(families: Families, **later: float) -> int:
    families.clock.wait(**later)
    families.work()
    return prune(families.store, KEEP, families.clock()).claims


def leave(families: Families, external_id: str) -> None:
    with families.store.write() as session:
        which = FollowerRow.external_id == external_id
        session.exec(update(FollowerRow).where(which).values(state="left", verified_at=families.clock()))


def test_who_left_and_comes_back_within_the_month_need_not_prove_it_again(families: Families) -> None:
    families.follow("77", "graceok")
    families.proven("grace@mail.example", "graceok")
    families.clock.wait(days=200)
    leave(families, "77")
    assert pruned(families, days=29) == 0
    families.follow("77", "graceok")
    families.judge()
    assert families.state("77") == "verified"


def test_of_who_left_for_longer_the_claim_goes(families: Families) -> None:
    families.follow("77", "graceok")
    families.proven("grace@mail.example", "graceok")
    leave(families, "77")
    assert pruned(families, days=31) == 1


def test_whoever_signed_in_before_following_is_awaited_as_long_as_whoever_answered_a_mail(
    families: Families,
) -> None:
    address = normal_email("grace@mail.example")
    assert address
    with families.store.write() as session:
        claim_rows.ask(
            families.store,
            session,
            network="x",
            handle="graceok",
            address=address,
            way=Way.X,
            external_id="77",
            now=families.clock(),
        )
    families.work()
    assert pruned(families, days=WAITS.days - 1) == 0
    families.follow("77", "graceok")
    families.judge()
    assert families.state("77") == "verified"


def test_of_whoever_signed_in_and_never_came_the_claim_goes(families: Families) -> None:
    test_whoever_signed_in_before_following_is_awaited_as_long_as_whoever_answered_a_mail(families)
    with families.store.write() as session:
        session.exec(update(FollowerRow).values(external_id="somebody else"))
    assert pruned(families, days=2) == 1


def test_a_claim_that_was_held_back_is_known_as_long_as_its_account_follows(families: Families) -> None:
    families.follow("77", "tomsaccount")
    families.ask("tom@mail.example", "tomsaccount")
    families.work()
    assert pruned(families, days=(VALID + timedelta(days=100)).days) == 0
    families.import_(
        "Contact ID,Contact Forename,Contact Surname,Email,Restricted\n9002,Tom,Hale,tom@mail.example,Yes\n"
    )
    families.judge()
    assert "safeguarding lead" in families.follower("77").reason
    leave(families, "77")
    assert pruned(families, days=1) == 1
