"""Hide before delete, and ten minutes in which either can be taken back."""

import pytest
from sqlmodel import select

from monitor.domain import ActionKind, Capability, Done, Means, Outcome, Role
from monitor.tables import AuditRow, DecisionRow, EvidenceRow
from tests.alerts.page_network import carried_out
from tests.alerts.page_school import FACEBOOK, X, open_school

HIDDEN = Outcome(Done.HIDDEN, read_back=True)
SHOWN = Outcome(Done.VISIBLE, read_back=True)
DELETED = Outcome(Done.DELETED, read_back=True)


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


@pytest.fixture
def hidden(school):
    """(head, ref) of a case that was hidden a quarter of an hour ago."""
    ref = school.case()
    head = school.signed_in()
    head.choose(ref, "remove")
    carried_out(school, HIDDEN)
    school.pass_time(minutes=15)
    head.get(f"/case/{ref}")
    return head, ref


def choices(school):
    return [(row.choice, row.done) for row in school.rows(DecisionRow)]


def test_deleting_is_offered_only_once_it_is_hidden(school):
    ref = school.case()
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert "Hide it first: it can be deleted once it is hidden" in head.words
    assert not head.soup.find("a", href=f"/case/{ref}/delete")
    form = head.fields("remove") | {"choice": "delete", "sure": "yes"}
    assert head.post(f"/case/{ref}/decide", form).status_code == 409
    assert not school.rows(DecisionRow)


def test_what_cannot_be_hidden_may_be_deleted_and_it_is_said_that_it_stays_public(tmp_path):
    never = FACEBOOK | {ActionKind.HIDE: Capability(Means.NONE, note="This network hides nothing.")}
    with open_school(tmp_path, capabilities={"facebook": never}) as school:
        ref = school.case()
        head = school.signed_in()
        head.get(f"/case/{ref}")
        assert "It cannot be hidden here, only deleted; until then it stays public" in head.words
        head.choose(ref, "delete")
        assert choices(school) == [("delete", None)]
        assert "Public until then" in head.words


def test_what_the_network_would_not_hide_may_be_deleted(school):
    ref = school.case()
    head = school.signed_in()
    head.choose(ref, "remove")
    carried_out(school, Outcome(Done.REFUSED, "Facebook does not allow it."))
    head.get(f"/case/{ref}")
    assert head.soup.find("a", href=f"/case/{ref}/delete")


def test_deleting_is_asked_twice_and_waits_ten_minutes(school, hidden):
    head, ref = hidden
    head.post(f"/case/{ref}/decide", head.fields("restore") | {"choice": "delete"})
    assert head.last.url.endswith("/delete")
    assert "ten minutes after you press" in head.words
    assert len(school.rows(DecisionRow)) == 1
    head.post(f"/case/{ref}/decide", head.fields("delete"))
    assert (
        "To be deleted from Facebook at 13:06, unless somebody takes it back. Hidden until then" in head.words
    )
    assert "To be carried out at 13:06" in head.words
    school.pass_time(minutes=8)
    assert carried_out(school, DELETED).asked == []  # at 13:05
    assert carried_out(school, DELETED).asked == [(ActionKind.DELETE, "c1")]
    head.get(f"/case/{ref}")
    assert "Deleted from Facebook at 13:06. Read back from Facebook." in head.words
    assert not head.fields("undo")


def test_a_deletion_that_is_taken_back_never_goes_out_and_stays_on_record(school, hidden):
    head, ref = hidden
    head.choose(ref, "delete")
    head.choose(ref, "undo")
    assert choices(school) == [("remove", "hidden"), ("delete", "undone"), ("undo", "undone")]
    school.pass_time(hours=1)
    assert carried_out(school, DELETED).asked == []
    head.get(f"/case/{ref}")
    assert "Hidden at 12:41" in head.words
    assert "asked to delete it" in head.words
    assert "Taken back in time: never carried out" in head.words
    assert head.fields("restore")
    assert head.soup.find("a", href=f"/case/{ref}/delete")
    events = [row.event for row in school.rows(AuditRow)]
    assert events[-2:] == ["delete decided", "undo decided"]


def test_a_deletion_that_was_begun_cannot_be_taken_back(school, hidden):
    head, ref = hidden
    head.choose(ref, "delete")
    form = head.fields("undo")
    with school.store.write() as session:
        session.exec(select(DecisionRow).where(DecisionRow.choice == "delete")).one().attempts = 1
    assert head.post(f"/case/{ref}/decide", form).status_code == 409
    assert len(school.rows(DecisionRow)) == 2


def test_while_a_deletion_waits_nothing_else_is_asked_of_the_network(school, hidden):
    head, ref = hidden
    head.choose(ref, "delete")
    for choice in ("remove", "restore", "delete", "dismiss"):
        assert not head.fields(choice)
    assert head.fields("reported")


def test_hiding_that_was_not_sent_yet_is_taken_back_at_once(school):
    ref = school.case()
    head = school.signed_in()
    head.choose(ref, "remove")
    assert "You can take it back until 12:50: everybody sees it again if you do" in head.words
    head.choose(ref, "undo")
    assert choices(school) == [("remove", "undone"), ("undo", "undone")]
    assert carried_out(school, HIDDEN).asked == []
    head.get(f"/case/{ref}")
    assert "Still public" in head.words
    assert head.fields("remove")


def test_hiding_that_was_done_is_taken_back_on_the_network(school):
    ref = school.case()
    head = school.signed_in()
    head.choose(ref, "remove")
    carried_out(school, HIDDEN)
    head.choose(ref, "undo")
    assert carried_out(school, SHOWN).asked == [(ActionKind.UNHIDE, "c1")]
    head.get(f"/case/{ref}")
    assert choices(school) == [("remove", "hidden"), ("undo", "visible")]
    assert school.row(ref).standing == "visible"
    assert head.fields("remove")


def test_after_ten_minutes_it_is_shown_again_and_not_undone(school, hidden):
    head, ref = hidden
    assert not head.fields("undo")
    form = head.fields("restore") | {"choice": "undo"}
    assert head.post(f"/case/{ref}/decide", form).status_code == 409
    head.choose(ref, "restore")
    carried_out(school, SHOWN)
    assert school.row(ref).standing == "visible"


def test_two_people_who_take_it_back_at_once_take_it_back_once(school):
    ref = school.case()
    head, lead = school.signed_in(), school.signed_in(Role.DSL)
    head.choose(ref, "remove")
    lead.get(f"/case/{ref}")
    form = lead.fields("undo")
    head.choose(ref, "undo")
    assert lead.post(f"/case/{ref}/decide", form).status_code == 409
    assert len(school.rows(DecisionRow)) == 2


@pytest.mark.parametrize("harm", ["changed", "hash", "emptied", "newer"])
def test_without_a_whole_copy_of_the_newest_version_nothing_is_deleted(school, hidden, harm):
    head, ref = hidden
    head.choose(ref, "delete")
    if harm == "newer":  # its author edited it, and it is not judged yet
        school.newer_version(ref)
    with school.store.write() as session:
        copy = session.exec(select(EvidenceRow)).one()
        if harm == "changed":
            copy.sealed = copy.sealed[:-1] + bytes([copy.sealed[-1] ^ 1])
        elif harm == "hash":
            copy.sha256 = "0" * 64
        elif harm == "emptied":
            copy.sealed = b""
    school.pass_time(minutes=10)
    assert carried_out(school, DELETED).asked == []
    assert choices(school)[-1] == ("delete", "refused")
    head.get(f"/case/{ref}")
    assert "the sealed copy of its newest version is missing or does not open unchanged" in head.words


def test_on_x_nothing_is_ever_deleted(tmp_path):
    with open_school(tmp_path, capabilities={"x": X}) as school:
        ref = school.case(network="x")
        head = school.signed_in()
        head.get(f"/case/{ref}")
        assert "it can be deleted once" not in head.words
        assert not head.soup.find("a", href=f"/case/{ref}/delete")
