"""A school's month of mails: none outside its hours, none lost, none twice, none above the cap.

A clock is moved by hand through a month with a change of the clocks and a holiday; comments come in by themselves and
in bursts, people answer or do not, the mail server (a real one, on loopback) and the machine are away at times.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from monitor import schema
from monitor.domain import Reason, Severity
from monitor.hours import may_tell
from monitor.store import Store
from monitor.tables import CaseRow, DigestRow, ItemRow
from monitor.tables_telling import TellingRow
from monitor.vault import Vault
from tests.alerts.mail_servers import Mailbox, aiosmtpd_server
from tests.conftest import HandClock
from tests.month.world import AUTUMN, SPRING, TAIL, Mail, Month, Span

STATES = re.compile(r"NEW|UPDATED|REMINDER \d+|ESCALATED|CLOSED")
CALLS = {"ACT NOW": Severity.CRITICAL, "LOOK TODAY": Severity.HIGH, "TO REVIEW": Severity.MEDIUM}
HOUR = timedelta(hours=1)


async def _play(month: Month) -> None:
    async with aiosmtpd_server(month.mailbox) as port:
        month.port = port
        await month.play()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((AUTUMN, 1, 1), id="autumn"),
        *(
            pytest.param((span, seed, 4), id=f"{span.begins}-{seed}", marks=pytest.mark.slow)
            for span in (AUTUMN, SPRING)
            for seed in range(2, 7)
        ),
    ],
)
def month(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, _empty_database: Path
) -> Iterator[Month]:
    span, seed, scale = request.param
    assert isinstance(span, Span)
    path = tmp_path_factory.mktemp("month") / "schoolgate.db"
    schema.copy(_empty_database, path)
    store = Store(path, Vault(bytes(range(32))), school="school")
    played = Month(store, HandClock(), span, seed, Mailbox(), 0, scale)
    asyncio.run(_play(played))
    yield played
    store.close()


def of_cases(month: Month) -> list[Mail]:
    return [mail for mail in month.taken if STATES.fullmatch(mail.words[0])]


def tellings(month: Month) -> list[TellingRow]:
    with month.store.read() as session:
        return list(session.exec(select(TellingRow)))


def cases(month: Month) -> dict[int, CaseRow]:
    with month.store.read() as session:
        return {case.id: case for case in session.exec(select(CaseRow)) if case.id}


def test_the_month_has_everything_in_it(month: Month) -> None:
    words = {mail.words[0] for mail in month.taken}
    assert {"NEW", "REMINDER 1", "ESCALATED", "CLOSED", "DIGEST"} <= words
    assert any("cases" in mail.words[-1] for mail in of_cases(month))
    assert len(month.answered) > 15


def test_no_mail_comes_outside_the_hours_of_its_severity(month: Month) -> None:
    early = [
        (mail.at, mail.words)
        for mail in of_cases(month)
        if not may_tell(CALLS.get(mail.words[1], Severity.HIGH), mail.at, month.hours)
    ]
    assert early == []


def test_none_is_lost(month: Month) -> None:
    arrived = {mail.name: mail.to for mail in month.taken}
    told: defaultdict[int, set[str]] = defaultdict(set)
    for row in tellings(month):
        if row.message_id in arrived:
            told[row.case_id].add(arrived[row.message_id])
    lost = [
        case.ref
        for number, case in cases(month).items()
        if case.severity >= Severity.MEDIUM.value
        and number not in month.by_page
        # a pile-on is told of as the case that leads it
        and not told[case.joined_to or number] >= {"headteacher@school.example", "dsl@school.example"}
    ]
    assert lost == []


def test_every_comment_that_came_in_is_a_case(month: Month) -> None:
    with month.store.read() as session:
        assert all(row.assessed_at for row in session.exec(select(ItemRow)))
    assert len(cases(month)) == month.count > 50


def test_a_mail_of_many_counts_the_cases_that_it_tells(month: Month) -> None:
    of_mail: defaultdict[str, set[int]] = defaultdict(set)
    for row in tellings(month):
        of_mail[row.message_id].add(row.case_id)
    for mail in of_cases(month):
        if found := re.fullmatch(r"(\d+) cases?", mail.words[-1]):
            assert len(of_mail[mail.name]) == int(found[1])
        else:
            assert len(of_mail[mail.name]) == 1


def test_none_comes_twice(month: Month) -> None:
    assert Counter(mail.name for mail in month.taken).most_common(1)[0][1] == 1
    shares = Counter((row.case_id, row.recipient, row.reason, row.number) for row in tellings(month))
    assert shares.most_common(1)[0][1] == 1
    told = [mail for mail in of_cases(month) if "case" not in mail.words[-1]]
    grown = {mail.words[2] for mail in told if mail.words[0] == "UPDATED"}
    alone = Counter(  # a case that grows is told of again, and the chain of deputies begins anew
        (mail.to, *mail.words)
        for mail in told
        if mail.words[0] != "UPDATED" and not (mail.words[0] == "ESCALATED" and mail.words[2] in grown)
    )
    assert alone.most_common(1)[0][1] == 1


def test_none_is_above_the_cap(month: Month) -> None:
    by_recipient: defaultdict[str, list[Mail]] = defaultdict(list)
    for mail in of_cases(month):
        by_recipient[mail.to].append(mail)
    most = max(
        sum(first.at <= mail.at < first.at + HOUR for mail in theirs)
        for theirs in by_recipient.values()
        for first in theirs
    )
    assert most <= month.desk.mails_per_hour


def test_what_can_wait_comes_at_most_once_an_hour(month: Month) -> None:
    last: dict[str, Mail] = {}
    for mail in of_cases(month):
        if mail.words[:2] == ["NEW", "TO REVIEW"]:
            assert mail.to not in last or mail.at - last[mail.to].at >= HOUR
            last[mail.to] = mail


def test_reminders_stop_when_somebody_has_the_case(month: Month) -> None:
    arrived = {mail.name: mail for mail in month.taken}
    nags = {Reason.REMINDER.value, Reason.ESCALATION.value}
    late = [
        (row.case_id, row.reason)
        for row in tellings(month)
        if row.reason in nags
        and row.message_id in arrived
        and row.case_id in month.answered
        and arrived[row.message_id].at > month.answered[row.case_id]
        and arrived[row.message_id].words[-1].rpartition(" ")[2] not in {"case", "cases"}
    ]
    assert late == []


def test_what_is_critical_is_never_silent_for_long(month: Month) -> None:
    known = cases(month)
    away = [*month.outages, *month.off]
    for row in tellings(month):
        if (
            row.severity == Severity.CRITICAL
            and row.reason == Reason.FIRST
            and row.case_id not in month.by_page
        ):
            arrived = next(mail.at for mail in month.taken if mail.name == row.message_id)
            ends = [last for first, last in away if first <= arrived and last >= known[row.case_id].opened_at]
            assert arrived - max([known[row.case_id].opened_at, *ends]) <= timedelta(minutes=90)


def test_each_school_day_has_one_digest_and_no_other_day_has(month: Month) -> None:
    ends = (month.ends + TAIL).date()
    days = [month.span.begins + timedelta(days=n) for n in range((ends - month.span.begins).days)]
    with month.store.read() as session:
        made = [row.local_date for row in session.exec(select(DigestRow))]
    assert sorted(made) == [day for day in days if month.span.year.open(day)]
    mailed = Counter(
        (mail.to, str(mail.message["Subject"])) for mail in month.taken if mail.words[0] == "DIGEST"
    )
    assert set(mailed.values()) == {1}
    by_reader = Counter(to.partition("@")[0] for to, _ in mailed)
    assert {by_reader[role] for role in ("office", "esafety", "headteacher")} == {len(made)}
    assert by_reader["dsl"] <= len(made)  # on days with something of theirs
