import json

import pytest

from alerts.offers import guided
from monitor.domain import ActionKind, Author, Capability, Guide, Item, ItemKind, Means, Role
from monitor.tables import EvidenceRow, ItemRow
from tests.alerts.page_browser import Browser
from tests.alerts.page_school import PEOPLE, open_school

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</bdi></blockquote><h1>pwned</h1>",
    "{{7*7}} {% raw %} ${7*7} %s %(x)s {0}",
    '" onmouseover="alert(1)',
    "javascript:alert(1)",
    "\u202egnp.exe\u2066 \u200b\x00\x1b[31m",
    "Z" + "\u0301" * 200,
    "\ud800 lone surrogate",
    "&lt;script&gt;",
    "x" * 30_000,
]


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def test_the_list_has_the_worst_that_waits_first_and_no_word_of_a_comment(school):
    school.case("nobody told us", category="complaint", severity=1, number=1)
    school.case("I will hurt Mr Quillfeather", severity=4, number=2)
    school.case("you idiot", category="insult", severity=2, number=3)
    head = school.signed_in()
    head.choose("SM-0003", "dismiss", why="harmless")
    head.get("/cases")
    assert [link["href"][-7:] for link in head.soup.select(".cases a")] == ["SM-0002", "SM-0001", "SM-0003"]
    for word in ("Quillfeather", "idiot", "nobody", "kaz"):
        assert word not in head.last.text


def test_the_case_page_masks_the_comment_until_it_is_revealed_and_marks_what_was_found(school):
    ref = school.case("Mr Quillfeather, somebody will wait for you there", found="somebody will wait")
    head = school.signed_in()
    head.get(f"/case/{ref}")
    folded = head.soup.find("details", class_="reveal")
    assert folded.find("mark").text == "somebody will wait"
    assert "open" not in folded.attrs
    folded.extract()
    soup = head.soup
    soup.find("details", class_="reveal").extract()
    assert "Quillfeather" not in soup.get_text()
    assert "somebody" not in soup.get_text()


def test_the_case_page_says_when_where_why_and_by_which_rule(school):
    ref = school.case()
    head = school.signed_in()
    head.get(f"/case/{ref}")
    for words in (
        "Fri 20 Nov 2026, 12:31",
        "Fri 20 Nov 2026, 12:40",
        "Facebook page: St Elsewhere Primary School",
        "Says that people will come to harm",
        "words/threat.dead",
        "Copied at 12:40 and sealed",
        "call 999",
    ):
        assert words in head.words


def test_the_case_page_says_what_comes_next(school):
    ref, calm = school.case(), school.case(number=2, severity=2)
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert "If nobody presses “I’m on it” by 12:55, the deputy headteacher is told too" in head.words
    school.pass_time(minutes=5)
    school.notice(ref, "reminder")
    head.get(f"/case/{ref}")
    assert "by 12:55" in head.words
    school.pass_time(minutes=10)
    head.get(f"/case/{ref}")
    assert "so the deputy headteacher is being told too" in head.words
    school.mail(ref, "chair", reason="escalation")
    head.get(f"/case/{ref}")
    assert "so the chair of governors was told too" in head.words
    head.choose(ref, "acknowledge")
    assert "The headteacher is on it since 12:55; no more reminders are sent" in head.words
    head.get(f"/case/{calm}")
    assert "It waits here, and in the daily digest" in head.words


def test_times_are_the_schools_own_in_summer_too(school):
    school.now = school.now.replace(month=6)
    ref = school.case()
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert "Copied at 13:40" in head.words


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_comment_is_shown_as_harmless_text(school, text):
    ref = school.case(text, found=text[:1], author=Author("u1", text[:200], text[:200]))
    head = school.signed_in()
    answer = head.get(f"/case/{ref}")
    assert answer.status_code == 200
    soup = head.soup
    assert not soup.find_all(["script", "img", "iframe", "object", "style"])
    assert len(soup.find_all("h1")) == 1
    assert not [tag for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]
    assert "49" not in soup.find("details", class_="reveal").get_text() or "49" in text
    for hidden in "\u202e\u2066\u200b\x00\x1b\ud800":
        assert hidden not in answer.text
    assert "\u0301" * 10 not in answer.text
    assert all(said.find("bdi") for said in soup.find_all("blockquote"))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://facebook.com.evil.example/",
        "http://www.facebook.com/x",
        "https://evil.example/@www.facebook.com",
        "https://a@www.facebook.com/",
        None,
    ],
)
def test_a_guided_link_leads_to_the_network_or_nowhere(school, url):
    ref = school.case(url=url)
    head = school.signed_in()
    head.get(f"/case/{ref}")
    outside = [a["href"] for a in head.soup.find_all("a", href=True) if not a["href"].startswith(("/", "#"))]
    assert all("facebook" not in href and "evil" not in href and "alert" not in href for href in outside)
    assert "Press the three dots" in head.words


def test_a_guided_link_shows_its_host_and_tells_the_network_nothing(school):
    ref = school.case()
    head = school.signed_in()
    head.get(f"/case/{ref}")
    link = head.soup.find("a", href=lambda href: href and "facebook.com" in href)
    assert link["rel"] == ["noreferrer", "noopener"]
    assert link.find(class_="host").text == "www.facebook.com"


def test_a_guide_of_a_network_that_the_page_does_not_know_may_lead_to_its_own_host():
    item = Item("w", ItemKind.COMMENT, "1", "", Author("u1", "kaz"), url="https://evil.example/")
    own = Capability(Means.GUIDED, Guide("https://blog.school.example/admin/{external_id}", ("Press Spam.",)))
    told = Capability(Means.GUIDED, Guide("{url}", ("Press Spam.",)))
    assert guided("wordpress", own, item)[:2] == (
        "https://blog.school.example/admin/1",
        "blog.school.example",
    )
    assert guided("wordpress", told, item)[:2] == ("", "")


def test_what_it_answers_and_what_stands_above_are_shown_as_text(school):
    school.case("Sports day is on Friday <b>\u202e", number=5, external_id="p1", kind=ItemKind.POST)
    ref = school.case("burn it down", parent_id="p1", thread_id="p1", number=6)
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert "It answers" in head.words
    assert "Sports day is on Friday <b>" in head.words
    assert head.words.count("Sports day") == 1
    assert "\u202e" not in head.last.text


def test_earlier_items_of_the_same_author_are_counted_and_their_cases_named(school):
    for number in (1, 2, 3):
        school.case(number=number)
    school.case(number=4, author=Author("somebody-else"))
    school.case(number=5, bypassed="headteacher")
    head = school.signed_in()
    head.get("/case/SM-0003")
    assert "2 other items by this account" in head.words
    assert [a.text for a in head.soup.select("main a") if a.text.startswith("SM-")] == ["SM-0002", "SM-0001"]


def test_who_was_told_is_on_the_page(school):
    ref = school.case()
    school.mail(ref, "headteacher", sent_at=school.now)
    school.mail(ref, "dsl", failed_at=school.now)
    school.mail(ref, "deputy")
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert "The headteachermailed at 12:40" in head.words
    assert "leadthe mail could not be delivered" in head.words
    assert "headteacherthe mail is on its way" in head.words


def test_the_sealed_copy_is_downloaded_byte_for_byte(school):
    ref = school.case("exact \u202e words")
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert school.rows(EvidenceRow)[0].sha256[:12] in head.words
    answer = head.get(f"/case/{ref}/copy/1")
    assert json.loads(answer.content)["text"] == "exact \u202e words"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{ref}-copy-1.json"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert head.get(f"/case/{ref}/copy/2").status_code == 404
    assert Browser(school).get(f"/case/{ref}/copy/1").url == school.url + "/"


def test_what_is_no_longer_kept_is_said_to_be_so(school):
    ref = school.case()
    with school.store.write() as session:
        row = session.get_one(ItemRow, 1)
        row.sealed, row.pruned_at = b"", school.now
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert "The text is no longer kept" in head.words
    assert not head.fields("remove")


def test_a_comment_without_words_is_shown_too(school):
    ref = school.case("", has_media=True)
    head = school.signed_in()
    assert head.get(f"/case/{ref}").status_code == 200
    assert "Pictures and videos are never copied" in head.words


@pytest.mark.parametrize("role", [Role.OFFICE, Role.IT])
def test_office_and_it_see_no_abuse(school, role):
    ref = school.case()
    browser = school.signed_in(role)
    assert ref not in browser.last.text
    guessed = browser.get("/case/SM-9999").text
    for path in ("", "/delete", "/copy/1"):
        assert browser.get(f"/case/{ref}{path}").status_code == 404
    assert browser.get(f"/case/{ref}").text == guessed
    assert browser.get(f"/c/{school.link(ref, role)}").status_code == 404


def test_the_office_sees_followers_to_check(school):
    ref = school.case("", category="unverified_follower", severity=1, kind=ItemKind.FOLLOWER, network="x")
    office = school.signed_in(Role.OFFICE)
    assert ref in office.last.text
    office.get(f"/case/{ref}")
    assert "Still a follower" in office.words
    assert "Block the account by hand" in office.words


def test_whoever_is_named_in_a_case_does_not_see_it_in_any_role(tmp_path):
    both = PEOPLE | {Role.DSL: PEOPLE[Role.HEADTEACHER]}
    with open_school(tmp_path, people=both) as school:
        named = school.case("about the head", category="staff_allegation", bypassed="headteacher")
        other = school.case(number=2)
        head = school.signed_in(Role.HEADTEACHER)
        assert named not in head.last.text
        assert other in head.last.text
        assert head.get(f"/case/{named}").status_code == 404
        assert school.signed_in(Role.DEPUTY).get(f"/case/{named}").status_code == 200


def test_without_a_sign_in_a_case_is_the_front_door(school):
    ref = school.case()
    browser = Browser(school)
    for path in (f"/case/{ref}", "/case/SM-9999", "/cases"):
        assert browser.get(path).url == school.url + "/"


def test_every_page_has_one_heading_a_main_a_language_and_named_fields(school):
    ref = school.case()
    head = school.signed_in()
    for path in ("/cases", f"/case/{ref}", f"/case/{ref}/delete", "/nowhere", "/?x"):
        head.get(path)
        soup = head.soup
        assert soup.html["lang"] == "en-GB"
        assert len(soup.find_all("h1")) == len(soup.find_all("main")) == 1
        assert soup.find("meta", attrs={"name": "viewport"})
        ids = [tag["id"] for tag in soup.find_all(id=True)]
        assert len(ids) == len(set(ids))
        for field in soup.find_all(["input", "select", "textarea"]):
            assert field.get("type") == "hidden" or soup.find("label", attrs={"for": field["id"]})
        assert not soup.find_all("script")


def test_a_case_with_a_guide_for_blocking_shows_it_only_where_it_is_by_hand(school):
    facebook, x = school.case(), school.case(number=2, network="x")
    head = school.signed_in()
    head.get(f"/case/{x}")
    assert "Block the account by hand" in head.words
    assert head.soup.find("a", href="https://x.com/kaz_99")
    head.get(f"/case/{facebook}")
    assert "Block the account" not in head.words
    assert school.page.capabilities["facebook"][ActionKind.BLOCK].means is Means.BY_API
