"""Trying phrases, learning from false alarms, and drills."""

from __future__ import annotations

from datetime import timedelta

from alerts.trying import PhraseTester
from monitor.assess import assess
from monitor.domain import Role
from monitor.drills import move
from monitor.tables import CaseRow
from monitor.tuning import TRIAL, try_out
from tests.alerts.telling import desk
from tests.browser.place import Place
from tests.browser.scenes import scene
from tests.judges import judges
from tests.making import HOURS
from tests.monitor.test_assess import arrive

CLOWN = "Mr Hill is a clown"
TESTER, RULES, DRILL = "Try a phrase", "Changes of rules", "Drill"


def ready(place: Place, **detection: object) -> None:
    judge = judges(place.school.store, **detection)
    place.set(
        judge=judge,
        tester=PhraseTester(judge, desk()),
        drill_hours=HOURS,
        drill_accounts=("fb-main",),
    )
    place.sign_in()


def tried(place: Place, phrase: str, **detection: object) -> None:
    ready(place, **detection)
    place.go("/tester")
    place.page.get_by_label("What somebody writes").fill(phrase)
    place.press("Try it")


def arrived(place: Place, *texts: str, first: int) -> list[str]:
    arrive(place.school.store, place.clock, *texts, first=first)
    judge = place.school.page.judge
    assert judge is not None
    assess(place.school.store, judge.now()[1], clock=place.clock)  # type: ignore[attr-defined]
    return [row.ref for row in place.school.rows(CaseRow)][-len(texts) :]


def dismissed(place: Place, text: str = CLOWN) -> str:
    ready(place)
    (ref,) = arrived(place, text, first=1)
    place.school.signed_in().choose(ref, "dismiss", why="mistaken")
    place.go(f"/case/{ref}")
    return ref


def on_trial(place: Place) -> None:
    dismissed(place)
    place.page.locator("summary", has_text="Insult").click()
    place.page.get_by_label("Put the whole rule aside").check()
    place.page.locator("[name=comment]").first.fill("Everybody says clown at the circus club.")
    place.press("Put it on trial")
    place.page.wait_for_url("**#learn")


def with_figures(place: Place) -> None:
    on_trial(place)
    place.wait(minutes=5)
    judge = place.school.page.judge
    assert judge is not None
    refs = arrived(place, CLOWN, CLOWN, CLOWN, first=5)
    try_out(place.school.store, judge.judged, clock=place.clock)
    head = place.school.signed_in()
    head.choose(refs[0], "close", why="family", reason="It was meant.")
    head.choose(refs[1], "dismiss", why="harmless")
    place.clock.now += TRIAL
    place.school.now = place.clock()
    place.sign_in()
    place.go("/rules")


def drilling(place: Place) -> str:
    ready(place)
    place.go("/drill")
    place.press("Begin a drill")
    store = place.school.store
    judge = place.school.page.judge
    assert judge is not None
    for _ in range(2):
        move(store, {"fb-main": "facebook"}, HOURS, place.clock())
        assess(store, judge.now()[1], clock=place.clock)  # type: ignore[attr-defined]
    ref = place.school.rows(CaseRow)[0].ref
    now = place.clock()
    for role, took in ((Role.HEADTEACHER, 20), (Role.DSL, 21)):
        place.school.mail(ref, role.value, sent_at=now + timedelta(seconds=took))
    place.wait(minutes=4)
    return ref


@scene("tester: empty", TESTER)
def tester(place: Place) -> None:
    ready(place)
    place.go("/tester")


@scene("tester: found", TESTER)
def found(place: Place) -> None:
    tried(place, "I am going to stab somebody at the school gate tomorrow. Mr Hill is a clown.")


@scene("tester: not found, but silenced", TESTER)
def silenced(place: Place) -> None:
    tried(place, "Lovely day. Mr Hill is a clown.", silenced=["insult"])


@scene("tester: nothing typed", TESTER)
def nothing_typed(place: Place) -> None:
    ready(place)
    place.go("/tester")
    place.send_unchecked()
    place.press("Try it")


@scene("case: learn from a false alarm", "Insult")
def learn(place: Place) -> None:
    dismissed(place)
    place.page.locator("summary", has_text="insult.you_are").click()


@scene("case: learn of what guards a life", "Threat")
def learn_guarded(place: Place) -> None:
    dismissed(place, "We are going to kill you with sums on Monday")
    place.page.locator("summary", has_text="threat.").click()


@scene("case: a change is on trial", "Insult")
def case_on_trial(place: Place) -> None:
    on_trial(place)


@scene("case: nothing was put on trial", "Nothing was put on trial")
def unlearned(place: Place) -> None:
    learn(place)
    place.page.get_by_label("It is harmless inside").check()
    place.press("Put it on trial")


@scene("rules: none", RULES)
def no_rules(place: Place) -> None:
    ready(place)
    place.go("/rules")


@scene("rules: on trial", RULES)
def trial(place: Place) -> None:
    on_trial(place)
    place.go("/rules")


@scene("rules: with real cases", RULES)
def real(place: Place) -> None:
    with_figures(place)


@scene("rules: not taken over", "Nothing was changed")
def untaken(place: Place) -> None:
    with_figures(place)
    place.send_unchecked()
    place.press("Take it over")


@scene("rules: in use", RULES)
def in_use(place: Place) -> None:
    with_figures(place)
    place.page.get_by_label("I have looked at the real cases").check()
    place.press("Take it over")
    place.page.locator("summary", has_text="For the configuration file").click()


@scene("drill: none", DRILL)
def no_drill(place: Place) -> None:
    ready(place)
    place.go("/drill")


@scene("drill: refused", DRILL)
def refused(place: Place) -> None:
    no_drill(place)
    place.school.now = place.school.now.replace(hour=23)
    place.press("Begin a drill")


@scene("drill: how long it took", DRILL)
def took(place: Place) -> None:
    ref = drilling(place)
    place.school.signed_in().choose(ref, "acknowledge")
    place.go("/drill")


@scene("case: a drill", "DRILL: Threat")
def drill_case(place: Place) -> None:
    place.go(f"/case/{drilling(place)}")
