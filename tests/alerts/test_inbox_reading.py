"""Claims by mail from the mailbox to the follower's state: once each, by the rules of the page, with nobody answered in vain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.inbox import turn
from alerts.inbox.letters import Letters
from alerts.inbox.reading import INCIDENT
from alerts.inbox.turn import LONGEST, OLDEST
from alerts.operations import tell_incidents
from monitor.claim_rows import Answer
from monitor.claims import ASKED_BY_ONE, ASKED_OF_SCHOOL, MAILS_A_DAY, Way
from monitor.store import Store
from tests.alerts.imap_server import Mailroom, serving
from tests.alerts.letters import GRACE, letter
from tests.alerts.mailbox_school import School
from tests.alerts.telling import desk, outbox, text_of
from tests.conftest import HandClock
from tests.families import Families

TOM, BIRCHES, STRANGER = "tom@mail.example", "birches@mail.example", "eve@elsewhere.example"


@pytest.fixture
def room() -> Iterator[Mailroom]:
    with serving(Mailroom()) as serves:
        yield serves


@pytest.fixture
def families(store: Store, clock: HandClock) -> Families:
    return Families(store, clock)


@pytest.fixture
def school(room: Mailroom, families: Families) -> School:
    return School(room, families)


def test_a_claim_by_mail_is_asked_back_and_confirmed_as_one_from_the_page(school: School):
    school.families.follow("77", "grace_o")
    school.room.arrive(letter("My handle is @Grace_O"))
    assert school.turn() == 1
    (claim,) = school.families.claims()
    assert claim.way == Way.MAIL.value
    assert school.families.state("77") == "claimed"
    ((row, mail),) = outbox(school.store)
    assert (row.reason, mail["To"]) == ("claim", GRACE)
    (token,) = school.families.tokens()
    assert school.families.confirm(token) is Answer.CONFIRMED
    school.families.work()
    assert school.families.state("77") == "verified"


def test_a_message_alone_verifies_nobody(school: School):
    school.families.follow("77", "grace_o")
    for number in range(3):
        school.room.arrive(letter(number=number))
    school.turn()
    assert school.families.state("77") == "claimed"


def test_whoever_is_not_proven_or_not_on_the_register_is_answered_nothing(school: School):
    school.room.arrive(letter(results=()))
    school.room.arrive(letter(sender=STRANGER))
    school.room.arrive(letter("Hello"))
    school.room.arrive(letter(Auto_Submitted="auto-replied"))
    school.turn()
    assert school.outcomes() == ["unproven", "claimed", "unclear", "automatic"]
    assert school.families.standings() == ["unmatched"]
    assert outbox(school.store) == []


def test_a_restricted_contact_is_told_to_the_lead_and_to_nobody_else(school: School):
    school.room.arrive(letter("My handle is @another_one", sender=TOM))
    school.room.arrive(
        letter("My handle is @tom_hale")
    )  # the account of a restricted contact, from another's address
    school.turn()
    assert school.families.standings() == ["restricted", "restricted"]
    assert outbox(school.store) == []
    tell_incidents(school.store, desk(), clock=school.clock)
    assert {row.role for row, _ in outbox(school.store)} == {"dsl"}


def test_two_accounts_in_one_message_are_two_claims(school: School):
    school.room.arrive(letter("My handle is @birch_one\nMy other handle is @birch_two", sender=BIRCHES))
    school.turn()
    assert school.families.standings() == ["mailed", "mailed"]
    assert len(set(school.families.tokens())) == 2


def test_one_address_is_mailed_so_often_a_day_and_no_more(school: School):
    for number in range(MAILS_A_DAY + 2):
        school.room.arrive(letter(f"My handle is @grace_{number}", number=number))
    school.turn()
    assert len(school.families.tokens()) == MAILS_A_DAY


def test_one_sender_is_heard_so_often_an_hour_and_no_more(school: School):
    for number in range(ASKED_BY_ONE + 2):
        school.room.arrive(letter(f"My handle is @grace_{number}", number=number))
    school.room.arrive(letter("My handle is @birch", sender=BIRCHES))
    school.turn()
    assert school.outcomes().count("too_many") == 2
    assert school.outcomes()[-1] == "claimed"
    assert len(school.families.claims()) == ASKED_BY_ONE + 1


def test_what_is_too_much_for_the_whole_school_waits_in_the_mailbox(school: School):
    for _ in range(ASKED_OF_SCHOOL):
        school.families.ask(STRANGER, "somebody")
    school.room.arrive(letter())
    assert school.turn() == 0
    assert school.turn(after=61) == 1
    assert school.families.standings()[-1] == "mailed"


def test_a_message_is_read_once(school: School):
    school.room.arrive(letter())
    assert [school.turn(after=3) for _ in range(3)] == [1, 0, 0]
    school.room.arrive(letter("My handle is @grace_two", number=2))
    assert school.turn(after=3) == 1
    assert len(school.families.claims()) == 2


def test_it_is_not_read_before_it_is_due(school: School):
    school.turn()
    said = len(school.room.said)
    school.turn(after=1)
    assert len(school.room.said) == said
    school.turn(after=1)
    assert len(school.room.said) > said


def test_what_was_read_is_not_read_again_under_new_numbers(school: School):
    school.room.arrive(letter())
    school.room.arrive(letter(results=(), number=2))
    school.turn()
    school.room.renumber()
    school.room.arrive(letter("My handle is @grace_two", number=3))
    school.turn(after=3)
    assert school.outcomes() == ["claimed", "unproven", "claimed"]
    assert len(school.families.claims()) == 2
    assert school.state().uid_validity == 2


def test_another_mailbox_is_read_from_its_beginning(school: School):
    school.room.arrive(letter())
    school.turn()
    school.room.folders = ("INBOX", "Families")
    school.mailbox = replace(school.mailbox, inbox=replace(school.mailbox.inbox, folder="Families"))
    school.room.messages.clear()
    school.room.next_uid = 1
    school.room.arrive(letter("My handle is @grace_two", number=2))
    assert school.turn() == 1


def test_what_is_old_is_left_alone(school: School):
    school.room.arrive(letter(), school.clock() - OLDEST - timedelta(days=2))
    school.room.arrive(letter("My handle is @grace_two"), school.clock() - OLDEST + timedelta(days=2))
    school.turn()
    assert len(school.families.claims()) == 1


def test_a_message_that_went_while_it_was_read_holds_up_nothing(school: School):
    school.room.arrive(letter())
    school.room.arrive(letter("My handle is @grace_two", number=2))
    school.room.gone.add(1)
    assert school.turn() == 2
    assert school.outcomes() == ["claimed"]
    assert school.state().last_uid == 2


def test_many_messages_take_several_turns(school: School, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turn, "MOST", 2)
    for number in range(5):
        school.room.arrive(letter(f"My handle is @grace_{number}", number=number))
    assert [school.turn(after=3) for _ in range(4)] == [2, 2, 1, 0]
    monkeypatch.setattr(turn, "LONGEST", -LONGEST)
    school.room.arrive(letter("My handle is @late", number=9))
    assert school.turn(after=3) == 0


def test_a_message_that_breaks_the_reading_is_counted_and_passed(school: School):
    parts = "".join(f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(3000))
    school.room.arrive(
        letter("").replace(b'text/plain; charset="utf-8"', b"multipart/mixed; boundary=b0") + parts.encode()
    )
    school.room.arrive(letter(number=2))
    school.turn()
    assert school.outcomes() == ["unreadable", "claimed"]


def test_a_mailbox_that_fails_once_or_twice_is_nobodys_news(school: School):
    school.room.faults["EXAMINE"] = "drop"
    school.room.arrive(letter())
    school.turn()
    school.turn(after=3)
    assert school.incidents() == []
    school.turn(after=10)
    assert school.incidents() == [INCIDENT]
    tell_incidents(school.store, desk(), clock=school.clock)
    for _ in range(3):
        school.turn(after=61)
        tell_incidents(school.store, desk(), clock=school.clock)
    ((row, mail),) = outbox(school.store)
    assert row.role == "it"
    assert "check claims.mail.host and port" in text_of(mail)
    school.room.faults.clear()
    assert school.turn(after=61) == 1
    assert school.incidents() == []


def test_what_a_person_must_mend_is_told_at_once_and_not_tried_often(school: School):
    school.room.password = "changed"
    school.turn()
    assert school.incidents() == [INCIDENT]
    tried = school.room.said.count("LOGIN")
    school.turn(after=30)
    assert school.room.said.count("LOGIN") == tried
    school.room.password = "marker-imap-password"
    Letters(school.store, school.mailbox, school.clock)  # the service is started again
    school.turn()
    assert school.incidents() == []


def test_a_failure_in_the_middle_loses_nothing_and_doubles_nothing(school: School):
    for number in range(3):
        school.room.arrive(letter(f"My handle is @grace_{number}", number=number))
    school.room.breaks_at = 2
    school.turn()
    assert len(school.families.claims()) == 1
    school.room.breaks_at = 0
    school.turn(after=3)
    assert school.outcomes() == ["claimed"] * 3
    assert len(school.families.claims()) == 3


def test_nothing_of_who_wrote_what_is_kept_in_clear(school: School, caplog: pytest.LogCaptureFixture):
    school.room.arrive(
        letter("My handle is @marker_handle", sender="marker@stranger.example", subject="marker")
    )
    school.room.arrive(letter("My handle is @marker_handle", sender="marker@stranger.example", results=()))
    school.turn()
    kept = b"".join(path.read_bytes() for path in school.store.path.parent.glob("*.db*"))
    assert b"marker" not in kept
    assert "marker" not in caplog.text
