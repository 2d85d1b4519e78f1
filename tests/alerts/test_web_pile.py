"""A pile-on on the page: its comments one by one and all together, at one, fourteen and two hundred."""

import pytest

from monitor.domain import ActionKind, Author, Done, Outcome, Role
from monitor.tables import CaseRow, DecisionRow, ItemRow
from tests.alerts.page_network import carried_out
from tests.alerts.page_school import FACEBOOK, X, open_school
from tests.counting import statements


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def pile(school, count, *, text="you {} idiot", **changes):
    """One case that leads and others gathered under it."""
    for number in range(1, count + 1):
        author = Author(f"u{number % 9}", "kaz_99", "Kaz")
        school.case(
            text.format(number), category="insult", severity=2, number=number, author=author, **changes
        )
    with school.store.write() as session:
        for number in range(2, count + 1):
            session.get_one(CaseRow, number).joined_to = 1


def press(browser):
    form = browser.soup.select_one('form[action="/case/SM-0001/pile/hide"]')
    return {one["name"]: one["value"] for one in form.find_all("input")} if form else None


def hide(browser):
    browser.get("/case/SM-0001")
    return browser.post("/case/SM-0001/pile/hide", press(browser))


@pytest.mark.parametrize("count", [1, 14, 200])
def test_the_page_is_small_whatever_it_gathers(school, count):
    pile(school, count, text="you {} idiot " + "and more of the same " * 60)
    head = school.signed_in()
    answer = head.get("/case/SM-0001")
    assert len(answer.content) < 100_000
    assert (f"Pile-on: {count} comments by 9 accounts" in head.words) == (count > 1)
    assert len(head.soup.select(".gathered .rows li")) == (0 if count == 1 else min(count, 20))
    if count == 200:
        assert "Hide all 200" in head.words
        head.get(head.soup.find("a", rel="next")["href"])
        assert "Page 2 of 10" in head.words
        assert head.soup.select_one(".gathered").has_attr("open")
        assert head.get("/case/SM-0001?part=999").status_code == 200
        assert head.get("/case/SM-0001?part=<b>").status_code == 200


def test_the_page_asks_the_same_of_the_database_for_two_and_for_two_hundred(tmp_path):
    asked = []
    for count in (20, 200):
        folder = tmp_path / str(count)
        folder.mkdir()
        with open_school(folder) as school:
            pile(school, count)
            head = school.signed_in()
            with statements(school.store) as sent:
                head.get("/case/SM-0001")
            asked.append(len(sent))
    assert asked[0] == asked[1]


def test_all_are_hidden_with_one_press_each_by_its_own_decision(school):
    pile(school, 14)
    head = school.signed_in()
    head.get("/case/SM-0001")
    assert "Hide all 14" in head.words
    assert hide(head).status_code == 200
    rows = school.rows(DecisionRow)
    assert {row.choice for row in rows} == {"remove"}
    assert sorted(row.case_id for row in rows) == list(range(1, 15))
    network = carried_out(school, Outcome(Done.HIDDEN, read_back=True))
    assert sorted(network.asked) == sorted((ActionKind.HIDE, f"c{number}") for number in range(1, 15))
    head.get("/case/SM-0001")
    assert press(head) is None
    head.get("/case/SM-0007")
    assert "Hidden at 12:41" in head.words


def test_one_is_hidden_by_itself_and_says_where_it_belongs(school):
    pile(school, 3)
    head = school.signed_in()
    head.choose("SM-0002", "remove")
    assert "This comment is one of a pile-on. Handle them together in SM-0001" in head.words
    assert [row.case_id for row in school.rows(DecisionRow)] == [2]
    head.get("/case/SM-0001")
    assert "Hide the 2 that can be hidden" in head.words


def test_what_came_after_the_page_was_shown_is_not_hidden_unseen(school):
    pile(school, 3)
    head = school.signed_in()
    head.get("/case/SM-0001")
    form = press(head)
    school.case("fair criticism", number=4)
    with school.store.write() as session:
        session.get_one(CaseRow, 4).joined_to = 1
    assert head.post("/case/SM-0001/pile/hide", form).status_code == 200
    assert sorted(row.case_id for row in school.rows(DecisionRow)) == [1, 2, 3]


@pytest.mark.parametrize("changed", ["decision", "text"])
def test_a_page_that_is_out_of_date_hides_nothing(school, changed):
    pile(school, 3)
    head, lead = school.signed_in(), school.signed_in(Role.DSL)
    head.get("/case/SM-0001")
    form = press(head)
    if changed == "decision":
        lead.choose("SM-0002", "acknowledge")
    else:
        with school.store.write() as session:
            session.get_one(CaseRow, 2).item_id = 3
    assert head.post("/case/SM-0001/pile/hide", form).status_code == 409
    assert "remove" not in {row.choice for row in school.rows(DecisionRow)}


def test_a_second_press_and_a_form_of_ones_own_hide_nothing(school):
    pile(school, 3)
    head = school.signed_in()
    head.get("/case/SM-0001")
    form = press(head)
    head.post("/case/SM-0001/pile/hide", form)
    assert head.post("/case/SM-0001/pile/hide", form).status_code == 409
    for upto in ("99", "", "x", "٣", "9" * 40):
        answer = head.post("/case/SM-0001/pile/hide", form | {"upto": upto})
        assert answer.status_code in {403, 409}
    assert len(school.rows(DecisionRow)) == 3
    office = school.signed_in(Role.OFFICE)
    assert office.post("/case/SM-0001/pile/hide", form).status_code == 404


@pytest.mark.parametrize("why", ["hidden already", "refused", "no copy", "by hand"])
def test_what_cannot_be_hidden_from_here_is_left_and_not_counted(tmp_path, why):
    capabilities = {"facebook": FACEBOOK, "x": X}
    if why == "by hand":
        capabilities["facebook"] = FACEBOOK | {ActionKind.HIDE: FACEBOOK[ActionKind.REPORT]}
    with open_school(tmp_path, capabilities=capabilities) as school:
        pile(school, 3, copied=why != "no copy")
        with school.store.write() as session:
            for number in (1, 2, 3):
                if why == "hidden already":
                    session.get_one(CaseRow, number).standing = "hidden"
                if why == "refused":
                    session.get_one(ItemRow, number).refused = "delete,hide"
        head = school.signed_in()
        head.get("/case/SM-0001")
        assert "All comments of the pile-on 3" in head.words
        assert press(head) is None


def test_a_comment_that_a_viewer_may_not_see_is_neither_shown_nor_counted_nor_hidden(school):
    pile(school, 4)
    with school.store.write() as session:
        session.get_one(CaseRow, 3).bypassed = "headteacher"
    head = school.signed_in()
    head.get("/case/SM-0001")
    assert "Pile-on: 3 comments" in head.words
    assert "SM-0003" not in head.last.text
    hide(head)
    assert sorted(row.case_id for row in school.rows(DecisionRow)) == [1, 2, 4]


def test_each_text_is_masked_until_it_is_asked_for(school):
    pile(school, 3, text="Mr Quillfeather {} is a <b>fool</b>\u202e")
    head = school.signed_in()
    head.get("/case/SM-0001")
    soup = head.soup
    folded = soup.find_all("details", class_="reveal")
    assert len(folded) == 4
    assert not any(one.has_attr("open") for one in folded)
    for one in [*folded, *soup.find_all("textarea")]:
        one.extract()
    assert "Quillfeather" not in soup.get_text()
    assert "\u202e" not in head.last.text
    assert not head.soup.find("b")


def test_closing_the_case_closes_what_it_gathers(school):
    pile(school, 3)
    head = school.signed_in()
    head.choose("SM-0003", "dismiss", why="harmless")
    head.choose("SM-0001", "close", why="family", reason="Spoke to all.")
    assert [row.state for row in school.rows(CaseRow)] == ["closed"] * 3
    assert [row.outcome for row in school.rows(CaseRow)] == [
        "Spoken with the family",
        "Spoken with the family",
        "not a problem",
    ]
