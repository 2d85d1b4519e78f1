"""Answers to alerts by mail: one word decides once, by the rules of the page, and everything else does nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from alerts.deciding import Asked, Result, decide
from alerts.notify import notify
from alerts.reply_codes import ByMail
from monitor.domain import Choice, Done, Outcome, Role
from monitor.store import Store
from monitor.tables import AuditRow
from tests.alerts.answering_school import DSL, HEAD, MAILBOX, School, code_of, reply_to
from tests.alerts.imap_server import Mailroom, serving
from tests.alerts.letters import letter
from tests.alerts.telling import outbox, text_of
from tests.conftest import HandClock


@pytest.fixture
def room() -> Iterator[Mailroom]:
    with serving(Mailroom()) as serves:
        yield serves


@pytest.fixture
def made(room: Mailroom, store: Store, clock: HandClock) -> Callable[..., School]:
    return lambda *told: School(room, store, clock, told or (Role.HEADTEACHER,))


@pytest.fixture
def school(made: Callable[..., School]) -> School:
    return made()


def test_an_alert_says_how_it_is_answered(school: School):
    mail = school.alert()
    text = text_of(mail)
    for line in ("ACK        I am on it", "HIDE       hide it", "DSL        hand it to the designated"):
        assert line in text
    (row,) = school.codes()
    code = code_of(mail)
    assert mail["Reply-To"] == f"replies+{code.replace('-', '').lower()}@school.example"
    assert (row.role, row.seq, row.expires_at) == ("headteacher", 0, school.clock() + timedelta(days=3))
    kept = b"".join(path.read_bytes() for path in school.store.path.parent.glob("*.db*"))
    assert code.encode() not in kept
    assert code.replace("-", "").encode() not in kept


def test_without_a_mailbox_for_answers_no_mail_offers_one(school: School):
    school.desk = replace(school.desk, replies=None)
    mail = school.alert()
    assert mail["Reply-To"] is None
    assert "ANSWER BY MAIL" not in text_of(mail)
    assert "not by reply" in " ".join(text_of(mail).split())
    assert school.codes() == []


def test_ack_takes_the_case_and_is_confirmed_once_in_the_thread(school: School):
    mail = school.alert()
    school.answer(reply_to(mail, "ACK"))
    assert school.came() == ["decided"]
    assert school.decisions() == [("headteacher", "acknowledge")]
    assert (school.case().state, school.case().acknowledged_by) == ("acknowledged", "headteacher")
    ((row, back),) = school.back()
    assert (row.role, back["To"]) == ("headteacher", HEAD)
    assert back["Subject"] == "NOTED · SM-0001 · possible threat · Facebook"
    assert back["In-Reply-To"] == back["References"] == mail["Message-ID"]
    assert "Noted: you are on it." in text_of(back)
    school.turn()
    school.turn(minutes=60)
    assert len(school.back()) == 1


def test_hide_hides_and_the_mail_back_says_what_is_true(school: School):
    mail = school.alert()
    school.answer(reply_to(mail, "Hide."))
    assert [action.value for action, _ in school.network.done] == ["hide"]
    ((_, back),) = school.back()
    assert "Hidden 09:01; its author still sees it" in text_of(back)
    assert "deleted" not in text_of(back)


def test_hide_that_the_network_refuses_is_told_as_it_is(school: School):
    school.network.acts.append(Outcome(Done.REFUSED, "no"))
    school.answer(reply_to(school.alert(), "HIDE"))
    assert "Facebook would not hide it 09:01; still public" in text_of(school.back()[0][1])


def test_hide_that_the_network_does_not_answer_is_told_after_two_minutes(school: School):
    mail = school.alert()
    school.room.arrive(reply_to(mail, "HIDE"), school.clock())
    school.turn(act_too=False)
    assert school.back() == []
    school.turn(minutes=1, act_too=False)
    assert school.back() == []
    school.turn(minutes=1, act_too=False)
    ((_, back),) = school.back()
    assert "Facebook has not answered yet" in " ".join(text_of(back).split())
    assert "Not hidden yet; still public" in text_of(back)
    school.turn(minutes=5)
    assert len(school.back()) == 1


def test_dsl_hands_the_case_over_and_the_lead_is_mailed(school: School):
    school.answer(reply_to(school.alert(), "dsl"))
    assert school.decisions() == [("headteacher", "ask_dsl")]
    assert school.case().roles == "headteacher,dsl"
    notify(school.store, school.desk, clock=school.clock)
    assert (DSL, "updated") in [(mail["To"], row.reason) for row, mail in outbox(school.store)]
    assert "Noted: the designated safeguarding lead is told." in text_of(school.back()[0][1])


def test_the_mail_back_can_be_answered_next(school: School):
    school.answer(reply_to(school.alert(), "ACK"))
    ((_, back),) = school.back()
    assert "ACK  " not in text_of(back)
    school.answer(reply_to(back, "HIDE", number=2))
    assert school.decisions() == [("headteacher", "acknowledge"), ("headteacher", "remove")]
    assert school.said_back() == ["NOTED", "NOTED"]


def test_what_was_answered_by_mail_stands_in_the_audit(school: School):
    school.answer(reply_to(school.alert(), "ACK"))
    with school.store.read() as session:
        happened = [(row.actor, row.event, row.thing) for row in session.exec(select(AuditRow))]
    assert ("headteacher", "answered by mail", "case SM-0001") in happened
    assert ("headteacher", "acknowledge decided", "case SM-0001") in happened


@pytest.mark.parametrize(
    "text",
    [
        "YES",
        "HIDE please",
        "Please HIDE",
        "DELETE",
        "ACK HIDE",
        "H I D E",
        "НIDE",
        "hide\u202e",
        "ok\nHIDE",
        "",
    ],
)
def test_anything_but_one_of_our_words_does_nothing_and_is_told_once(school: School, text: str):
    school.answer(reply_to(school.alert(), text))
    assert school.decisions() == []
    assert school.came() == ["no_word"]
    ((_, back),) = school.back()
    assert back["Subject"].startswith("NOT DONE · SM-0001")
    assert back["To"] == HEAD


@pytest.mark.parametrize(
    "text", ["HIDE", "  hide  ", "Hide!", "\n\nHIDE\n\nSent from my phone", "HIDE\n-- \nA. Head"]
)
def test_one_word_alone_in_the_first_line_counts(school: School, text: str):
    school.answer(reply_to(school.alert(), text))
    assert school.decisions() == [("headteacher", "remove")]


def test_our_own_words_below_an_empty_answer_decide_nothing(school: School):
    mail = school.alert()
    text = text_of(mail)
    at = text.index("OR ANSWER BY MAIL")
    for number, body in enumerate(
        (
            text,  # a program that marks nothing
            text[at:],
            "\n".join(f"> {one}" for one in text.splitlines()),
            f"-----Original Message-----\nHIDE\n{text}",
            f"From: Schoolgate <schoolgate@school.example>\nHIDE\n{text}",
            f"________________________________\nHIDE\n{text}",
            f"> HIDE\n{code_of(mail)}",
        )
    ):
        school.answer(reply_to(mail, body, quoting=False, number=number))
    assert school.decisions() == []


def test_an_answer_below_what_it_answers_counts(school: School):
    mail = school.alert()
    quoted = "\n".join(f"> {one}" for one in text_of(mail).splitlines())
    began = "On Fri, 20 Nov 2026 at 09:02, Schoolgate, St Elsewhere Primary School\n<schoolgate@school.example> wrote:"
    school.answer(reply_to(mail, f"{began}\n{quoted}\n\nACK\n", quoting=False))
    assert school.decisions() == [("headteacher", "acknowledge")]


def test_an_answer_in_html_alone_counts(school: School):
    mail = school.alert()
    html = f'<html><body><div>HIDE</div><div class="gmail_quote"><blockquote>DSL<br>Code {code_of(mail)}</blockquote></div></body></html>'
    school.answer(reply_to(mail, "", quoting=False, addressed=False, html=html))
    assert school.decisions() == [("headteacher", "remove")]


def test_parts_that_say_two_things_say_nothing(school: School):
    mail = school.alert()
    school.answer(reply_to(mail, "HIDE", html="<p>ACK</p>"))
    assert school.came() == ["no_word"]
    assert school.decisions() == []


def test_the_code_is_found_in_what_is_quoted_where_the_address_has_none(school: School):
    school.settle(plus=False)
    mail = school.alert()
    assert mail["Reply-To"] == MAILBOX
    school.answer(reply_to(mail, "ACK"))
    assert school.decisions() == [("headteacher", "acknowledge")]


def test_an_answer_that_names_no_mail_does_nothing(school: School):
    mail = school.alert()
    school.answer(reply_to(mail, "HIDE", addressed=False, quoting=False))
    school.answer(letter("HIDE\nCode 0000-0000-0000", sender=HEAD, number=2))
    assert school.came() == ["not_theirs", "not_theirs"]
    assert school.decisions() == []
    for _, back in school.back():
        assert back["Subject"] == "NOT DONE · your answer by mail"
        assert "SM-0001" not in text_of(back)
        assert "http" not in text_of(back)


def test_the_same_message_twice_and_the_same_mail_twice_decide_once(school: School):
    mail = school.alert()
    raw = reply_to(mail, "HIDE")
    school.answer(raw)
    school.answer(raw)
    school.answer(reply_to(mail, "HIDE", number=2))
    school.answer(reply_to(mail, "DSL", number=3))
    assert school.decisions() == [("headteacher", "remove")]
    assert school.came() == ["decided", "used", "used"]
    assert school.said_back() == ["NOTED", "NOT DONE", "NOT DONE"]


def test_two_who_answer_at_once_decide_once(made: Callable[..., School]):
    school = made(Role.HEADTEACHER, Role.DSL)
    school.alert()
    mails = {row.role: mail for row, mail in outbox(school.store)}
    assert "DSL  " not in text_of(mails["headteacher"])  # the lead is told already
    school.room.arrive(reply_to(mails["headteacher"], "HIDE"), school.clock())
    school.room.arrive(reply_to(mails["dsl"], "HIDE", sender=DSL, number=2), school.clock())
    assert school.turn() == 2
    assert school.decisions() == [("headteacher", "remove")]
    assert school.came() == ["decided", "changed"]
    assert {(mail["To"], str(mail["Subject"])[:5]) for _, mail in school.back()} == {
        (HEAD, "NOTED"),
        (DSL, "NOT D"),
    }


def test_an_answer_to_an_older_mail_of_the_thread_does_nothing_once_the_case_has_changed(school: School):
    mail = school.alert()
    with school.store.write() as session:
        case = session.get_one(type(school.case()), 1)
        deciding = ByMail(school.store, school.desk.capabilities)
        asked = Asked(Choice.ACKNOWLEDGE, 0, case.item_id)
        assert decide(deciding, session, case, Role.DSL, asked, school.clock()) is Result.STORED
    school.answer(reply_to(mail, "HIDE"))
    assert school.came() == ["changed"]
    ((_, back),) = school.back()
    assert "The designated safeguarding lead is on it." in text_of(back)
    school.answer(reply_to(back, "HIDE", number=2))
    assert school.decisions()[-1] == ("headteacher", "remove")


def test_an_answer_after_its_time_does_nothing(school: School):
    mail = school.alert()
    school.turn(minutes=3 * 24 * 60)
    school.answer(reply_to(mail, "HIDE"))
    assert school.came() == ["expired"]
    assert school.decisions() == []


@pytest.mark.parametrize("category", ["complaint critical", "press critical"])
def test_what_is_fair_is_never_hidden_by_mail(school: School, category: str):
    mail = school.alert(f"[{category}]")
    assert "HIDE" not in text_of(mail)
    school.answer(reply_to(mail, "HIDE"))
    assert school.came() == ["not_offered"]
    assert school.network.done == []


def test_an_allegation_is_not_handed_on_by_mail(school: School):
    mail = school.alert("[staff_allegation critical]")
    assert "DSL  " not in text_of(mail)
    school.answer(reply_to(mail, "DSL"))
    assert school.came() == ["not_offered"]
    assert school.case().roles == "headteacher"
