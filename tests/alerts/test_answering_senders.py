"""Who may answer by mail: the very reader of the alert, as our own server vouches. Strangers are told nothing at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.domain import Role
from monitor.store import Store
from monitor.tables import CaseRow
from tests.alerts.answering_school import DSL, HEAD, STRANGER, School, reply_to
from tests.alerts.imap_server import Mailroom, serving
from tests.alerts.letters import found
from tests.alerts.telling import text_of
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


# --- who wrote it


@pytest.mark.parametrize(
    "results",
    [
        (),
        (found(HEAD, result="fail"),),
        (found(HEAD, result="none"),),
        (found(HEAD, by="mx.evil.example"),),
        (found(STRANGER), found(HEAD)),  # ours says another domain; below it what the sender wrote
        (found(HEAD, by="mx.evil.example"), found(HEAD)),
        ("mx.school.example; spf=pass smtp.mailfrom=school.example",),
        (f"mx.school.example; dkim=pass header.d=school.example.evil.example; x={HEAD}",),
        ('mx.school.example; dkim=fail (dkim=pass header.d=school.example) reason="dkim=pass"',),
        ("mx.school.example; dmarc=fail header.from=school.example; dkim=pass header.d=school.example",),
        ("mx.school.example; dkim=pass header.d=example",),
        (f"mx.school.example; {'a' * 20_000} dkim=pass header.d=school.example",),
    ],
)
def test_what_our_server_does_not_vouch_for_is_not_heard(school: School, results: tuple[str, ...]):
    school.answer(reply_to(school.alert(), "HIDE", results=results))
    nothing_came(school, "unproven")


def test_a_header_that_came_in_with_a_message_is_not_ours(school: School):
    raw = reply_to(school.alert(), "HIDE", results=())
    school.answer(raw + f"\nAuthentication-Results: {found(HEAD)}\n".encode())
    nothing_came(school, "unproven")


@pytest.mark.parametrize(
    "line",
    [
        f"<{HEAD}>, <{STRANGER}>",
        f'"{HEAD}" <{STRANGER}>, <{HEAD}>',
        f"{HEAD} {STRANGER}",
        f"<{HEAD}",
        f"{HEAD}\r\nFrom: {STRANGER}",
        "undisclosed-recipients:;",
        "",
    ],
)
def test_a_from_that_is_not_one_address_is_not_heard(school: School, line: str):
    school.answer(reply_to(school.alert(), "HIDE", line=line or " "))
    nothing_came(school, "sender")


@pytest.mark.parametrize(
    "line",
    [
        f'"{HEAD}" <{STRANGER}>',
        f"{HEAD.replace('@', ' at ')} <{STRANGER}>",
        f"=?utf-8?q?{HEAD.replace('@', '=40')}?= <{STRANGER}>",
        f"=?utf-8?b?PGhlYWR0ZWFjaGVyQHNjaG9vbC5leGFtcGxlPg==?= <{STRANGER}>",
    ],
)
def test_a_display_name_is_nobody(school: School, line: str):
    mail = school.alert()
    school.answer(reply_to(mail, "HIDE", line=line, sender=STRANGER))
    nothing_came(school, "stranger")


@pytest.mark.parametrize(
    "sender", [STRANGER, "headteacher+x@school.example", "h\u0435adteacher@school.example"]
)
def test_a_stranger_is_told_nothing(school: School, sender: str):
    school.answer(reply_to(school.alert(), "HIDE", sender=sender, line=f"<{sender}>"))
    assert school.decisions() == []
    assert school.back() == []


def test_whoever_was_sent_the_mail_on_cannot_answer_it(school: School):
    school.answer(reply_to(school.alert(), "HIDE", sender=DSL))
    nothing_came(school, "not_theirs", told=1)
    ((row, back),) = school.back()
    assert (row.role, back["To"]) == ("dsl", DSL)
    assert "SM-0001" not in str(back["Subject"]) + text_of(back)


def test_whoever_holds_the_role_no_longer_cannot_answer(school: School):
    mail = school.alert()
    school.holders[Role.HEADTEACHER] = "new-head@school.example"
    school.settle()
    school.answer(reply_to(mail, "HIDE"))
    nothing_came(school, "stranger")


def test_whoever_changed_their_role_cannot_answer_in_the_old_one(school: School):
    mail = school.alert()
    school.holders |= {Role.HEADTEACHER: "new-head@school.example", Role.OFFICE: HEAD}
    school.settle()
    school.answer(reply_to(mail, "HIDE"))
    nothing_came(school, "not_theirs", told=1)


def test_whoever_holds_the_role_now_cannot_answer_what_was_mailed_to_another(school: School):
    mail = school.alert()
    school.holders[Role.HEADTEACHER] = "new-head@school.example"
    school.settle()
    school.answer(reply_to(mail, "HIDE", sender="new-head@school.example"))
    nothing_came(school, "not_theirs", told=1)


def test_whoever_is_named_in_another_role_of_theirs_cannot_answer(school: School):
    mail = school.alert()
    school.holders[Role.DEPUTY] = HEAD
    school.settle()
    with school.store.write() as session:
        session.get_one(CaseRow, 1).bypassed = "deputy"
    school.answer(reply_to(mail, "HIDE"))
    nothing_came(school, "not_theirs", told=1)


def test_whoever_is_named_in_the_case_by_now_cannot_answer(school: School):
    mail = school.alert()
    with school.store.write() as session:
        session.get_one(CaseRow, 1).bypassed = "headteacher"
    school.answer(reply_to(mail, "HIDE"))
    nothing_came(school, "not_theirs", told=1)
    assert "SM-0001" not in text_of(school.back()[0][1])
