from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlmodel import col, select

from monitor.domain import Finding, Role, Severity
from monitor.tables import AuditRow, CaseRow, EvidenceRow, NoticeRow
from monitor.tables_cases import PileRow, TieRow
from tests.counting import statements
from tests.making import bracketed
from tests.monitor.crowd import INSULT, Crowd, crowd

__all__ = ["crowd"]


def test_a_pile_on_is_one_case_with_one_update_and_each_item_keeps_its_copy(crowd: Crowd) -> None:
    crowd.write(INSULT, INSULT)
    assert crowd.tell() == [("SM-0001", "first"), ("SM-0002", "first")]
    crowd.write(INSULT)
    assert crowd.tell() == [("SM-0001", "updated")]
    assert crowd.leading() == ["SM-0001"]
    crowd.write(INSULT, INSULT)
    assert crowd.tell() == []
    crowd.write(INSULT)
    assert crowd.tell() == [("SM-0001", "updated")]  # from three to six
    with crowd.store.read() as session:
        pile = session.exec(select(PileRow)).one()
        assert (pile.items, pile.told) == (6, 6)
        copied = set(session.exec(select(EvidenceRow.case_id)))
    assert copied == {case.id for case in crowd.cases()}


def test_one_who_writes_a_lot_is_a_pile_on_too(crowd: Crowd) -> None:
    crowd.write(*[INSULT] * 5, author="same")
    assert crowd.leading() == ["SM-0001"]


def test_what_has_not_gone_out_yet_is_one_mail(crowd: Crowd) -> None:
    crowd.write(*[INSULT] * 7)
    assert crowd.tell() == [("SM-0001", "first")]


def test_another_thread_and_another_day_are_no_pile_on(crowd: Crowd) -> None:
    crowd.write(INSULT, INSULT)
    crowd.write(INSULT, thread="u")
    crowd.clock.wait(hours=7)
    crowd.write(INSULT)
    assert len(crowd.leading()) == 4


def test_criticism_is_never_gathered(crowd: Crowd) -> None:
    crowd.write(*["[complaint low]"] * 8)
    assert len(crowd.leading()) == 8


@pytest.mark.parametrize(
    "grave", ["[threat critical]", "[insult critical]", "[grooming high]", "[staff_allegation high]"]
)
def test_a_threat_in_a_pile_on_alerts_at_once_by_itself_and_names_the_pile(crowd: Crowd, grave: str) -> None:
    crowd.write(*[INSULT] * 6)
    crowd.tell()
    crowd.write(INSULT, grave, INSULT)
    assert ("SM-0008", "first") in crowd.tell()
    assert crowd.leading() == ["SM-0001", "SM-0008"]
    with crowd.store.read() as session:
        tie = session.exec(select(TieRow)).one()
    assert (tie.case_id, tie.other_id, tie.kind) == (8, 1, "beside")


def test_a_threat_that_is_written_into_a_gathered_comment_leaves_the_pile_and_alerts(crowd: Crowd) -> None:
    crowd.write(*[INSULT] * 4)
    crowd.tell()
    crowd.write("[threat critical]", again="3")
    assert crowd.tell() == [("SM-0003", "updated")]
    (case,) = (one for one in crowd.cases() if one.ref == "SM-0003")
    assert (case.joined_to, case.severity, case.state) == (None, Severity.CRITICAL, "open")


def test_a_threat_that_is_written_into_the_leading_comment_hands_the_pile_over(crowd: Crowd) -> None:
    crowd.write(*[INSULT] * 4)
    crowd.tell()
    with crowd.store.write() as session:
        session.get_one(CaseRow, 1).severity = Severity.CRITICAL.value  # as for a pupil: no edit can be worse
    crowd.write("[threat critical]", again="1")
    assert sorted(crowd.tell()) == [("SM-0001", "updated"), ("SM-0002", "updated")]
    assert crowd.leading() == ["SM-0001", "SM-0002"]
    with crowd.store.read() as session:
        pile = session.exec(select(PileRow)).one()
    assert (pile.case_id, pile.items) == (2, 3)


def test_what_is_graver_than_its_readers_know_is_told_and_raises_the_case(crowd: Crowd) -> None:
    crowd.write(*[INSULT] * 5)
    crowd.tell()
    crowd.write("[discrimination.race high]")
    assert crowd.tell() == [("SM-0001", "updated")]
    lead = crowd.cases()[0]
    assert (lead.severity, lead.category, lead.state) == (Severity.HIGH, "discrimination.race", "open")
    crowd.write("[discrimination.race high]")
    assert crowd.tell() == []


def pupil(text: str) -> Sequence[Finding]:
    name = Finding("identifying.name", Severity.MEDIUM, "name.full", "a name", (0, 11))
    return (name, *bracketed(text)) if text.startswith("Grace Okoro") else bracketed(text)


def test_a_pile_on_against_a_pupil_is_bullying_one_step_up_and_the_safeguarding_lead_hears(
    crowd: Crowd,
) -> None:
    crowd.judge = replace(crowd.judge, look=pupil, route=lambda _: (Role.HEADTEACHER,))
    crowd.write(INSULT, INSULT, "Grace Okoro [insult medium]")
    lead = crowd.cases()[0]
    assert (lead.category, lead.severity, lead.roles) == ("bullying", Severity.CRITICAL, "headteacher,dsl")


def test_the_same_child_under_many_posts_is_one_pile_on(crowd: Crowd) -> None:
    crowd.judge = replace(crowd.judge, look=pupil)
    for thread in "abc":
        crowd.write("Grace Okoro [insult medium]", thread=thread)
    assert crowd.leading() == ["SM-0001"]
    with crowd.store.read() as session:
        kept = repr(session.exec(select(PileRow)).all())
    assert "grace" not in kept.lower()


def test_the_headteacher_under_many_posts_is_one_target(crowd: Crowd) -> None:
    crowd.judge = replace(crowd.judge, people={Role.HEADTEACHER: "Mrs Jane Okafor"})
    for thread, name in zip("abc", ("Mrs Okafor", "the headteacher", "Jane Okafor"), strict=True):
        crowd.write(f"{name} {INSULT}", thread=thread)
    assert crowd.leading() == ["SM-0001"]


def test_a_text_that_names_a_whole_school_asks_little(crowd: Crowd) -> None:
    def look(text: str) -> Sequence[Finding]:
        names = [
            Finding("identifying.name", Severity.MEDIUM, "name.full", "a name", (at, at + 5))
            for at in range(0, 4000, 6)
        ]
        return (*names, *bracketed(text[-20:]))

    crowd.judge = replace(crowd.judge, look=look)
    with statements(crowd.store) as sent:
        crowd.write(" ".join(f"n{number:04d}" for number in range(700)) + INSULT)
    assert sum("target" in one for one in sent) < 70


def test_a_role_that_was_brought_in_stays_when_the_text_changes(crowd: Crowd) -> None:
    crowd.judge = replace(crowd.judge, route=lambda _: (Role.HEADTEACHER,))
    crowd.write(INSULT)
    with crowd.store.write() as session:
        case = session.get_one(CaseRow, 1)
        case.roles, case.handed_to = "headteacher,dsl", "dsl"
    crowd.judge = replace(crowd.judge, route=lambda _: (Role.ESAFETY,))
    crowd.write("[insult high]", again="1")
    assert crowd.cases()[0].roles == "esafety,dsl"


def test_what_shuts_a_reader_out_never_stands_in_a_pile(crowd: Crowd) -> None:
    crowd.judge = replace(crowd.judge, people={Role.HEADTEACHER: "Mrs Jane Okafor"})
    crowd.write(*[INSULT] * 4)
    crowd.write("[staff_allegation high] Mrs Okafor", again="2")
    crowd.write("[insult medium] only", again="2")  # the version that names her is still on the page
    (case,) = (one for one in crowd.cases() if one.ref == "SM-0002")
    assert (case.bypassed, case.joined_to) == ("headteacher", None)


def test_every_item_that_interrupts_is_in_a_case_that_was_told(crowd: Crowd) -> None:
    """Invariant 2, whatever the order in which a crowd and its mails come."""
    for text in (INSULT, "[bullying high]", INSULT, "[threat critical]", INSULT, "[sexual high]", INSULT) * 3:
        crowd.write(text)
        if crowd.number % 3 == 0:
            crowd.tell()
    crowd.tell()
    with crowd.store.read() as session:
        told = set(session.exec(select(NoticeRow.case_id).where(col(NoticeRow.composed_at).is_not(None))))
    assert {case.joined_to or case.id for case in crowd.cases()} <= told


def test_a_flood_makes_few_mails_and_each_item_asks_the_database_the_same(crowd: Crowd) -> None:
    crowd.write(*[INSULT] * 8)
    crowd.tell()
    asked: list[int] = []
    told = 0
    for _ in range(120):
        with statements(crowd.store) as sent:
            crowd.write(INSULT)
        asked.append(len(sent))
        told += len(crowd.tell())
    assert told == 4  # at 12, 24, 48 and 96
    assert sorted(asked)[60] == asked[-1] == asked[1]


def test_who_joined_what_is_on_the_audit(crowd: Crowd) -> None:
    crowd.write(*[INSULT] * 4)
    with crowd.store.read() as session:
        rows = {(row.event, row.thing, row.detail) for row in session.exec(select(AuditRow))}
    assert ("became a pile-on", "case SM-0001", "3 comments") in rows
    assert ("joined SM-0001", "case SM-0004", "pile-on") in rows
