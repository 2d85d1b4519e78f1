from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlmodel import col, select

from alerts import keeping
from alerts.digest import digest
from alerts.notify import notify
from monitor import poll
from monitor.assess import assess
from monitor.domain import ItemKind, Page, Role
from monitor.incidents import open_incident
from monitor.ingest import Source, ingest
from monitor.rechecks import schedule
from monitor.store import Store
from monitor.tables import AuditRow, CaseRow, DecisionRow, OutboxRow, StreamRow
from monitor.tables_people import FollowerRow
from monitor.tables_rechecks import RecheckRow
from monitor.tables_watching import KeptDigestRow
from tests.alerts.telling import desk, outbox, text_of
from tests.conftest import MORNING, HandClock
from tests.making import WrittenNetwork, follower, judgement, watch
from tests.monitor.test_assess import arrive


def said_to(store: Store, role: Role) -> str:
    mails = [mail for row, mail in outbox(store) if row.role == role and row.reason == "digest"]
    return text_of(mails[-1])


def subjects(store: Store) -> list[str]:
    return [str(mail["Subject"]) for row, mail in outbox(store) if row.reason == "digest"]


def test_a_quiet_day_has_a_digest_too(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "Lovely")
    assess(store, judgement(), clock=clock)
    with store.write() as session:
        for stream in session.exec(select(StreamRow)):
            stream.last_success_at = clock()
    assert digest(store, desk(), clock=clock) == 3
    assert "Nothing needed a decision" in said_to(store, Role.OFFICE)
    assert "1 comment, mention or post read" in said_to(store, Role.ESAFETY)


def test_there_is_one_digest_a_day_whenever_it_is_asked(store: Store, clock: HandClock) -> None:
    assert digest(store, desk(), clock=clock) == 3
    clock.wait(hours=6)
    assert digest(store, desk(), clock=clock) == 0
    clock.wait(days=3)
    assert digest(store, desk(), clock=clock) == 3
    assert len(subjects(store)) == 6


def test_there_is_none_before_its_hour_and_none_at_the_weekend(store: Store, clock: HandClock) -> None:
    clock.now = MORNING.replace(hour=7, minute=59)
    assert digest(store, desk(), clock=clock) == 0
    clock.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert digest(store, desk(), clock=clock) == 0


def test_what_waits_and_what_was_decided_is_listed_by_reference_only(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[threat critical] planted", "[insult medium] planted")
    assess(store, judgement(), clock=clock)
    with store.write() as session:
        case = session.exec(select(CaseRow).where(CaseRow.category == "insult")).one()
        case.state, case.closed_at, case.outcome = "closed", clock(), "not a problem"
    digest(store, desk(), clock=clock)
    body = said_to(store, Role.ESAFETY)
    assert "SM-0001" in body
    assert "SM-0002 · false alarm" in body
    assert "planted" not in body


def test_the_office_hears_of_no_abuse(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[threat critical]", "[staff_allegation high]")
    assess(store, judgement(), clock=clock)
    digest(store, desk(), clock=clock)
    body = said_to(store, Role.OFFICE)
    assert "SM-000" not in body
    assert "threat" not in body


def test_an_allegation_is_not_in_the_digest_of_who_may_not_see_it(store: Store, clock: HandClock) -> None:
    people = {Role.HEADTEACHER: "Mrs Harriet Penrose"}
    arrive(store, clock, "[staff_allegation high] Mrs Penrose took it")
    assess(store, judgement(people=people), clock=clock)
    digest(store, desk(), clock=clock)
    for role in (Role.HEADTEACHER, Role.ESAFETY, Role.OFFICE):
        assert "SM-0001" not in said_to(store, role)


def test_new_followers_who_are_not_on_the_register_are_listed_for_the_office(
    store: Store, clock: HandClock
) -> None:
    poll.declare(store, [watch(WrittenNetwork(), ItemKind.FOLLOWER)], clock())
    with store.read() as session:
        stream = session.exec(select(StreamRow)).one()
    ingest(
        store,
        Page((follower("f1", "reads_example"),), "c"),
        Source("facebook", timedelta(hours=1)),
        stream_id=stream.id or 0,
        fence=0,
        now=clock(),
    )
    with store.write() as session:
        row = session.exec(select(FollowerRow)).one()
        row.state, row.reason, row.verified_at = "unverified", "not on the register", clock()
    digest(store, desk(), clock=clock)
    assert "reads_example" in said_to(store, Role.OFFICE)


def test_an_account_that_is_not_watched_is_said(store: Store, clock: HandClock) -> None:
    poll.declare(store, [watch(WrittenNetwork())], clock())
    with store.write() as session:
        stream = session.exec(select(StreamRow)).one()
        stream.last_success_at, stream.blocked_at = clock() - timedelta(hours=2), clock() - timedelta(hours=1)
    digest(store, desk(), clock=clock)
    assert "NOT WATCHED since 07:00" in said_to(store, Role.ESAFETY)


def test_mail_that_did_not_arrive_is_said(store: Store, clock: HandClock) -> None:
    digest(store, desk(), clock=clock)
    with store.write() as session:
        row = session.exec(select(OutboxRow).order_by(col(OutboxRow.id))).first()
        assert row is not None
        row.failed_at, row.reply = clock(), "550 no such mailbox"
    clock.wait(days=3)
    digest(store, desk(), clock=clock)
    assert "550 no such mailbox" in said_to(store, Role.ESAFETY)


def test_the_head_of_the_audit_chain_is_in_every_digest(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[threat critical]")
    assess(store, judgement(), clock=clock)
    with store.read() as session:
        newest = session.exec(select(AuditRow.hash).order_by(col(AuditRow.seq).desc())).first()
    digest(store, desk(), clock=clock)
    assert newest is not None
    assert newest[:12] in said_to(store, Role.OFFICE)


def test_what_was_done_about_a_case_is_said_by_its_reference(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[insult medium] first", "[threat critical] planted", author="a1")
    assess(store, judgement(), clock=clock)
    with store.write() as session:
        case = session.exec(select(CaseRow).where(CaseRow.category == "threat")).one()
        for seq, (choice, role, done) in enumerate(
            (("remove", "headteacher", "hidden"), ("reported", "dsl", "reported"))
        ):
            session.add(
                DecisionRow(
                    school_id=store.school,
                    case_id=case.id or 0,
                    item_id=case.item_id,
                    seq=seq,
                    choice=choice,
                    role=role,
                    sealed=b"",
                    created_at=clock(),
                    next_attempt_at=clock(),
                    done_at=clock(),
                    done=done,
                )
            )
        case.state, case.closed_at, case.outcome = "closed", clock(), "dealt with in school"
    digest(store, desk(), clock=clock)
    body = " ".join(said_to(store, Role.ESAFETY).split())
    assert "SM-0002 · hidden" in body
    assert (
        "decided by the headteacher, reported by the designated safeguarding lead, evidence kept, author has 1"
        " earlier case" in body
    )
    assert "planted" not in body


def test_an_earlier_case_that_one_may_not_see_is_not_counted(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[staff_allegation high] first", "[threat critical] planted", author="a1")
    assess(store, judgement(), clock=clock)
    with store.write() as session:
        session.exec(select(CaseRow).where(CaseRow.category == "staff_allegation")).one().roles = "chair"
    digest(store, desk(), clock=clock)
    assert "earlier case" not in said_to(store, Role.ESAFETY)


def test_a_case_of_which_nobody_could_be_told_is_counted(store: Store, clock: HandClock) -> None:
    arrive(store, clock, "[threat critical] planted")
    assess(store, judgement(), clock=clock)
    notify(store, desk(), clock=clock)
    with store.write() as session:
        for row in session.exec(select(OutboxRow)):
            row.attempts = 3
    digest(store, desk(), clock=clock)
    assert "1 case found, and nobody could be told by mail" in said_to(store, Role.ESAFETY)
    assert "reached somebody" not in said_to(store, Role.ESAFETY)
    assert "nobody could be told" not in said_to(store, Role.OFFICE)


def test_an_access_that_runs_out_is_in_the_digest(store: Store, clock: HandClock) -> None:
    with store.write() as session:
        open_incident(
            store,
            session,
            "expires:page:token",
            says="page: its token runs out on 27 Nov 2026",
            cure="y",
            now=clock(),
        )
    digest(store, desk(), clock=clock)
    assert "its token runs out on 27 Nov 2026" in said_to(store, Role.OFFICE)


def test_a_digest_is_kept_as_it_was_mailed_sealed_and_without_its_link(
    store: Store, clock: HandClock
) -> None:
    arrive(store, clock, "[threat critical] planted")
    assess(store, judgement(), clock=clock)
    digest(store, desk(), clock=clock)
    with store.read() as session:
        rows = session.exec(select(KeptDigestRow)).all()
        kept = [keeping.one(session, store, row.id or 0, frozenset({Role(row.role)})) for row in rows]
        assert keeping.one(session, store, rows[0].id or 0, frozenset({Role.IT})) is None
    assert {one.role for one in kept if one} == {Role.OFFICE, Role.ESAFETY, Role.DSL, Role.HEADTEACHER}
    for row, one in zip(rows, kept, strict=True):
        assert one is not None
        assert "link" not in one.values
        assert one.values["headline"] in " ".join(said_to(store, one.role).split())
        assert b"SM-0001" not in row.sealed
        assert ("SM-0001" in str(one.values)) == (one.role is not Role.OFFICE)


def test_what_is_public_two_days_after_its_report_is_a_line_with_whom_to_ask(
    store: Store, clock: HandClock
) -> None:
    arrive(
        store,
        clock,
        "[threat critical]",
        "[staff_allegation high] Mrs Penrose took it",
        "[threat critical] too",
    )
    assess(store, judgement(people={Role.HEADTEACHER: "Mrs Harriet Penrose"}), clock=clock)
    with store.write() as session:
        for case in session.exec(select(CaseRow)).all():
            row = DecisionRow(
                school_id="school", case_id=case.id or 0, item_id=case.item_id, seq=0, choice="reported",
                role="dsl", sealed=b"", created_at=clock(), next_attempt_at=clock(), done_at=clock(), done="reported",
            )  # fmt: skip
            session.add(row)
            session.flush()
            schedule(session, store, row, clock())
            if case.number == 3:  # hidden since
                case.standing = "hidden"
        for look in session.exec(select(RecheckRow).where(RecheckRow.hours == 48)).all():
            look.done_at, look.found, look.nudge = clock(), "public", True
    digest(store, desk(), clock=clock)
    section = said_to(store, Role.ESAFETY).split("STILL PUBLIC TWO DAYS AFTER ITS REPORT")[1].split("\n\n")[0]
    assert "SM-0001 · Facebook" in section
    assert "0344 381 4772" in section
    assert "SM-0003" not in section
    assert "STILL PUBLIC" not in said_to(store, Role.OFFICE)
    assert "SM-0002" not in said_to(store, Role.HEADTEACHER)
