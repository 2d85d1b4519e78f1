"""Codes over time: whom they speak for, and what ends them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from monitor.claim_rows import ask
from monitor.claims import Standing, Way
from monitor.families import Family
from monitor.family_code_rows import code_digest, good_for, people_of, replace
from monitor.family_codes import HANDLES
from monitor.retention import Pruned, prune
from monitor.store import Store
from monitor.tables_people import ClaimRow, FamilyCodeRow
from tests.conftest import HandClock
from tests.monitor.aging import KEEP, rows_of

WEEKS = timedelta(weeks=8)


def family(people: str, known_by: str) -> Family:
    return Family((), (), frozenset(people.split()), frozenset(known_by.split()))


AMELIA = family("grace dan amelia", "amelia")
EVE = family("grace al eve", "eve")


class Codes:
    def __init__(self, store: Store, clock: HandClock) -> None:
        self.store, self.clock = store, clock

    def make(self, **letters: Family) -> int:
        with self.store.write() as session:
            coded = [(one, code) for code, one in letters.items()]
            return replace(self.store, session, coded, now=self.clock(), expires_at=self.clock() + WEEKS)

    def claim(
        self, code: str | None, handle: str = "graceok", standing: Standing = Standing.ASKED
    ) -> ClaimRow:
        with self.store.write() as session:
            ask(
                self.store,
                session,
                network="x",
                handle=handle,
                address="grace@mail.example",
                way=Way.PAGE,
                now=self.clock(),
                code=code_digest(self.store, code) if code else None,
            )
            row = session.exec(select(ClaimRow).order_by(col(ClaimRow.id).desc()).limit(1)).one()
            row.standing, row.by_letter = standing.value, standing is not Standing.ASKED
        return row

    def good(self, code: str | None, handle: str = "graceok") -> frozenset[str] | None:
        claim = self.claim(code, handle)
        with self.store.read() as session:
            row = good_for(self.store, session, claim)
            return people_of(row) if row else None


@pytest.fixture
def codes(store: Store, clock: HandClock) -> Codes:
    return Codes(store, clock)


def test_a_code_speaks_for_its_family_and_no_other_code_does(codes: Codes) -> None:
    codes.make(K1=AMELIA, K2=EVE)
    assert codes.good("K1") == AMELIA.people
    assert codes.good("K2") == EVE.people
    assert codes.good("K3") is None
    assert codes.good(None) is None


def test_it_ends_after_its_time(codes: Codes, clock: HandClock) -> None:
    codes.make(K1=AMELIA)
    clock.now += WEEKS - timedelta(seconds=1)
    asked = codes.claim("K1")
    clock.now += timedelta(seconds=1)
    assert codes.good("K1") is None
    with codes.store.read() as session:  # in time, and looked at a moment later
        assert good_for(codes.store, session, asked) is not None


def test_a_new_letter_ends_the_family_s_old_code_and_no_other(codes: Codes) -> None:
    assert codes.make(K1=AMELIA, K2=EVE) == 0
    assert codes.make(K3=AMELIA) == 1
    assert codes.good("K1") is None
    assert codes.good("K2") == EVE.people  # Grace is of both; her other family's letter stands
    assert codes.good("K3") == AMELIA.people


@pytest.mark.parametrize(
    ("first", "second", "ended"),
    [
        (AMELIA, family("grace dan amelia ben", "amelia ben"), 1),  # a brother has come
        (family("grace", "grace"), AMELIA, 1),  # a list of contacts before
        (AMELIA, family("grace", "grace"), 1),  # and after
        (AMELIA, family("una", "una"), 0),
    ],
)
def test_what_is_the_same_family(codes: Codes, first: Family, second: Family, ended: int) -> None:
    codes.make(K1=first)
    assert codes.make(K2=second) == ended


def test_a_code_speaks_for_so_many_accounts(codes: Codes) -> None:
    codes.make(K1=AMELIA)
    for number in range(HANDLES):
        assert codes.good("K1", "one_more") is not None
        for _ in range(2):  # the same account again is no other one
            codes.claim("K1", f"account{number}", Standing.CONFIRMED)
    assert codes.good("K1", "one_more") is None
    assert codes.good("K1", "account3") is not None


@pytest.mark.parametrize("standing", [Standing.UNMATCHED, Standing.OTHER_FAMILY, Standing.RESTRICTED])
def test_claims_that_led_nowhere_do_not_use_it_up(codes: Codes, standing: Standing) -> None:
    codes.make(K1=AMELIA)
    for number in range(HANDLES + 1):
        codes.claim("K1", f"account{number}", standing)
    assert codes.good("K1") is not None


def test_another_school_s_code_is_none_of_ours(codes: Codes, clock: HandClock) -> None:
    codes.make(K1=AMELIA)
    other = Store(codes.store.path, codes.store.vault, school="elmfield")
    assert Codes(other, clock).good("K1") is None
    assert Codes(other, clock).make(K2=AMELIA) == 0
    other.close()


def test_codes_are_removed_a_month_after_they_ended(codes: Codes, store: Store, clock: HandClock) -> None:
    codes.make(K1=AMELIA)
    codes.make(K2=AMELIA)
    clock.wait(days=30)
    assert prune(store, KEEP, clock()) == Pruned()
    clock.wait(seconds=1)
    assert prune(store, KEEP, clock()) == Pruned(family_codes=1)
    (left,) = rows_of(store, FamilyCodeRow)
    assert left.digest == code_digest(store, "K2")
    clock.now += WEEKS
    assert prune(store, KEEP, clock()).family_codes == 1
