from datetime import timedelta

import pytest

from monitor.assess import assess
from monitor.detectors.changes import Change, Kind
from monitor.domain import Role
from monitor.tables import AuditRow, CaseRow
from monitor.tables_tuning import ProposalRow, TrialHitRow
from monitor.tuning import TRIAL, active_changes, try_out
from tests.alerts.tuned_school import arrived, form_of, signed_in, tuned_school
from tests.monitor.test_assess import arrive

CLOWN = "Mr Hill is a clown"
JOKE = "We are going to kill you with sums on Monday"
PROPOSERS = (Role.HEADTEACHER, Role.DEPUTY, Role.DSL, Role.ESAFETY)
DECIDERS = (Role.HEADTEACHER, Role.DSL, Role.ESAFETY)


@pytest.fixture
def school(tmp_path):
    with tuned_school(tmp_path) as opened:
        yield opened


def dismissed(school, text=CLOWN, why="mistaken", role=Role.DSL):
    """A case that somebody closed as not a problem; returns (its reference, the browser at its page)."""
    ref = arrived(school, text, first=len(school.rows(CaseRow)) + 1)[-1]
    browser = signed_in(school, role)
    browser.choose(ref, "dismiss", why=why, reason="Chess club joke")
    browser.get(f"/case/{ref}")
    return ref, browser


def proposed(browser, ref, **form):
    browser.get(f"/case/{ref}")
    hidden = form_of(browser, f"/case/{ref}/learn")
    assert hidden, "nothing is offered"
    return browser.post(f"/case/{ref}/learn", hidden | form)


def put_on_trial(school, text=CLOWN, **form):
    ref, browser = dismissed(school, text)
    proposed(browser, ref, **(form or {"kind": "shadow"}))
    assert len(school.rows(ProposalRow)) >= 1
    return ref, browser


def tried(school, *texts, first):
    school.pass_time(minutes=1)
    refs = arrived(school, *texts, first=first)
    try_out(school.store, school.judge.judged, clock=lambda: school.now)
    return refs[-len(texts) :]


def test_a_false_alarm_offers_to_learn_and_nothing_else_does(school):
    ref = arrived(school, CLOWN)[0]
    dsl = signed_in(school, Role.DSL)
    dsl.get(f"/case/{ref}")
    assert "Help Schoolgate learn" not in dsl.words
    dsl.choose(ref, "close", why="in_school", reason="Spoke to them.")
    dsl.get(f"/case/{ref}")
    assert "Help Schoolgate learn" not in dsl.words  # it was real
    ref, dsl = dismissed(school)
    assert "Help Schoolgate learn" in dsl.words
    assert "Put the whole rule aside" in dsl.words


def test_a_proposal_is_put_on_trial_and_the_rule_goes_on(school):
    ref, dsl = dismissed(school)
    answer = proposed(dsl, ref, kind="shadow", comment="Everybody says clown here")
    assert answer.history[0].status_code == 303
    assert "1 change from this case" in dsl.words
    (row,) = school.rows(ProposalRow)
    assert (row.rule, row.kind, row.state, row.proposed_by) == ("insult.you_are", "shadow", "trial", "dsl")
    assert active_changes(school.store) == ()
    assert "Everybody" not in repr(school.rows(ProposalRow)) + repr(school.rows(AuditRow))


@pytest.mark.parametrize("role", Role)
def test_only_those_who_handle_cases_may_propose(school, role):
    ref, dsl = dismissed(school)
    theirs = form_of(dsl, f"/case/{ref}/learn") | {"kind": "shadow"}
    browser = signed_in(school, role)
    browser.get(f"/case/{ref}")
    may = role in PROPOSERS
    assert bool(form_of(browser, f"/case/{ref}/learn")) is may
    answer = browser.post(f"/case/{ref}/learn", theirs)
    assert answer.status_code == (403 if may else 404)  # a form is its own browser's
    assert school.rows(ProposalRow) == []
    proposed(browser, ref, kind="shadow") if may else None
    assert [row.proposed_by for row in school.rows(ProposalRow)] == ([role.value] if may else [])


def test_a_rule_that_guards_a_life_is_never_put_aside_whatever_is_posted(school):
    ref, dsl = dismissed(school, JOKE)
    assert "It is never put aside" in dsl.words
    assert not dsl.soup.find("input", value="shadow")
    for kind in ("shadow", "person"):
        assert proposed(dsl, ref, kind=kind).status_code == 422
        assert "only an exact phrase may be let through" in dsl.words
    assert proposed(dsl, ref, kind="phrase", phrase="kill you with").status_code == 422
    assert "the phrase must have 4 words at least" in dsl.words
    assert school.rows(ProposalRow) == []
    assert proposed(dsl, ref, kind="phrase", phrase=JOKE).status_code == 200
    assert len(school.rows(ProposalRow)) == 1


@pytest.mark.parametrize(
    ("phrase", "says"),
    [
        ("", "Type the phrase as it stands in the text"),
        ("clown", "Type the phrase as it stands in the text"),
        ("Mr Hill is a clown", "would still find it here"),  # no more than what was found
        ("the moon is a cheese", "would still find it here"),  # not in this text
        ("is a clown on Friday", "would still find it here"),  # not around what was found
        ("x " * 99, "Type the phrase as it stands in the text"),
        ("word " * 40, "Type the phrase as it stands in the text"),
        ("(a|b) {staff} ..3 <who>", "would still find it here"),  # a phrase is words, never a pattern
    ],
)
def test_a_phrase_that_changes_nothing_here_is_not_taken(school, phrase, says):
    ref, dsl = dismissed(school, f"{CLOWN} on Friday")
    assert proposed(dsl, ref, kind="phrase", phrase=phrase).status_code == 422
    assert says in dsl.words
    assert school.rows(ProposalRow) == []


def test_the_phrase_that_is_let_through_is_that_of_the_text(school):
    ref, dsl = dismissed(school, f"{CLOWN} on Friday")
    proposed(dsl, ref, kind="phrase", phrase="MR  hill is a clown, on Friday")
    dsl.get("/rules")
    assert "MR hill is a clown, on Friday" in dsl.words


def test_nothing_is_proposed_by_a_form_that_is_not_ours(school):
    ref, dsl = dismissed(school)
    form = form_of(dsl, f"/case/{ref}/learn") | {"kind": "shadow"}
    path = f"/case/{ref}/learn"
    assert dsl.post(path, form | {"token": "x"}).status_code == 403
    assert dsl.post(path, form | {"finding": "999"}).status_code == 403
    assert dsl.post(path, form | {"kind": "everything"}).status_code == 422
    assert dsl.post("/case/SM-9999/learn", form).status_code == 404
    assert dsl.post(path, form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    dsl.session.cookies.clear()
    assert dsl.post(path, form).status_code == 401
    assert school.rows(ProposalRow) == []


def test_hostile_feedback_is_shown_and_never_run(school):
    ref, dsl = dismissed(school, f"{CLOWN} <script>alert(1)</script> on Friday")
    proposed(
        dsl,
        ref,
        kind="phrase",
        phrase="Mr Hill is a clown <script>alert(1)</script> on Friday",
        comment="\u202e<img src=x onerror=alert(1)> https://evil.example {{ 7*7 }}",
    )
    dsl.get("/rules")
    assert not dsl.soup.find_all(["script", "img"])
    assert "49" not in dsl.words
    assert "\u202e" not in dsl.last.text
    assert "https://evil" not in dsl.words
    assert "hxxps://evil[.]example" in dsl.words


def test_the_figures_say_what_would_have_gone_and_how_much_was_real(school):
    put_on_trial(school)
    real, false, waiting = tried(school, CLOWN, CLOWN, f"{CLOWN}. I am going to stab somebody", first=5)
    dsl = signed_in(school, Role.DSL)
    dsl.choose(real, "close", why="family", reason="It was meant.")
    dsl.choose(false, "dismiss", why="harmless")
    dsl.get("/rules")
    figures = {one.dt.text: " ".join(one.dd.text.split()) for one in dsl.soup.select(".facts div")}
    assert figures == {
        "Found since by this rule": "3",
        "Would have gone": "3; 2 with nothing left to see",
        "Of these not a problem": "1",
        "Not decided yet": f"1 {waiting} {false}",
    }
    assert "Danger: people found 1 of them real." in dsl.words
    links = [one["href"] for one in dsl.soup.select(".notice.bad a")]
    assert links == [f"/case/{real}"]
    assert dsl.soup.find("a", href=f"/case/{waiting}")


def test_a_week_on_trial_comes_first(school):
    put_on_trial(school)
    dsl = signed_in(school, Role.DSL)
    dsl.get("/rules")
    assert not form_of(dsl, "/rules/1", choice="take")
    form = form_of(dsl, "/rules/1", choice="withdraw") | {"choice": "take"}
    assert dsl.post("/rules/1", form).status_code == 409
    assert "has not been on trial long enough" in dsl.words
    assert active_changes(school.store) == ()


def test_what_is_taken_over_counts_and_what_is_withdrawn_does_not(school):
    put_on_trial(school)
    school.now += TRIAL
    dsl = signed_in(school, Role.DSL)
    dsl.get("/rules")
    dsl.post("/rules/1", form_of(dsl, "/rules/1", choice="take"))
    assert "In use 1" in dsl.words
    assert 'shadow = ["insult.you_are"]' in dsl.words
    assert active_changes(school.store) == (Change("insult.you_are", Kind.SHADOW),)
    before = len(school.rows(CaseRow))
    arrive(school.store, lambda: school.now, CLOWN, first=50)
    assess(school.store, school.judge.now()[1], clock=lambda: school.now)
    assert len(school.rows(CaseRow)) == before
    dsl.get("/tester")
    dsl.post("/tester", form_of(dsl, "/tester") | {"phrase": CLOWN})
    assert "Taken away by a change that your school took over" in dsl.words
    dsl.get("/rules")
    dsl.post("/rules/1", form_of(dsl, "/rules/1", choice="withdraw"))
    assert "No change is in use" in dsl.words
    assert active_changes(school.store) == ()


def test_whoever_takes_over_what_hides_real_cases_says_that_they_looked(school):
    put_on_trial(school)
    (real,) = tried(school, CLOWN, first=5)
    dsl = signed_in(school, Role.DSL)
    dsl.choose(real, "close", why="family", reason="It was meant.")
    school.now += TRIAL
    dsl = signed_in(school, Role.DSL)
    dsl.get("/rules")
    form = form_of(dsl, "/rules/1", choice="take")
    assert dsl.post("/rules/1", form).status_code == 409
    assert "People found 1 of the cases real" in dsl.words
    assert active_changes(school.store) == ()
    dsl.post("/rules/1", form | {"sure": "yes"})
    assert len(active_changes(school.store)) == 1


def test_nobody_decides_on_figures_that_they_have_not_seen(school):
    put_on_trial(school)
    school.now += TRIAL
    dsl = signed_in(school, Role.DSL)
    dsl.get("/rules")
    form = form_of(dsl, "/rules/1", choice="take")
    tried(school, CLOWN, first=5)
    assert dsl.post("/rules/1", form).status_code == 403
    assert active_changes(school.store) == ()


@pytest.mark.parametrize("role", Role)
def test_only_three_roles_decide(school, role):
    put_on_trial(school)
    school.now += TRIAL
    dsl = signed_in(school, Role.DSL)
    dsl.get("/rules")
    theirs = form_of(dsl, "/rules/1", choice="take")
    browser = signed_in(school, role)
    assert browser.get("/rules").status_code == (200 if role in PROPOSERS else 404)
    mine = form_of(browser, "/rules/1", choice="take")
    assert bool(mine) is (role in DECIDERS)
    browser.post("/rules/1", mine or theirs)
    assert len(active_changes(school.store)) == (1 if role in DECIDERS else 0)


def test_an_allegations_change_is_not_told_to_whoever_may_not_see_it(school):
    text = "The headteacher was drunk at school again and stole the trip money"
    ref = arrived(school, text)[0]
    chair = signed_in(school, Role.CHAIR)
    chair.choose(ref, "dismiss", why="mistaken")
    case = school.row(ref)
    with school.store.write() as session:  # by somebody who could see it then
        from monitor.tuning import propose

        propose(
            session,
            school.store,
            case,
            Change("insult.you_are", Kind.SHADOW),
            category="insult",
            phrase="",
            comment="",
            role=Role.DSL,
            now=school.now - timedelta(days=8),
        )
    head = signed_in(school, Role.HEADTEACHER)
    head.get("/rules")
    assert "Nothing is on trial" in head.words
    assert ref not in head.last.text
    assert head.post("/rules/1", {"choice": "take", "token": "x"}).status_code == 404


def test_looking_changes_nothing(school):
    ref, dsl = dismissed(school)
    before = repr([school.rows(table) for table in (CaseRow, AuditRow, ProposalRow, TrialHitRow)])
    for path in (f"/case/{ref}", "/rules", "/tester", "/drill", "/rules/1", f"/case/{ref}/learn"):
        dsl.get(path)
    assert repr([school.rows(table) for table in (CaseRow, AuditRow, ProposalRow, TrialHitRow)]) == before
