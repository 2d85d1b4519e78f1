"""A claim that was proven by signing in at the network: what the stage makes of it, and how long it holds."""

from __future__ import annotations

import pytest

from monitor import claim_rows
from monitor.claims import VALID, WAITS, Way
from monitor.store import Store
from tests.alerts.telling import outbox
from tests.conftest import HandClock
from tests.families import RECORDS, Families

GRACE, STRANGER, RESTRICTED, SHARED = (
    "grace@mail.example",
    "about@mail.example",
    "tom@mail.example",
    "reeds@mail.example",
)


@pytest.fixture
def families(store: Store, clock: HandClock) -> Families:
    return Families(store, clock)


def sign_in(
    families: Families,
    address: str = GRACE,
    handle: str = "graceok",
    network: str = "x",
    way: Way | None = None,
) -> None:
    """What the page leaves when the network has said: account 77, this handle, this confirmed address."""
    with families.store.write() as session:
        claim_rows.ask(
            families.store,
            session,
            network=network,
            handle=handle,
            address=address,
            way=way or Way(network),
            external_id="77",
            now=families.clock(),
        )


def test_an_address_on_the_records_verifies_at_once_and_nobody_is_written_to(families: Families) -> None:
    families.follow("77", "graceok")
    sign_in(families)
    families.work()
    assert families.state("77") == "verified"
    assert families.standings() == ["confirmed"]
    assert outbox(families.store) == []
    (row,) = families.claims()
    assert (row.external_id, row.way, row.sealed) == ("77", "x", b"")
    assert row.confirmed_at == row.created_at
    assert families.audited() == ["schoolgate: claim confirmed"]


def test_it_is_bound_to_the_account_and_not_to_whoever_has_the_handle(families: Families) -> None:
    families.follow("78", "graceok")
    sign_in(families)
    families.work()
    assert families.state("78") == "unverified"


def test_it_waits_for_its_follower(families: Families) -> None:
    sign_in(families)
    families.work()
    families.clock.now += WAITS + VALID  # its number does not change hands, as a handle does
    families.follow("77", "graceok")
    families.work()
    assert families.state("77") == "verified"


@pytest.mark.parametrize(
    ("address", "handle", "standing"),
    [
        (STRANGER, "graceok", "unmatched"),
        (RESTRICTED, "graceok", "restricted"),
        (SHARED, "graceok", "restricted"),  # one of two who share it
        (GRACE, "tom_hale", "restricted"),  # the office says whose account this is
    ],
)
def test_nobody_else_is_verified(families: Families, address: str, handle: str, standing: str) -> None:
    families.follow("77", handle)
    sign_in(families, address, handle)
    families.work()
    assert families.state("77") == "unverified"
    assert families.standings() == [standing]
    assert len(families.incidents()) == (standing == "restricted")
    assert outbox(families.store) == []


def test_mails_that_were_sent_today_do_not_stand_in_its_way(families: Families) -> None:
    for number in range(4):
        families.ask(GRACE, f"other{number}")
    families.work()
    families.follow("77", "graceok")
    sign_in(families)
    families.work()
    assert families.state("77") == "verified"


def test_a_handle_that_changes_afterwards_is_to_be_proven_again(families: Families) -> None:
    families.follow("77", "graceok")
    sign_in(families)
    families.work()
    families.clock.wait(hours=1)
    families.follow("77", "somebody_else")
    families.work()
    assert families.state("77") == "claimed"
    families.clock.wait(hours=1)
    sign_in(families, handle="somebody_else")
    families.work()
    assert families.state("77") == "verified"


def test_a_handle_that_was_seen_before_the_network_told_the_new_one_takes_no_proof_away(
    families: Families,
) -> None:
    families.follow("77", "old_name")
    families.clock.wait(hours=1)
    sign_in(families, handle="new_name")
    families.work()
    assert families.state("77") == "verified"
    families.clock.wait(hours=1)
    families.follow("77", "new_name")
    families.work()
    assert families.state("77") == "verified"


def test_a_handle_that_somebody_typed_is_not_believed_over_the_one_that_was_seen(families: Families) -> None:
    families.follow("77", "old_name")
    families.clock.wait(hours=1)
    sign_in(families, handle="new_name", way=Way.PAGE)
    families.work()
    families.confirm(families.tokens()[-1])
    families.work()
    assert families.state("77") == "claimed"


def test_a_proof_that_names_no_handle_is_not_lost_to_one_that_is_seen(families: Families) -> None:
    sign_in(families, handle="")
    families.work()
    families.clock.wait(hours=1)
    families.follow("77", "graceok")
    families.work()
    assert families.state("77") == "verified"


def test_a_network_that_tells_no_handle_proves_the_account_all_the_same(families: Families) -> None:
    sign_in(families, handle="", network="facebook")
    families.work()
    (row,) = families.claims()
    assert (row.standing, row.handle, row.external_id) == ("confirmed", b"", "77")


def test_a_leaver_is_unverified_by_the_next_import(families: Families) -> None:
    families.follow("77", "graceok")
    sign_in(families)
    families.work()
    families.import_("\n".join(line for line in RECORDS.splitlines() if "Grace" not in line))
    families.work()
    assert families.state("77") == "unverified"


def test_consent_is_kept_with_the_time_when_it_was_given(families: Families) -> None:
    asked = families.clock()
    families.clock.wait(minutes=3)
    with families.store.write() as session:
        claim_rows.ask(
            families.store,
            session,
            network="x",
            handle="graceok",
            address=GRACE,
            way=Way.X,
            external_id="77",
            consented_at=asked,
            now=families.clock(),
        )
    (row,) = families.claims()
    assert (row.consented_at, row.created_at) == (asked, families.clock())
