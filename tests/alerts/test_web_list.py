"""The list of cases: what is shown, found, counted and kept from whom."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from alerts.web.filters import Wanted, reference, wanted
from alerts.web.phrases import ago
from monitor.domain import CaseState, Role, Severity
from monitor.tables import CaseRow
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import NOON, open_school
from tests.counting import statements


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def shown(browser, address="/cases"):
    browser.get(address)
    return [link["href"][-7:] for link in browser.soup.select(".cases a")]


def change(school, ref, **values):
    with school.store.write() as session:
        case = session.get_one(CaseRow, school.row(ref).id)
        for name, value in values.items():
            setattr(case, name, value)


def many(school, count, **values):
    """Copies of the first case, as rows alone."""
    first = school.row("SM-0001").model_dump(exclude={"id"})
    rows = [
        first | {"number": number, "ref": f"SM-{number:04d}", "external_id": f"m{number}"} | values
        for number in range(2, count + 1)
    ]
    with school.store.write() as session:
        session.execute(insert(CaseRow), rows)


@pytest.fixture
def mixed(school):
    school.case(number=1, severity=4)
    school.case(number=2, severity=2, category="insult", network="x")
    school.case(number=3, severity=3, category="discrimination.race")
    change(school, "SM-0001", roles="dsl", opened_at=school.now - timedelta(days=8))
    change(school, "SM-0002", roles="headteacher", opened_at=school.now - timedelta(days=2))
    change(school, "SM-0003", roles="headteacher,dsl", state="acknowledged", acknowledged_by="headteacher")
    return school


@pytest.mark.parametrize(
    ("query", "refs"),
    [
        ("", ["SM-0001", "SM-0002", "SM-0003"]),
        ("state=open", ["SM-0001", "SM-0002"]),
        ("state=closed", []),
        ("severity=high", ["SM-0003"]),
        ("about=discrimination", ["SM-0003"]),
        ("about=insult", ["SM-0002"]),
        ("account=fb-main", ["SM-0001", "SM-0003"]),
        ("whose=me", ["SM-0002"]),
        ("whose=mine", ["SM-0003"]),
        ("older=1d", ["SM-0001", "SM-0002"]),
        ("older=7d", ["SM-0001"]),
        ("state=open&severity=medium&older=1d", ["SM-0002"]),
    ],
)
def test_only_what_was_asked_for_is_listed(mixed, query, refs):
    head = mixed.signed_in()
    assert shown(head, f"/cases?{query}") == refs
    assert head.last.status_code == 200
    if query and refs:
        assert f"{len(refs)} of these" in head.words


@pytest.mark.parametrize("written", ["SM-0003", "sm-3", "3", "0003", "sm3", " SM 0003 ", "SM0003"])
def test_a_reference_however_it_is_typed_leads_to_its_case(mixed, written):
    head = mixed.signed_in()
    head.get("/cases", params={"ref": written})
    assert head.last.url.endswith("/case/SM-0003")


@pytest.mark.parametrize(
    "written", ["4", "XX-0003", "SM-", "three", "3; drop", "<b>3</b>", "９", "3" * 50, "-3", "0"]
)
def test_what_is_no_reference_is_said_in_one_sentence_and_not_repeated(mixed, written):
    head = mixed.signed_in()
    answer = head.get("/cases", params={"ref": written})
    assert answer.status_code == 404
    assert "There is no case of that reference for you" in head.words
    assert head.soup.find("p", role="alert")
    for part in ("drop", "<b>", "three", "33333333"):
        assert part not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "state=gone",
        "severity=5",
        "about=<script>alert(1)</script>",
        "account=../../etc/passwd",
        "whose=head",
        "older=9999d",
        "by=name",
        "page=0",
        "page=-1",
        "page=1e9",
        "page=99999999999999999999",
        "page=٣",
    ],
)
def test_a_bad_address_lists_everything_and_says_so_once(mixed, query):
    head = mixed.signed_in()
    assert shown(head, f"/cases?{query}") == ["SM-0001", "SM-0002", "SM-0003"]
    assert head.last.status_code == 400
    (alert,) = head.soup.find_all("p", role="alert")
    assert "left out; choose from the list" in alert.text
    assert query.partition("=")[2] not in alert.text
    assert not head.soup.find_all("script")


def test_words_of_an_address_that_are_none_of_ours_are_no_matter(mixed):
    head = mixed.signed_in()
    assert len(shown(head, "/cases?fbclid=abc&utm_source=x")) == 3
    assert head.last.status_code == 200


def test_several_mistakes_are_one_sentence():
    asked, says = wanted({"state": "x", "older": "y", "page": "z"}, ["insult"], ["fb"])
    assert asked == Wanted()
    assert says == (
        "The state, age and page number in this address are not one of ours, so they were left out; "
        "choose from the list."
    )


def test_an_address_reads_back_as_it_was_asked():
    asked = Wanted(CaseState.OPEN, Severity.HIGH, "insult", "fb", "me", "7d", "thread", 3)
    query = dict(part.split("=") for part in asked.address(4).partition("?")[2].split("&"))
    assert wanted(query, ["insult"], ["fb"])[0] == Wanted(
        CaseState.OPEN, Severity.HIGH, "insult", "fb", "me", "7d", "thread", 4
    )
    assert Wanted(page=9).address(1) == "/cases"


def test_a_reference_has_a_prefix_or_none():
    assert reference("sm-0142") == ("SM", 142)
    assert reference("142") == ("", 142)


def test_pages_lead_on_and_back_and_keep_what_was_asked(school):
    school.case(number=1, severity=2)
    many(school, 90)
    head = school.signed_in()
    seen = shown(head, "/cases?severity=medium")
    assert len(seen) == 40
    for _ in range(2):
        head.get(head.soup.find("a", rel="next")["href"])
        assert "severity=medium" in head.last.url
        seen += [link["href"][-7:] for link in head.soup.select(".cases a")]
    assert head.soup.find("a", rel="next") is None
    assert sorted(seen) == [f"SM-{number:04d}" for number in range(1, 91)]
    assert shown(head, "/cases?severity=medium&page=99") == seen[80:]
    assert "Page 3 of 3" in head.words


def test_the_list_is_small_and_asks_the_same_of_the_database_however_many_there_are(school):
    school.case(number=1)
    head = school.signed_in()
    asked = []
    for count in (1, 10_000):
        if count > 1:
            many(school, count)
        for query in ("", "?by=thread", "?whose=me&older=1d&severity=high"):
            with statements(school.store) as sent:
                head.get(f"/cases{query}")
            asked.append(len(sent))
    assert asked[:3] == asked[3:]
    assert len(head.get("/cases").content) < 100_000
    assert "10000" in head.words


def test_what_stands_under_one_post_is_put_together(school):
    for number, thread in enumerate("abac", start=1):
        school.case(number=number, thread_id=thread, severity=number)
    head = school.signed_in()
    assert shown(head, "/cases?by=thread") == ["SM-0004", "SM-0003", "SM-0001", "SM-0002"]
    assert "Under one post on Facebook 2" in head.words


def test_a_case_that_a_viewer_may_not_see_is_not_listed_found_or_counted(school):
    school.case(number=1, category="staff_allegation", bypassed="headteacher")
    school.case(number=2)
    head, lead = school.signed_in(), school.signed_in(Role.DSL)
    for query in ("", "?by=thread", "?about=staff_allegation", "?state=open", "?whose=me", "?page=2"):
        assert "SM-0001" not in head.get(f"/cases{query}").text
        assert "Waiting for you 2" not in head.words
    assert "Waiting for you 1" in (head.get("/cases") and head.words)
    assert "Waiting for you 2" in (lead.get("/cases") and lead.words)
    there = head.get("/cases?ref=1")
    assert (there.status_code, there.text) == (404, head.get("/cases?ref=77").text)
    assert lead.get("/cases?ref=1").url.endswith("/case/SM-0001")
    assert Browser(school).get("/cases?ref=2").url == school.url + "/"


def test_a_gathered_case_is_listed_with_the_one_that_leads_it_unless_that_may_not_be_seen(school):
    for number in (1, 2, 3):
        school.case(number=number, category="insult")
    change(school, "SM-0002", joined_to=1)
    head = school.signed_in()
    assert shown(head) == ["SM-0001", "SM-0003"]
    assert "Waiting for you 2" in head.words
    change(school, "SM-0001", bypassed="headteacher")
    assert shown(head) == ["SM-0002", "SM-0003"]


def test_filters_are_named_fields_of_a_form_without_scripts(mixed):
    head = mixed.signed_in()
    head.get("/cases?severity=high")
    for field in head.soup.select("main select, main input"):
        assert head.soup.find("label", attrs={"for": field["id"]})
    assert head.soup.find("option", value="high").has_attr("selected")
    assert {form["method"] for form in head.soup.select("main form")} == {"get"}


@pytest.mark.parametrize(
    ("age", "says"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_an_age_is_said_in_a_few_words(age, says):
    assert ago(NOON, NOON + age) == says
