from __future__ import annotations

from dataclasses import replace

from sqlmodel import select

from alerts.notify import notify
from monitor import items
from monitor.assess import assess
from monitor.domain import Author
from monitor.pile_on import PileOn
from monitor.store import Store
from monitor.tables_telling import TellingRow
from tests.alerts.telling import delivered, desk, outbox, text_of, told
from tests.conftest import HandClock
from tests.making import comment, judgement
from tests.monitor.test_assess import arrive


def test_a_thread_is_counted_where_it_is_long(store: Store, clock: HandClock) -> None:
    with store.write() as session:
        for number in range(1, 43):
            item = comment(
                "[insult medium]",
                str(number),
                thread_id="t1",
                author=Author(f"a{number}", "sam_example", "Sam Example"),
            )
            session.add(
                items.to_row(
                    item,
                    store.vault,
                    school=store.school,
                    network="facebook",
                    version=1,
                    now=clock(),
                    baseline=False,
                )
            )
    apart = replace(judgement(), pile_on=PileOn(authors=99, comments=99))
    assess(store, apart, clock=clock)
    notify(store, desk(), clock=clock)
    mail = next(mail for row, mail in outbox(store) if row.role == "headteacher")
    assert mail["Subject"] == "NEW · TO REVIEW · 42 cases"
    assert "And 37 more in this thread of St Elsewhere on Facebook" in text_of(mail)
    assert "SM-0006 to SM-0042." in text_of(mail)


def test_what_is_over_the_cap_is_in_a_later_mail(store: Store, clock: HandClock) -> None:
    tellings = 0
    for minute in range(0, 60, 5):
        arrive(store, clock, *(f"[threat critical] {minute} {n}" for n in range(3)), first=minute * 10 + 1)
        assess(store, judgement(), clock=clock)
        notify(store, desk(), clock=clock)
        tellings += sum(row.role == "headteacher" for row, _ in delivered(store, clock))
        clock.wait(minutes=5)
    assert tellings <= 10
    clock.wait(hours=1)
    notify(store, desk(), clock=clock)
    with store.read() as session:
        rows = session.exec(select(TellingRow).where(TellingRow.role == "headteacher")).all()
    assert len(rows) == 36
    assert all(row.message_id for row in rows)


def test_each_recipient_has_a_cap_of_their_own(store: Store, clock: HandClock) -> None:
    arrive(store, clock, *(f"[threat critical] {number}" for number in range(8)))
    assess(store, judgement(), clock=clock)
    notify(store, desk(), clock=clock)
    by_role = {
        role: [reason for who, reason in told(store) if who == role] for role in ("headteacher", "dsl")
    }
    assert by_role == dict.fromkeys(by_role, ["first"] * 6 + ["grouped"])
