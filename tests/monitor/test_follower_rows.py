from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from monitor import follower_rows
from monitor.domain import ActionKind, Capability, Guide, Means
from monitor.following import FollowerChoice, Shown
from monitor.retention import prune
from monitor.store import Store
from monitor.tables import AuditRow
from monitor.tables_people import FollowerDecisionRow, FollowerRow, FollowerStepRow
from tests.conftest import HandClock
from tests.families import Families
from tests.monitor.aging import KEEP

BY_HAND = {
    ActionKind.BLOCK: Capability(Means.GUIDED, Guide("https://x.com/{handle}", ("Press Block.",))),
    ActionKind.REMOVE_FOLLOWER: Capability(Means.GUIDED, Guide("https://x.com/{handle}", ("Press Remove.",))),
    ActionKind.ACCEPT_FOLLOWER: Capability(Means.NONE),
}
REASON = "Mrs Ada Quillfeather rang about it"


class Office:
    """The office decides; what it decided is read back from the rows."""

    def __init__(self, store: Store, clock: HandClock) -> None:
        self.store, self.clock = store, clock
        self.families = Families(store, clock)

    def decide(self, choice: str, *ids: str, able=BY_HAND, review_on: date | None = None) -> None:
        with self.store.write() as session:
            follower_rows.decide(
                self.store,
                session,
                [self.row(session, one) for one in ids],
                FollowerChoice(choice),
                role="office",
                who="Dot Wren",
                reason=REASON,
                review_on=review_on,
                able={"x": able},
                now=self.clock(),
            )

    def undo(self, external_id: str) -> bool:
        with self.store.write() as session:
            found = self.row(session, external_id)
            return follower_rows.undo(self.store, session, found, role="office", now=self.clock())

    def say(self, action: ActionKind) -> None:
        with self.store.write() as session:
            (step,) = [one for one, _, _ in follower_rows.steps(self.store, session)]
            follower_rows.say(self.store, session, step, action, role="office", now=self.clock())

    def leave(self, external_id: str) -> None:
        with self.store.write() as session:
            self.row(session, external_id).state = "left"

    def row(self, session, external_id: str) -> FollowerRow:
        found = select(FollowerRow).where(
            FollowerRow.external_id == external_id, FollowerRow.account == "x-main"
        )
        return session.exec(found).one()

    def steps(self) -> list[FollowerStepRow]:
        with self.store.read() as session:
            return [step for step, _, _ in follower_rows.steps(self.store, session)]

    def audited(self) -> list[tuple[str, str, str]]:
        with self.store.read() as session:
            rows = session.exec(select(AuditRow).order_by(col(AuditRow.seq))).all()
        return [(row.actor, row.event, row.detail) for row in rows]


@pytest.fixture
def office(store, clock) -> Office:
    made = Office(store, clock)
    made.families.follow("1", "ReadingBus")
    made.families.follow("2", "grace_o")
    made.families.judge()
    return made


def test_an_organisation_that_is_approved_counts_like_one_of_the_configured_list(office):
    office.decide("organisation", "1", review_on=date(2027, 9, 1))
    assert [office.families.state(one) for one in "12"] == ["organisation", "unverified"]
    office.families.import_("Contact ID,Email\n1,a@mail.example\n")  # everybody is judged again
    office.families.judge()
    assert office.families.state("1") == "organisation"
    assert ("office", "follower approved", "review on 2027-09-01") in office.audited()


def test_an_approval_ends_when_the_account_changes_its_handle(office):
    office.decide("organisation", "1")
    office.families.follow("1", "CheapLoans")
    office.families.judge()
    assert office.families.state("1") == "unverified"
    assert "changed its handle" in office.families.follower("1").reason


def test_an_approval_overrules_no_restriction_and_no_proof(office):
    office.families.follow("3", "tom_hale")
    office.families.proven("grace@mail.example", "grace_o")
    office.decide("organisation", "2", "3")
    office.families.judge()
    assert [office.families.state(one) for one in "23"] == ["verified", "unverified"]
    assert "safeguarding lead" in office.families.follower("3").reason


def test_who_is_turned_away_stays_so_whatever_the_register_says(office):
    office.decide("reject", "2")
    assert office.families.state("2") == "rejected"
    office.families.proven("grace@mail.example", "grace_o")
    office.families.judge()
    assert office.families.state("2") == "rejected"


def test_a_decision_holds_at_every_account_and_for_whoever_comes_back(office):
    office.families.follow("2", "grace_o", account="x-second")
    office.families.judge()
    office.decide("reject", "2")
    assert office.families.state("2", "x-second") == "rejected"
    assert len(office.steps()) == 2
    with office.store.write() as session:
        session.exec(select(FollowerRow).where(FollowerRow.account == "x-second")).one().state = "new"
    office.families.follow("2", "grace_o2", account="x-second")
    office.families.judge()
    assert office.families.state("2", "x-second") == "rejected"


def test_taking_a_decision_back_brings_the_one_before_it_or_none(office):
    office.decide("organisation", "1")
    office.decide("reject", "1")
    assert office.undo("1")
    office.families.judge()
    assert office.families.state("1") == "organisation"
    assert office.steps() == []
    assert office.undo("1")
    office.families.judge()
    assert office.families.state("1") == "unverified"
    assert not office.undo("1")
    assert [event for _, event, _ in office.audited()].count("decision on a follower taken back") == 2


def test_reason_and_name_are_kept_sealed_only(office):
    office.decide("reject", "2")
    with office.store.read() as session:
        made = session.exec(select(FollowerDecisionRow)).one()
        assert follower_rows.said_of(office.store, made) == {"reason": REASON, "who": "Dot Wren"}
    office.store.checkpoint()
    written = office.store.path.read_bytes()
    assert b"Quillfeather" not in written
    assert b"Dot Wren" not in written


def test_a_step_by_hand_is_said_and_then_shown_by_the_list(office):
    office.decide("reject", "2")
    (step,) = office.steps()
    assert (step.action, step.means, step.shown) == ("remove_follower", "guided", "")
    office.families.follow("2", "grace_o")  # not said yet: nothing is news
    assert office.steps()[0].shown == ""
    office.say(ActionKind.BLOCK)
    office.clock.wait(minutes=5)
    office.families.follow("2", "grace_o")
    (step,) = office.steps()
    assert (step.action, step.shown, step.shown_at) == ("block", Shown.FOLLOWS, office.clock())
    office.say(ActionKind.BLOCK)
    assert office.steps()[0].shown == ""


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ({ActionKind.REMOVE_FOLLOWER: Means.BY_API}, [("remove_follower", "by_api")]),
        ({ActionKind.REMOVE_FOLLOWER: Means.NONE, ActionKind.BLOCK: Means.GUIDED}, [("block", "guided")]),
        ({ActionKind.REMOVE_FOLLOWER: Means.NONE, ActionKind.BLOCK: Means.BY_API}, []),
        ({}, []),
    ],
)
def test_turning_away_asks_for_what_the_network_offers_and_blocks_nobody_by_itself(office, means, expected):
    office.decide("reject", "2", able={action: Capability(one) for action, one in means.items()})
    assert [(step.action, step.means) for step in office.steps()] == expected


def test_approving_lets_in_where_the_network_has_requests(office):
    office.decide("organisation", "1", able={ActionKind.ACCEPT_FOLLOWER: Capability(Means.BY_API)})
    assert [(step.action, step.means) for step in office.steps()] == [("accept_follower", "by_api")]


def reasons(office: Office) -> list[bool]:
    with office.store.read() as session:
        rows = session.exec(select(FollowerDecisionRow).order_by(col(FollowerDecisionRow.id))).all()
        return [bool(follower_rows.said_of(office.store, row)["reason"]) for row in rows]


def test_a_reason_is_kept_while_it_stands_and_a_year_after(office):
    office.decide("organisation", "1")
    office.decide("reject", "2")
    office.undo("1")
    office.clock.wait(days=365)
    prune(office.store, KEEP, office.clock())
    assert reasons(office) == [True, True]
    office.clock.wait(seconds=1)
    prune(office.store, KEEP, office.clock())
    assert reasons(office) == [False, True]
    office.leave("2")
    prune(office.store, KEEP, office.clock())
    assert reasons(office) == [False, False]


def test_asking_for_the_steps_takes_as_many_questions_for_many_as_for_one(office):
    def asked() -> int:
        told: list[str] = []
        with office.store.read() as session:
            engine = session.get_bind()
            event.listen(engine, "before_cursor_execute", lambda *given: told.append(given[2]))
            assert follower_rows.steps(office.store, session)
        return len(told)

    office.decide("reject", "1")
    one = asked()
    for number in range(20):
        office.families.follow(f"bot{number}", f"bot_{number}")
    office.decide("reject", *(f"bot{number}" for number in range(20)))
    assert (asked(), len(office.steps())) == (one, 21)
