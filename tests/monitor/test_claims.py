"""What a claim does, as pure judgement over a register in memory."""

from __future__ import annotations

import pytest

from monitor.claims import ASK_THE_LEAD, MAILS_A_DAY, Claim, Standing, of_claims, weigh
from monitor.domain import Author
from monitor.register import register_of
from monitor.register_csv import read_register
from monitor.register_hashes import HashedRegister, email_digest
from monitor.vault import Vault
from monitor.verify import verification
from tests.families import RECORDS

KEY = bytes(range(32))
PUPIL = (
    "UPN,Forename,Surname,Email,Contact ID,Contact Forename,Contact Surname,Contact Email\n"
    "A1,Ivy,Okafor,home@mail.example,9001,Grace,Okafor,home@mail.example\n"
    "A2,Leo,Marsh,leo@mail.example,9007,Joy,Marsh,joy@mail.example\n"
)


def records(text: str = RECORDS) -> HashedRegister:
    return register_of(read_register(text.encode()).people, KEY)


def digest(address: str) -> bytes:
    return email_digest(Vault(KEY).digest, address)


def weighed(address: str, handle: str = "anybody", mailed_today: int = 0) -> Standing:
    return weigh(records(), address=address, network="x", handle=handle, mailed_today=mailed_today).standing


def said(*claims: Claim, handle: str = "anybody", text: str = RECORDS, **more: object) -> tuple[str, str]:
    found = verification("x", Author("1", handle), records(text), claimed=claims, **more)  # type: ignore[arg-type]
    return found.state.value, found.reason


def claim(
    standing: Standing = Standing.CONFIRMED, address: str = "grace@mail.example", *, same: bool = True
) -> Claim:
    return Claim(standing, digest(address), same)


def test_an_address_is_found_as_the_office_may_have_written_it() -> None:
    assert records().email(" Grace@Mail.Example ") == records().email("grace@mail.example") is not None
    assert records().email("grace@mail.example")[1] == "parent"  # type: ignore[index]
    assert records().email("grace+x@mail.example") is None
    assert records().email("no address") is None
    assert records().whose_email(digest("grace@mail.example")) == records().email("grace@mail.example")
    assert records().whose_email(digest("Grace Okafor")) is None


def test_an_address_of_two_parents_is_one_of_theirs_and_a_restricted_one_answers_for_both() -> None:
    assert records().email("birches@mail.example")[1] == "parent"  # type: ignore[index]
    person, _ = records().email("reeds@mail.example")  # type: ignore[misc]
    assert records().restricted(person)


def test_the_grown_up_reads_an_address_that_a_pupils_record_holds_too() -> None:
    register = records(PUPIL)
    assert register.email("home@mail.example")[1] == "parent"  # type: ignore[index]
    assert register.email("leo@mail.example")[1] == "pupil"  # type: ignore[index]


def test_a_confirmation_is_sent_to_an_address_on_the_records_only() -> None:
    assert weighed("grace@mail.example") is Standing.MAILED
    assert weighed("stranger@mail.example") is Standing.UNMATCHED


def test_whoever_the_records_restrict_is_sent_nothing_by_address_or_by_handle() -> None:
    assert weighed("tom@mail.example") is Standing.RESTRICTED
    assert weighed("reeds@mail.example") is Standing.RESTRICTED
    assert weighed("grace@mail.example", "tom_hale") is Standing.RESTRICTED
    assert weighed("stranger@mail.example", "tom_hale") is Standing.RESTRICTED


def test_one_address_is_sent_so_many_mails_a_day_and_no_more() -> None:
    assert weighed("grace@mail.example", mailed_today=MAILS_A_DAY - 1) is Standing.MAILED
    assert weighed("grace@mail.example", mailed_today=MAILS_A_DAY) is Standing.TOO_MANY
    assert weighed("stranger@mail.example", mailed_today=MAILS_A_DAY) is Standing.UNMATCHED


def test_a_confirmed_claim_verifies_with_the_registers_person_and_role() -> None:
    found = verification("x", Author("1", "anybody"), records(), claimed=[claim()])
    assert found.state == "verified"
    assert (found.person, found.role) == records().email("grace@mail.example")


@pytest.mark.parametrize("standing", [one for one in Standing if one is not Standing.CONFIRMED])
def test_nothing_less_than_a_confirmed_claim_verifies(standing: Standing) -> None:
    assert said(claim(standing))[0] != "verified"
    assert said(claim(standing), handle="typed_grace")[0] == "claimed"


def test_a_name_or_a_handle_like_a_parents_verifies_nobody() -> None:
    author = Author("1", "grace_okafor", "Grace Okafor", "mum of two at St Elsewhere, grace@mail.example")
    assert verification("x", author, records()).state == "unverified"


def test_another_handle_than_the_proven_one_is_claimed_only() -> None:
    assert said(claim(same=False))[0] == "claimed"
    state, reason = said(claim(Standing.HANDLE_CHANGED, same=False))
    assert (state, "changed its handle" in reason) == ("claimed", True)
    assert said(claim(Standing.HANDLE_CHANGED, same=False), claim())[0] == "verified"


def test_a_claim_that_is_not_confirmed_says_nothing_of_another_handle() -> None:
    for standing in (Standing.MAILED, Standing.UNMATCHED, Standing.DENIED, Standing.UNDELIVERED):
        assert said(claim(standing, same=False)) == ("unverified", "not on the register")


@pytest.mark.parametrize(
    ("standing", "state", "words"),
    [
        (Standing.MAILED, "claimed", "not confirmed yet"),
        (Standing.UNDELIVERED, "unverified", "takes no mail"),
        (Standing.UNMATCHED, "unverified", "not on the register"),
        (Standing.DENIED, "unverified", "not theirs"),
        (Standing.RESTRICTED, "unverified", "ask the safeguarding lead"),
        (Standing.EXPIRED, "unverified", "not on the register"),
        (Standing.REVOKED, "unverified", "not on the register"),
    ],
)
def test_the_office_is_told_what_became_of_a_claim(standing: Standing, state: str, words: str) -> None:
    found, reason = said(claim(standing))
    assert found == state
    assert words in reason


def test_whoever_left_the_register_is_verified_no_longer() -> None:
    left = RECORDS.replace("grace@mail.example", "other@mail.example")
    state, reason = said(claim(), text=left)
    assert (state, "no longer on the register" in reason) == ("unverified", True)


def test_a_restriction_that_came_later_ends_it_whoever_else_claims_the_account() -> None:
    later = RECORDS.replace("@typed_grace,", "@typed_grace,Yes")
    assert said(claim(), text=later) == ("unverified", ASK_THE_LEAD)
    assert said(claim(), claim(address="birches@mail.example"), text=later) == ("unverified", ASK_THE_LEAD)


def test_a_claim_that_was_held_back_takes_nobody_elses_proof_away() -> None:
    assert said(claim(), claim(Standing.RESTRICTED, "tom@mail.example"))[0] == "verified"


def test_a_restricted_persons_handle_is_never_verified_by_anothers_claim() -> None:
    assert said(claim(), handle="tom_hale") == ("unverified", ASK_THE_LEAD)


def test_proof_goes_before_the_allow_list_and_doubt_after_it() -> None:
    known = {"anybody": "a charity"}
    assert said(claim(), organisations=known)[0] == "verified"
    assert said(claim(Standing.UNMATCHED), organisations=known) == ("organisation", "a charity")


def test_no_claim_says_nothing() -> None:
    assert of_claims([], records()) is None
