"""Answers by mail that somebody made up: nothing is decided by them, and no mail grows out of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.answering import MOST_AN_HOUR
from alerts.desk import Reader
from alerts.digest import digest
from alerts.inbox import counts
from alerts.inbox.answers import INCIDENT, Answers
from alerts.operations import tell_incidents
from monitor.domain import Role
from monitor.incidents import open_incidents
from monitor.store import Store
from monitor.tables import CaseRow
from tests.alerts.answering_school import HEAD, STRANGER, School, code_of, reply_to
from tests.alerts.imap_server import Mailroom, serving
from tests.alerts.letters import found
from tests.alerts.mailbox_school import inbox
from tests.alerts.telling import ADDRESSES, outbox, text_of
from tests.conftest import HandClock


@pytest.fixture
def room() -> Iterator[Mailroom]:
    with serving(Mailroom()) as serves:
        yield serves


@pytest.fixture
def school(room: Mailroom, store: Store, clock: HandClock) -> School:
    return School(room, store, clock, (Role.HEADTEACHER,))


def nothing_came(school: School, outcome: str, *, told: int = 0) -> None:
    assert school.came() == [outcome]
    assert school.decisions() == []
    assert school.case().state == "open"
    assert len(school.back()) == told


# --- machines


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"Return_Path": "<>"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<staff.school.example>"},
    ],
)
def test_machines_are_not_answered(school: School, headers: dict[str, str]):
    school.answer(reply_to(school.alert(), "HIDE", **headers))
    nothing_came(school, "automatic")


def test_our_own_mail_that_comes_back_is_not_answered(school: School):
    mail = school.alert()
    del mail["From"]
    raw = f"From: {HEAD}\nAuthentication-Results: {found(HEAD)}\n".encode() + mail.as_bytes()
    school.answer(raw)
    nothing_came(school, "automatic")


def test_two_machines_do_not_talk_for_ever(school: School):
    mail = school.alert()
    for number in range(MOST_AN_HOUR + 3):
        school.answer(reply_to(mail, "I am away until Monday.", number=number))
    assert len(school.back()) == MOST_AN_HOUR
    assert school.came() == ["no_word"] * (MOST_AN_HOUR + 3)
    school.answer(reply_to(mail, "ACK", number=99))  # a person is heard all the same, and told
    assert school.decisions() == [("headteacher", "acknowledge")]
    assert school.said_back().count("NOTED") == 1
    school.turn(minutes=61)
    school.answer(reply_to(mail, "I am away until Monday.", number=100))
    assert school.said_back().count("NOT DONE") == MOST_AN_HOUR + 1


# --- what is in it


def test_nothing_of_the_answer_gets_into_the_mail_back(school: School):
    mail = school.alert()
    raw = reply_to(
        mail,
        "HIDE\x00\n\nBcc: everybody@evil.example\nmarker-words https://evil.example",
        Message_ID="<marker@mail.example>",
        References="<marker@mail.example>",
        In_Reply_To="<marker@mail.example>",
        Subject="=?utf-8?q?marker=0ABcc:_everybody@evil.example?=",
        Reply_To="marker@evil.example",
        Cc="marker@evil.example",
    )
    school.answer(raw)
    ((_, back),) = school.back()
    whole = back.as_string()
    assert "marker" not in whole
    assert "evil" not in whole
    assert back["To"] == HEAD
    assert back["Bcc"] is None


def test_a_case_code_of_another_school_or_a_guess_is_nobodys(school: School):
    mail = school.alert()
    guess = "ZZZZ-ZZZZ-ZZZZ" if code_of(mail) != "ZZZZ-ZZZZ-ZZZZ" else "0000-0000-0000"
    school.answer(reply_to(mail, f"HIDE\n\nCode {guess}", quoting=False, addressed=False))
    nothing_came(school, "not_theirs", told=1)


def test_of_two_quoted_codes_the_topmost_counts(school: School):
    first = school.alert()
    second = school.alert("[threat critical] another")
    text = f"ACK\n\n> Code {code_of(second)}\n> > Code {code_of(first)}\n"
    school.answer(reply_to(first, text, quoting=False, addressed=False))
    assert (school.case(1).state, school.case(2).state) == ("open", "acknowledged")


@pytest.mark.parametrize(
    "body",
    [
        "HIDE\n" + "x" * 5_000_000,
        "HIDE\n" + "> \n" * 100_000,
        "HIDE\n" + "on monday " * 50_000,
        "HIDE\n" + "<" * 200_000,
    ],
)
def test_a_huge_message_is_read_as_far_as_it_needs(school: School, body: str):
    school.answer(reply_to(school.alert(), body, quoting=False))
    assert school.decisions() == [("headteacher", "remove")]


def test_a_message_that_breaks_the_reading_stops_none_behind_it(school: School):
    mail = school.alert()
    parts = "".join(f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(3000))
    broken = reply_to(mail, "", quoting=False).replace(
        b'text/plain; charset="utf-8"', b"multipart/mixed; boundary=b0"
    )
    school.room.arrive(broken + parts.encode(), school.clock())
    school.answer(reply_to(mail, "ACK", number=2))
    assert school.came() == ["unreadable", "decided"]


def test_an_attached_message_is_somebody_elses(school: School):
    mail = school.alert()
    inner = reply_to(mail, "HIDE").decode()
    raw = reply_to(mail, "See below", html=None).replace(
        b'Content-Type: text/plain; charset="utf-8"', b"Content-Type: multipart/mixed; boundary=cut"
    )
    head, _, _ = raw.partition(b"\n\n")
    raw = head + f"\n\n--cut\nContent-Type: message/rfc822\n\n{inner}\n--cut--\n".encode()
    school.answer(raw)
    assert school.decisions() == []


# --- what is kept and told


def test_nothing_of_who_wrote_what_is_kept_in_clear(school: School, caplog: pytest.LogCaptureFixture):
    mail = school.alert()
    school.answer(reply_to(mail, "marker-words", sender="marker@elsewhere.example"))
    school.answer(reply_to(mail, "marker-words", number=2))
    kept = b"".join(path.read_bytes() for path in school.store.path.parent.glob("*.db*"))
    assert b"marker" not in kept
    assert HEAD.encode() not in kept
    assert "marker" not in caplog.text


def test_the_technician_is_told_how_many_did_nothing_and_not_by_whom(school: School):
    mail = school.alert()
    school.answer(reply_to(mail, "HIDE", results=()))
    school.answer(reply_to(mail, "HIDE", sender=STRANGER, number=2))
    school.answer(reply_to(mail, "ACK", number=3))
    reach, says = school.answers.probe()
    assert reach.ok
    assert "1 decision by mail" in says.says
    assert "1 not shown to come from the address they give; 1 from people who hold no role" in says.says
    with school.store.read() as session:
        since = school.clock() - timedelta(days=1)
        assert counts.came_to_nothing(session, school.store, since) == ()  # no family's messages
        assert len(counts.answers_to_nothing(session, school.store, since)) == 2
    digest(school.store, school.desk, clock=school.clock)
    (said,) = [
        text_of(mail) for row, mail in outbox(school.store) if (row.role, row.reason) == ("office", "digest")
    ]
    assert "2 answers to alerts did nothing" in said
    assert STRANGER not in said


def test_a_mailbox_that_cannot_be_read_is_told_of_and_costs_nothing(school: School):
    mail = school.alert()
    school.room.password = "changed"
    school.answer(reply_to(mail, "ACK"))
    tell_incidents(school.store, school.desk, clock=school.clock)
    told = [text_of(mail) for row, mail in outbox(school.store) if row.role == "it"]
    assert "check replies.username" in " ".join(told[0].split())
    school.room.password = "marker-imap-password"
    school.settle()  # the service is started again
    school.turn()
    assert school.decisions() == [("headteacher", "acknowledge")]
    with school.store.read() as session:
        assert INCIDENT not in [row.key for row in open_incidents(session, "school")]


def test_whoever_stands_in_may_answer_what_was_mailed_to_them(school: School):
    school.desk = replace(school.desk, reader=lambda _role, _day: Reader(Role.DEPUTY, ADDRESSES[Role.DEPUTY]))
    mail = school.alert()
    assert mail["To"] == ADDRESSES[Role.DEPUTY]
    school.answers = Answers(
        school.store, inbox(school.room, every=timedelta(seconds=30)), school.desk, school.clock
    )
    school.answer(reply_to(mail, "ACK", sender=ADDRESSES[Role.DEPUTY]))
    assert school.decisions() == [("deputy", "acknowledge")]


def test_who_is_named_before_the_network_answers_hears_no_more_of_it(school: School):
    mail = school.alert()
    school.room.arrive(reply_to(mail, "HIDE"), school.clock())
    school.turn(act_too=False)
    with school.store.write() as session:
        case = session.get_one(CaseRow, school.case().id)
        case.category, case.bypassed = "staff_allegation", "headteacher"
    school.turn(minutes=5, act_too=False)
    assert school.decisions() == [("headteacher", "remove")]
    assert school.back() == []
