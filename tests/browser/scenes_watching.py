"""What was watched, the audit log, the archive of digests, and the check of the settings."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from alerts import keeping
from alerts.compose_digest import digest_values
from alerts.compose_report import termly_values, weekly_values
from alerts.digest_parts import Row, Section
from monitor import coverage
from monitor.domain import Role
from monitor.incidents import open_incident
from monitor.tables import DigestRow, StreamRow
from tests.alerts import mails, reporting
from tests.browser.place import Place
from tests.browser.scenes import scene
from tests.making import HOURS

COVERAGE, AUDIT, DIGESTS, SETTINGS = "Coverage", "Audit", "Digests", "Settings check"
TEN = timedelta(minutes=10)


def watched(place: Place) -> None:
    """Twelve days of readings with an outage over a night, one this morning, and an access that runs out."""
    store, now = place.school.store, place.clock()
    start, night, morning = (
        now - timedelta(days=12),
        now - timedelta(days=5, hours=13),
        now - timedelta(hours=3),
    )
    with store.write() as session:
        for account in ("x-main", "fb-main"):
            stream = StreamRow(school_id=store.school, account=account, kind="comment", next_due=now)
            session.add(stream)
            at = start
            while at <= now:
                off = account == "fb-main" and (
                    timedelta(0) < at - night < timedelta(hours=11)
                    or timedelta(0) < at - morning < timedelta(hours=1)
                )
                if not off:
                    coverage.answered(
                        session, store, stream, every=TEN, zone=place.school.page.timezone, now=at, whole=True
                    )
                    stream.last_success_at = at
                    stream.baseline_at = stream.baseline_at or at
                at += TEN
        open_incident(
            store, session, "expires:fb-main:token", says="fb-main: its token runs out on 27 Nov 2026",
            cure="Make a new page token.", now=now,
        )  # fmt: skip


@scene("more", "More")
def more(place: Place) -> None:
    place.set(configured=configured)
    place.sign_in(Role.DSL)
    place.go("/more")


@scene("coverage: nothing on record yet", COVERAGE)
def coverage_empty(place: Place) -> None:
    place.sign_in()
    place.go("/coverage")


@scene("coverage: two weeks with an outage", COVERAGE)
def coverage_shown(place: Place) -> None:
    watched(place)
    place.set(networks={"x-main": "x", "fb-main": "facebook"})
    place.sign_in(Role.IT)
    place.go("/coverage")


@scene("audit: a case and what the service did", AUDIT)
def audit(place: Place) -> None:
    ref = place.school.case()
    store = place.school.store
    with store.write() as session:
        note = partial(store.audit, session, at=place.clock())
        note(actor="schoolgate", happened="case opened", thing=f"case {ref}", detail="threat")
        note(actor="headteacher", happened="remove decided", thing=f"case {ref}", detail="decision 1, item 1")
        note(
            actor="schoolgate", happened="remove carried out", thing=f"case {ref}", detail="hidden, read back"
        )
        for number in range(60):
            note(
                actor="schoolgate",
                happened="digest made",
                thing=f"digest {date(2026, 9, 1) + timedelta(number)}",
            )
    place.sign_in(Role.DSL)
    place.go("/audit")


@scene("audit: the second page", AUDIT)
def audit_older(place: Place) -> None:
    audit(place)
    place.follow_link("Older entries")


@scene("audit: one case", AUDIT)
def audit_case(place: Place) -> None:
    audit(place)
    place.page.get_by_label("Case reference").fill("sm-0001")
    place.press("Show")


@scene("audit: nothing to see", AUDIT)
def audit_empty(place: Place) -> None:
    place.sign_in(Role.OFFICE)
    place.go("/audit?day=2026-01-01")


@scene("audit: the record is broken", AUDIT)
def audit_broken(place: Place) -> None:
    place.set(chain_broken_at=lambda: 17)
    place.sign_in(Role.DSL)
    place.go("/audit")


def kept(place: Place) -> None:
    """A daily digest, a week's and a term's; one day without any."""
    store, now = place.school.store, place.clock()
    role = Role.HEADTEACHER
    stamp = mails.stamp("digest", role)
    made = (
        ("daily", digest_values(mails.digest(), stamp)),
        ("weekly", weekly_values(reporting.figures(), stamp, now + timedelta(days=7))),
        ("termly", termly_values(reporting.figures(), stamp, "Autumn term 2026", now + timedelta(days=112))),
    )
    place.set(hours=HOURS)
    with store.write() as session:
        for kind, values in made:
            keeping.keep(store, session, kind=kind, day=date(2026, 11, 20), role=role, values=values, now=now)
        for day in (17, 19, 20):
            session.add(
                DigestRow(
                    school_id=store.school, local_date=date(2026, 11, day), covers_from=now, covers_to=now,
                    created_at=now,
                )
            )  # fmt: skip
    place.sign_in(role)
    place.go("/digests")


@scene("digests: the list, and a day without one", DIGESTS)
def digests(place: Place) -> None:
    kept(place)


@scene("digests: none yet", DIGESTS)
def digests_none(place: Place) -> None:
    place.sign_in(Role.OFFICE)
    place.go("/digests")


@scene("digests: one day", "Digest, Fri 20 Nov 2026")
def digest_of_a_day(place: Place) -> None:
    kept(place)
    place.go("/digests/1")


@scene("digests: the week", "The week, Fri 20 Nov 2026")
def digest_of_a_week(place: Place) -> None:
    kept(place)
    place.go("/digests/2")


@scene("digests: the report to governors", "Report to governors, Fri 20 Nov 2026")
def digest_of_a_term(place: Place) -> None:
    kept(place)
    place.go("/digests/3")


def configured(_roles: frozenset[Role], _today: date) -> tuple[Section, ...]:
    return (
        Section(
            "To be looked at", (Row("✖", "St Elsewhere on X is paused: it is not watched", "Take it out."),)
        ),
        Section(
            "Who is told of what today",
            (Row("", "ACT NOW: Threat", "To the headteacher and the designated safeguarding lead."),),
        ),
        Section(
            "Who is who today", (Row("✔", "Headteacher: Asha Quill"), Row("○", "Chair of governors: nobody"))
        ),
    )


@scene("settings check", SETTINGS)
def settings_check(place: Place) -> None:
    watched(place)
    place.set(configured=configured)
    place.sign_in(Role.IT)
    place.go("/settings-check")
