import threading

import pytest
import structlog
from structlog.testing import capture_logs

from alerts.trying import LONGEST, BusyError, PhraseTester
from monitor.detectors import Model
from monitor.domain import ItemKind, Role
from tests.alerts.page_robot import OF_CODES, everything
from tests.alerts.telling import desk
from tests.alerts.tuned_school import form_of, signed_in, tuned_school, with_records
from tests.judges import judges

THREAT = "I am going to stab somebody at the school gate tomorrow"
TESTERS = (Role.HEADTEACHER, Role.DEPUTY, Role.DSL, Role.ESAFETY)


@pytest.fixture
def school(tmp_path):
    with tuned_school(tmp_path) as opened:
        yield opened


def tried(browser, phrase, place="comment", **more):
    browser.get("/tester")
    return browser.post("/tester", form_of(browser, "/tester") | {"phrase": phrase, "place": place} | more)


@pytest.mark.parametrize("role", Role)
def test_only_those_who_handle_cases_may_try(school, role):
    browser = signed_in(school, role)
    allowed = role in TESTERS
    assert browser.get("/tester").status_code == (200 if allowed else 404)
    browser.get("/more")
    assert bool(browser.soup.find("a", href="/tester")) is allowed
    token = form_of(signed_in(school, Role.DSL), "/tester")
    answer = browser.post("/tester", token | {"phrase": THREAT})
    assert answer.status_code == (403 if allowed else 404)
    assert "Found" not in answer.text


def test_a_stranger_may_not_try(school):
    browser = signed_in(school, Role.DSL)
    token = form_of(browser, "/tester")
    browser.session.cookies.clear()
    assert browser.post("/tester", token | {"phrase": THREAT}).status_code == 401
    assert browser.get("/tester").url.endswith("/")


def test_what_would_be_found_says_who_is_told_when_and_why(school):
    head = signed_in(school, Role.HEADTEACHER)
    tried(head, THREAT)
    assert head.last.status_code == 200
    assert "Found: Threat" in head.words
    assert "A mail would go at once, at any hour" in head.words
    assert "Told: the headteacher, the designated safeguarding lead" in head.words
    assert "If nobody answers in time, also the deputy headteacher" in head.words
    assert "threat.hard" in head.words
    assert [mark.text for mark in head.soup.find_all("mark")] == ["I am going to stab somebody"]


def test_high_waits_for_waking_hours_and_low_for_the_digest(school):
    dsl = signed_in(school, Role.DSL)
    school.now = school.now.replace(hour=22)
    tried(dsl, "Go back to your own country, we do not want your sort here")
    assert "A mail would wait for waking hours: Sat 21 Nov, 06:30" in dsl.words
    tried(dsl, "this is shit")
    assert "No mail would go: it waits for the digest" in dsl.words


def test_an_allegation_about_the_head_is_shown_to_go_past_the_head(school):
    dsl = signed_in(school, Role.DSL)
    tried(dsl, "The headteacher was drunk at school again and stole the trip money")
    assert "Not told, because they may be named in it" in dsl.words
    assert "the headteacher" in dsl.words.split("Not told")[1][:90]
    told = dsl.words.split("Told: ")[1].split(".")[0]
    assert "the chair of governors" in told
    assert "the headteacher" not in told


def test_the_same_author_again_is_one_step_graver(school):
    dsl = signed_in(school, Role.DSL)
    tried(dsl, "You are a useless bunch of idiots")
    assert "TO REVIEW" in dsl.words
    tried(dsl, "You are a useless bunch of idiots", again="yes")
    assert "LOOK TODAY" in dsl.words
    assert dsl.soup.find("input", id="again").has_attr("checked")


def test_not_found_says_so_and_what_to_do(school):
    dsl = signed_in(school, Role.DSL)
    tried(dsl, "Lovely assembly today, well done 4B")
    assert "Not found" in dsl.words
    assert "Schoolgate would tell nobody of this" in dsl.words
    assert "If it should be found" in dsl.words
    assert "There is no model here" in dsl.words


def test_our_own_posts_are_not_judged_and_the_page_says_so(school):
    dsl = signed_in(school, Role.DSL)
    tried(dsl, THREAT, "post")
    assert "It would not be judged" in dsl.words
    assert "Found" not in dsl.words


def test_a_name_from_the_register_counts_as_for_a_comment(school):
    dsl = signed_in(school, Role.DSL)
    phrase = "Ottilie Lockhart in 4B is so stupid"
    tried(dsl, phrase)
    assert "name.full" not in dsl.words
    with_records(school)
    tried(dsl, phrase)
    assert "name.full" in dsl.words


def test_rules_that_are_put_aside_are_shown_with_what_they_would_have_found(tmp_path):
    with tuned_school(tmp_path, silenced=["threat"], shadow=["profanity"]) as school:
        dsl = signed_in(school, Role.DSL)
        tried(dsl, f"{THREAT}. this is shit")
        assert "Not found" in dsl.words
        assert "Silenced in the configuration" in dsl.words
        assert "threat.hard" in dsl.words
        assert "In shadow in the configuration" in dsl.words
        assert "profanity.crude" in dsl.words


def test_what_the_model_made_of_it_is_shown(school):
    dsl = signed_in(school, Role.DSL)
    judge = judges(school.store, model=Model())
    object.__setattr__(school.page, "tester", PhraseTester(judge, desk()))
    tried(dsl, THREAT)
    assert "sure enough to be a finding by itself" in dsl.words
    tried(dsl, "…!?")
    assert "Nothing: there is no word in it" in dsl.words


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script> you idiots",
        "</textarea><img src=x onerror=alert(1)>",
        "\u202eyou are idiots\u202c \x00\x1b[31m",
        "{{ 7*7 }} {% include 'cases.html' %} you idiots",
        "https://evil.example/x you idiots",
    ],
)
def test_what_is_typed_is_shown_and_never_run(school, hostile):
    dsl = signed_in(school, Role.DSL)
    tried(dsl, hostile)
    assert dsl.last.status_code == 200
    assert not dsl.soup.find_all(["script", "img"])
    assert "49" not in dsl.words
    said = dsl.soup.find("blockquote").text
    assert "https://" not in said
    assert "\u202e" not in said


def test_too_long_and_empty_are_said_and_not_tried(school):
    dsl = signed_in(school, Role.DSL)
    assert tried(dsl, "x" * (LONGEST + 1)).status_code == 422
    assert f"the tester takes {LONGEST} at most" in dsl.words
    assert tried(dsl, "  ").status_code == 422
    assert "Type a phrase first" in dsl.words
    assert tried(dsl, "x" * LONGEST).status_code == 200
    assert tried(dsl, "x" * 70_000).status_code == 413
    with pytest.raises(ValueError, match="characters"):
        school.page.tester.ask("x" * (LONGEST + 1), ItemKind.COMMENT, before=0, now=school.now)


def test_nothing_is_stored_and_nothing_logged(school):
    dsl = signed_in(school, Role.DSL)
    dsl.get("/tester")
    but = OF_CODES | {"sign_in"}  # it says when its browser was last used
    before = everything(school.store, but)
    structlog.reset_defaults()
    with capture_logs() as logs:
        tried(dsl, "zebraphrase you useless idiots")
    assert everything(school.store, but) == before
    assert b"zebraphrase" not in school.store.path.read_bytes() + wal(school)
    assert "zebraphrase" not in repr(logs)
    assert "zebraphrase" not in dsl.last.url
    assert dsl.last.headers["Cache-Control"] == "no-store"


def wal(school):
    path = school.store.path.with_name(f"{school.store.path.name}-wal")
    return path.read_bytes() if path.exists() else b""


def test_another_sites_form_tries_nothing(school):
    dsl = signed_in(school, Role.DSL)
    dsl.get("/tester")
    form = form_of(dsl, "/tester") | {"phrase": THREAT}
    assert dsl.post("/tester", form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert dsl.post("/tester", form | {"token": "x"}).status_code == 403


class _Slow:
    """A judge that thinks until it is told to stop."""

    def __init__(self, judge) -> None:
        self.judge, self.go = judge, threading.Event()

    def tried(self, text, kind, *, before=0):
        self.go.wait(10)
        return self.judge.tried(text, kind, before=before)


def test_one_phrase_at_a_time_and_none_for_ever(school):
    slow = _Slow(school.judge)
    tester = PhraseTester(slow, desk(), patience=0.05, slowest=0.05)
    object.__setattr__(school.page, "tester", tester)
    dsl = signed_in(school, Role.DSL)
    assert tried(dsl, THREAT).status_code == 503  # it takes too long
    assert "Nothing was tried" in dsl.words
    assert dsl.soup.find("textarea").text.strip() == THREAT
    with pytest.raises(BusyError):  # and holds its turn until it has ended
        tester.ask("hello", ItemKind.COMMENT, before=0, now=school.now)
    slow.go.set()
    tester._pool.submit(lambda: None).result(10)
    assert tester.ask("hello", ItemKind.COMMENT, before=0, now=school.now).told == ()
