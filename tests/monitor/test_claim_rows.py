"""Claims over time: bound to the network's stable id, answered once, ended by whatever ends them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select, update

from monitor import claim_limits, claim_rows
from monitor.claim_rows import Answer
from monitor.claims import ASK_THE_LEAD, ASKED_BY_ONE, ASKED_OF_SCHOOL, VALID, WAITS
from monitor.register import load_register
from monitor.retention import prune
from monitor.retention_rules import Keep
from monitor.store import Store
from monitor.tables_people import ClaimRow, FollowerRow
from tests.conftest import HandClock
from tests.families import RECORDS, Families

KEEP = Keep(*(timedelta(days=n) for n in (30, 365, 365, 2555)))


@pytest.fixture
def families(store: Store, clock: HandClock) -> Families:
    return Families(store, clock)


def test_a_follower_who_proves_an_address_on_the_records_is_verified(families: Families) -> None:
    families.follow("77", "GraceOk")
    families.work()
    assert families.state("77") == "unverified"
    families.proven("grace@mail.example", "@GraceOk")
    row = families.follower("77")
    known = load_register(families.store).email("grace@mail.example")
    assert (row.state, (row.person, row.role)) == ("verified", known)
    assert [one.external_id for one in families.claims()] == ["77"]


@pytest.mark.parametrize(
    ("address", "state", "words"),
    [
        ("grace@mail.example", "claimed", "not confirmed yet"),
        ("stranger@mail.example", "unverified", "an e-mail address that is not on the register"),
    ],
)
def test_a_follower_who_was_judged_is_judged_again_when_it_is_claimed(
    families: Families, address: str, state: str, words: str
) -> None:
    families.follow("77", "GraceOk")
    families.work()
    families.ask(address, "graceok")
    families.work()
    assert families.state("77") == state
    assert words in families.follower("77").reason


def test_a_claim_waits_for_its_follower_and_is_bound_when_the_handle_arrives(families: Families) -> None:
    families.proven("grace@mail.example", "graceok")
    assert families.claims()[0].external_id is None
    families.follow("1", "somebody_else")
    families.work()
    assert (families.state("1"), families.claims()[0].external_id) == ("unverified", None)
    families.follow("77", "GraceOk")
    families.work()
    assert (families.state("77"), families.claims()[0].external_id) == ("verified", "77")


def test_a_confirmed_claim_does_not_wait_for_ever(families: Families) -> None:
    families.proven("grace@mail.example", "graceok")
    families.clock.now += WAITS
    families.follow("77", "graceok")
    families.judge()
    assert families.state("77") == "unverified"
    families.work()
    assert (families.state("77"), families.standings()) == ("unverified", ["expired"])


def test_a_bound_claim_holds_however_long_the_account_follows(families: Families) -> None:
    families.follow("77", "graceok")
    families.proven("grace@mail.example", "graceok")
    families.clock.now += 10 * WAITS
    families.work()
    families.import_(RECORDS)
    families.work()
    prune(families.store, KEEP, families.clock())
    assert (families.state("77"), families.standings()) == ("verified", ["confirmed"])


def test_a_handle_that_was_swapped_is_to_be_proven_again(families: Families) -> None:
    families.follow("77", "graceok")
    families.proven("grace@mail.example", "graceok")
    families.follow("77", "another_name")
    families.work()
    assert (families.state("77"), families.standings()) == ("claimed", ["handle_changed"])
    assert "changed its handle" in families.follower("77").reason
    families.follow("77", "graceok")  # back again: that proves nothing
    families.work()
    assert families.state("77") == "claimed"
    families.proven("grace@mail.example", "graceok")
    assert families.state("77") == "verified"


def test_whoever_takes_a_verified_handle_over_is_not_verified(families: Families) -> None:
    families.follow("77", "graceok")
    families.proven("grace@mail.example", "graceok")
    families.follow("88", "graceok")
    families.work()
    assert families.state("88") == "unverified"
    assert families.claims()[0].external_id == "77"


def test_a_link_that_is_answered_after_the_handle_went_to_another_account_verifies_nobody(
    families: Families,
) -> None:
    families.follow("77", "graceok")
    families.ask("grace@mail.example", "graceok")
    families.work()
    families.follow("77", "another_name")
    families.follow("88", "graceok")
    families.confirm(families.tokens()[0])
    families.work()
    assert (families.state("77"), families.state("88")) == ("claimed", "unverified")


def test_nothing_is_bound_while_two_accounts_are_known_by_the_handle(families: Families) -> None:
    families.follow("77", "graceok")
    families.work()
    families.follow("88", "graceok")
    families.work()
    families.proven("grace@mail.example", "graceok")
    assert (families.state("77"), families.state("88")) == ("unverified", "unverified")
    families.follow("77", "another_name")
    families.work()
    assert (families.state("77"), families.state("88")) == ("unverified", "verified")


def test_one_who_left_does_not_keep_a_handle_from_another(families: Families) -> None:
    families.follow("77", "graceok")
    families.work()
    with families.store.write() as session:
        session.exec(update(FollowerRow).values(state="left"))
    families.follow("88", "graceok")
    families.proven("grace@mail.example", "graceok")
    assert (families.state("77"), families.state("88")) == ("left", "verified")


def test_one_proof_holds_for_each_of_the_schools_accounts_and_ends_for_each(families: Families) -> None:
    def states() -> tuple[str, str]:
        return families.state("77"), families.state("77", "x-sport")

    families.follow("77", "graceok")
    families.follow("77", "graceok", account="x-sport")
    families.proven("grace@mail.example", "graceok")
    assert states() == ("verified", "verified")
    families.clock.wait(hours=1)
    families.follow("77", "new_name")  # the other account was not read yet
    families.work()
    assert states() == ("claimed", "claimed")
    families.proven("grace@mail.example", "new_name")
    families.import_(RECORDS)
    families.work()
    assert states() == ("verified", "verified")
    families.clock.wait(hours=1)
    families.follow("77", "new_name", account="x-sport")
    families.work()
    assert states() == ("verified", "verified")
    assert families.standings() == ["handle_changed", "confirmed"]


def test_what_the_network_shows_without_a_handle_is_not_verified_but_loses_no_proof(
    families: Families,
) -> None:
    families.follow("77", "graceok")
    families.proven("grace@mail.example", "graceok")
    families.follow("77", None)
    families.work()
    assert families.state("77") == "unverified"
    families.follow("77", "graceok")
    families.work()
    assert families.state("77") == "verified"


def test_two_parents_with_one_address_and_one_parent_with_two_handles(families: Families) -> None:
    for number, handle in enumerate(["ada_b", "ben_b", "graceok", "grace_two"]):
        families.follow(str(number), handle)
    for handle in ("ada_b", "ben_b"):
        families.proven("birches@mail.example", handle)
    for handle in ("graceok", "grace_two"):
        families.proven("grace@mail.example", handle)
    assert [families.state(str(number)) for number in range(4)] == ["verified"] * 4


def test_a_leaver_is_unverified_by_the_next_import(families: Families) -> None:
    families.follow("77", "graceok")
    families.proven("grace@mail.example", "graceok")
    families.import_("\n".join(line for line in RECORDS.splitlines() if "Grace" not in line))
    families.work()
    assert families.state("77") == "unverified"
    assert "no longer on the register" in families.follower("77").reason
    families.import_(RECORDS)
    families.work()
    assert families.state("77") == "verified"


def test_a_restriction_that_comes_later_unverifies_and_tells(families: Families) -> None:
    families.follow("77", "graceok")
    families.proven("grace@mail.example", "graceok")
    families.import_(RECORDS.replace("@typed_grace,", "@typed_grace,Yes"))
    families.work()
    row = families.follower("77")
    assert (row.state, row.reason, row.person) == ("unverified", ASK_THE_LEAD, None)
    assert [one.key for one in families.incidents()] == [f"claim:follower:{row.id}"]


@pytest.mark.parametrize("state", ["rejected", "left"])
def test_a_claim_does_not_overrule_what_the_office_or_the_network_settled(
    families: Families, state: str
) -> None:
    families.follow("77", "graceok")
    families.work()
    with families.store.write() as session:
        session.exec(update(FollowerRow).values(state=state))
    families.proven("grace@mail.example", "graceok")
    assert families.state("77") == state


def test_a_replayed_confirmation_does_nothing(families: Families) -> None:
    families.follow("77", "graceok")
    token = families.proven("grace@mail.example", "graceok")
    before, audit = families.claims(), families.audited()
    families.clock.wait(hours=1)
    assert families.confirm(token) is Answer.CONFIRMED
    assert families.deny(token) is Answer.CONFIRMED
    assert families.claims() == before
    assert families.audited() == audit


def test_an_expired_confirmation_does_nothing(families: Families) -> None:
    families.follow("77", "graceok")
    families.ask("grace@mail.example", "graceok")
    families.work()
    token = families.tokens()[0]
    families.clock.now += VALID
    assert families.confirm(token) is Answer.EXPIRED
    assert families.state("77") == "claimed"
    families.work()
    assert (families.state("77"), families.standings()) == ("unverified", ["expired"])
    assert families.confirm(token) is Answer.EXPIRED


def test_whoever_says_no_ends_the_claim(families: Families) -> None:
    families.follow("77", "graceok")
    families.ask("grace@mail.example", "graceok")
    families.work()
    token = families.tokens()[0]
    assert families.deny(token) is Answer.ENDED
    assert families.confirm(token) is Answer.ENDED
    families.work()
    assert (families.state("77"), families.standings()) == ("unverified", ["denied"])
    assert "not theirs" in families.follower("77").reason


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_revoked_claim_does_nothing(families: Families, confirmed: bool) -> None:
    families.follow("77", "graceok")
    families.ask("grace@mail.example", "graceok")
    families.work()
    token = families.tokens()[0]
    if confirmed:
        families.confirm(token)
        families.work()
    with families.store.write() as session:
        assert claim_rows.revoke(families.store, session, 1, actor="office", now=families.clock())
        assert not claim_rows.revoke(families.store, session, 1, actor="office", now=families.clock())
    assert families.confirm(token) is Answer.ENDED
    families.work()
    assert (families.state("77"), families.standings()) == ("unverified", ["revoked"])
    assert families.audited()[-1] == "office: claim revoked"


@pytest.mark.parametrize("token", ["", "x", "A" * 32, "A" * 1000])
def test_a_guessed_token_is_nothing(families: Families, token: str) -> None:
    families.ask("grace@mail.example", "graceok")
    families.work()
    assert families.confirm(token) is None
    assert families.deny(token) is None
    with families.store.read() as session:
        assert claim_rows.find(families.store, session, token, now=families.clock()) is None


def test_another_schools_claim_is_not_seen(families: Families) -> None:
    families.proven("grace@mail.example", "graceok")
    other = Store(families.store.path, families.store.vault, school="elmfield")
    there = Families(other, families.clock)
    there.follow("77", "graceok")
    there.work()
    assert there.state("77") == "unverified"
    with other.write() as session:
        assert claim_rows.confirm(other, session, families.tokens()[0], now=families.clock()) is None
        assert not claim_rows.revoke(other, session, 1, actor="office", now=families.clock())
    other.close()


def asked(families: Families, client: str, times: int = 1) -> bool:
    """Asks so many times; whether one more would be too often."""
    store, now = families.store, families.clock()
    with store.write() as session:
        key = claim_limits.client_hash(store, client, now)
        for _ in range(times):
            claim_rows.ask(
                store,
                session,
                network="x",
                handle="a",
                address="a@b.example",
                way=claim_rows.Way.PAGE,
                now=now,
                client=key,
            )
        return claim_limits.asked_too_often(store, session, key, now)


def test_one_machine_may_ask_so_often_in_an_hour(families: Families) -> None:
    assert not asked(families, "192.0.2.1", ASKED_BY_ONE - 1)
    assert asked(families, "192.0.2.1")
    assert not asked(families, "192.0.2.2")
    families.clock.wait(hours=1)
    assert not asked(families, "192.0.2.1")


def test_machines_that_are_not_known_share_the_schools_hour_only(families: Families) -> None:
    assert not asked(families, "", ASKED_OF_SCHOOL - 1)
    assert asked(families, "")
    assert asked(families, "192.0.2.1", 0)


def test_claims_are_kept_no_longer_than_they_are_of_use(families: Families) -> None:
    families.follow("77", "graceok")
    families.proven("grace@mail.example", "graceok")
    families.ask("stranger@mail.example", "somebody")
    families.ask("birches@mail.example", "ada_b")
    families.work()
    families.clock.now += VALID + timedelta(days=29)
    families.work()
    assert prune(families.store, KEEP, families.clock()).claims == 0
    families.clock.wait(days=2)
    assert prune(families.store, KEEP, families.clock()).claims == 2
    assert families.standings() == ["confirmed"]
    with families.store.write() as session:
        session.exec(update(FollowerRow).values(state="left"))
    assert prune(families.store, KEEP, families.clock()).claims == 1


def test_no_address_no_handle_and_no_name_is_kept_in_clear(families: Families, tmp_path: Path) -> None:
    families.ask("birches@mail.example", "planted_handle")
    families.ask("planted@stranger.example", "planted_handle")
    families.work()
    families.follow("77", "planted_handle", "Planted Name")
    families.confirm(families.tokens()[0])
    families.work()
    families.store.backup(tmp_path / "copy.db")
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("*") if path.is_file())
    assert b"CREATE TABLE" in kept
    for planted in (b"planted", b"Planted", b"birches", b"stranger.example", families.tokens()[0].encode()):
        assert planted not in kept


def test_what_was_sealed_is_emptied_when_it_is_of_no_more_use(families: Families) -> None:
    families.ask("grace@mail.example", "graceok")
    families.ask("stranger@mail.example", "other")
    assert all(row.sealed for row in families.claims())
    families.work()
    mailed, unmatched = families.claims()
    assert unmatched.sealed == b""
    assert families.store.vault.unseal_json(mailed.sealed, claim_rows.SEALED) == {"handle": "graceok"}
    families.confirm(families.tokens()[0])
    assert families.claims()[0].sealed == b""


def test_every_turn_of_a_claim_is_in_the_audit_chain(families: Families) -> None:
    families.follow("77", "graceok")
    families.proven("grace@mail.example", "graceok")
    families.follow("77", "another")
    families.work()
    assert families.audited() == [
        "schoolgate: claim mailed",
        "claimant: claim confirmed",
        "schoolgate: claim handle changed",
    ]


def test_consent_is_kept_with_its_time(families: Families) -> None:
    families.ask("grace@mail.example", "graceok")
    with families.store.read() as session:
        row = session.exec(select(ClaimRow)).one()
    assert (row.consented_at, row.way) == (families.clock(), "page")
