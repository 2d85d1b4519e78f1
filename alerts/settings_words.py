"""What a configuration means, in words for a person: who is told of what today, when, and for how long it is kept.

Pure. No secret, and addresses only for the technician, who mends them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from alerts.desk import INSTEAD
from alerts.digest_parts import Row, Section
from alerts.words import CALL, category_words, counted, day, listed, network_words, role_words
from monitor.config_values import interval_text
from monitor.domain import ActionKind, Capability, Means, Role, Severity
from monitor.settings import Settings
from monitor.triage import CATEGORIES
from monitor.watching import POLLED

Able = Mapping[str, Mapping[ActionKind, Capability]]  # by network
_SOON = timedelta(days=14)  # an absence that begins within this is told of
_DAYS = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday"}  # fmt: skip
_DOING = {
    ActionKind.HIDE: "hide",
    ActionKind.UNHIDE: "show again",
    ActionKind.DELETE: "delete",
    ActionKind.BLOCK: "block an author",
    ActionKind.REPORT: "report",
    ActionKind.REMOVE_FOLLOWER: "remove a follower",
}


def sections(settings: Settings, able: Able, roles: frozenset[Role], today: date) -> tuple[Section, ...]:
    """The whole page for a viewer of these roles on a day."""
    return (
        Section("To be looked at", tuple(_warnings(settings, today))),
        Section("Who is who today", tuple(_people(settings, today, addresses=Role.IT in roles))),
        Section("Who is told of what today", tuple(_routes(settings, today))),
        Section("When", tuple(_times(settings))),
        Section("Mails", tuple(_mails(settings))),
        Section("What is watched, and what can be done there", tuple(_accounts(settings, able))),
        Section("How long it is kept", tuple(_kept(settings))),
    )


def _warnings(settings: Settings, today: date) -> Iterator[Row]:
    chair, head = settings.roles.named(Role.CHAIR), settings.roles.headteacher
    if chair is None:
        stand_in = _name(settings, settings.role_for(Role.CHAIR, today))
        yield Row(
            "○",
            f"No chair of governors is named: what is said about the headteacher goes to {stand_in}",
            "Name the chair under [roles.chair].",
        )
    elif chair.email == head.email:
        yield Row(
            "✖",
            "The chair of governors has the headteacher’s address: what is said about the headteacher would go there",
            "Write the chair’s own address under [roles.chair].",
        )
    if settings.roles.named(Role.DEPUTY) is None:
        stand_in = _name(settings, settings.role_for(Role.DEPUTY, today))
        yield Row(
            "○",
            f"No deputy is named: what nobody answers goes to {stand_in}",
            "Name one under [roles.deputy].",
        )
    yield from _alone(settings, today)
    for account in settings.account:
        if account.paused:
            yield Row(
                "✖",
                f"{account.name} is paused: it is not watched",
                "Take paused = true out when it should be.",
            )
    if not settings.account:
        yield Row("✖", "No account is configured: nothing is watched", "Add one with [[account]].")
    if settings.detection.silenced:
        yield Row(
            "○",
            f"{counted(len(settings.detection.silenced), 'rule is', 'rules are')} silenced",
            listed(settings.detection.silenced),
        )


def _alone(settings: Settings, today: date) -> Iterator[Row]:
    """Absences, now or soon, in which nobody stands in."""
    for role in Role:
        person = settings.roles.named(role)
        for absence in person.away if person else ():
            if (
                today <= absence.last
                and absence.first <= today + _SOON
                and settings.role_for(role, absence.first) is role
            ):
                yield Row(
                    "✖",
                    f"{_name(settings, role)} is away {day(absence.first)} to {day(absence.last)}, and nobody stands in",
                    f'Write deputy = "…" under [roles.{role.value}].',
                )


def _people(settings: Settings, today: date, *, addresses: bool) -> Iterator[Row]:
    for role in Role:
        person = settings.roles.named(role)
        held = settings.role_for(role, today)
        if person is None:
            yield Row("○", f"{_title(settings, role)}: nobody; {_name(settings, held)} answers")
            continue
        who = f"{_title(settings, role)}: {person.name}" + (f", {person.email}" if addresses else "")
        coming = [f"{day(one.first)} to {day(one.last)}" for one in person.away if one.last >= today]
        more = f"Away {listed(tuple(coming))}." if coming else ""
        if held is not role:
            yield Row("○", f"{who}: away today, {_name(settings, held)} stands in", more)
        else:
            yield Row("✔", who, more)


def _routes(settings: Settings, today: date) -> Iterator[Row]:
    """Categories that go to the same people, in one row, the gravest first."""
    rows: dict[tuple[Severity, tuple[Role, ...]], list[str]] = {}
    for name, category in sorted(CATEGORIES.items(), key=lambda one: -one[1].severity):
        rows.setdefault((category.severity, tuple(category.roles)), []).append(
            category_words(name).name.lower()
        )
    for (severity, roles), names in rows.items():
        told = tuple(dict.fromkeys(_name(settings, settings.role_for(role, today)) for role in roles))
        words = listed(tuple(dict.fromkeys(names)))
        call = CALL[severity]
        yield Row(
            "", f"{call}: {words[:1].upper()}{words[1:]}", f"To {listed(told)}." if told else "In the digest."
        )
    about = tuple(
        f"{_name(settings, role)}: {_name(settings, settings.role_for(INSTEAD[role], today))}"
        for role in (Role.HEADTEACHER, Role.DEPUTY, Role.DSL, Role.ESAFETY, Role.CHAIR)
        if settings.roles.named(role)
    )
    yield Row(
        "", "Whoever is named in something is not told of it. Who decides instead", "; ".join(about) + "."
    )


def _times(settings: Settings) -> Iterator[Row]:
    hours, reports = settings.hours, settings.reports
    yield Row("", "What is critical is mailed at once, at any hour")
    yield Row(
        "",
        f"Without an answer for {interval_text(hours.escalate_after)} it goes on to the deputy; a reminder comes every {interval_text(hours.remind_every)}",
    )
    yield Row(
        "",
        f"What is high is mailed at once between {hours.waking}; what is medium at most once in {interval_text(hours.medium_every)}",
    )
    days = listed(tuple(_DAYS[one] for one in hours.digest_days))
    yield Row(
        "",
        f"The daily digest: {days} at {hours.digest_at:%H:%M}",
        "To the office and the e-safety coordinator; to the headteacher "
        + ("too." if reports.head_daily == "always" else "on days with something of theirs."),
    )
    if reports.weekly == "on":
        yield Row(
            "",
            f"The headteacher’s page of the week: {_DAYS[reports.weekly_day]} at {reports.weekly_at:%H:%M}",
        )
    else:
        yield Row("○", "The headteacher’s page of the week is off")
    if reports.termly == "on":
        yield Row(
            "", f"The report to governors: on the last day of term at {reports.weekly_at:%H:%M}, to the chair"
        )
    else:
        yield Row("○", "The report to governors is off")


def _mails(settings: Settings) -> Iterator[Row]:
    for role in Role:
        if settings.roles.named(role) is None or role is Role.IT:
            continue
        detail = settings.mail.detail_of(role)
        says = (
            "no word of what was said; that is on the page only"
            if detail == "minimal"
            else f"{detail}: some of what was said, with names masked"
        )
        yield Row(
            "✔" if detail == "minimal" else "○",
            f"To {role_words(role, settings.school.jurisdiction)}: {says}",
        )


def _accounts(settings: Settings, able: Able) -> Iterator[Row]:
    for account in settings.account:
        network = network_words(account.network)[0]
        every = {interval_text(getattr(account, name)) for name in dict.fromkeys(POLLED.values())}
        says = f"{account.name} on {network}: " + (
            "paused"
            if account.paused
            else f"comments and mentions every {interval_text(account.poll_every)}, followers every {interval_text(account.followers_every)}"
        )
        yield Row("✖" if account.paused else "✔" if every else "", says, _able(able.get(account.network, {})))
    for network, most in settings.budget.reads_per_month.items():
        yield Row(
            "",
            f"At most {most:,} paid reads of {network_words(network)[0]} a month",
            f"At {settings.budget.optional_stop_percent}% followers and own posts stop being read, comments and mentions last.",
        )


def _able(able: Mapping[ActionKind, Capability]) -> str:
    """What can be done on a network: by a press here, by a person there, or by nobody."""
    by = {
        means: listed(
            tuple(words for action, words in _DOING.items() if action in able and able[action].means is means)
        )
        for means in Means
    }
    said = (
        f"From here: {by[Means.BY_API]}." if by[Means.BY_API] else "",
        f"By hand, with steps: {by[Means.GUIDED]}." if by[Means.GUIDED] else "",
        f"Not possible there: {by[Means.NONE]}." if by[Means.NONE] else "",
    )
    return " ".join(filter(None, said))


def _kept(settings: Settings) -> Iterator[Row]:
    keep = settings.retention
    yield Row("", f"What nobody needed to look at: {keep.harmless.days} days")
    yield Row("", f"Closed cases, and digests: {keep.closed.days} days")
    yield Row("", f"Evidence, after its case is closed: {keep.evidence.days} days")
    for name, own in keep.category.items():
        yield Row("", f"{category_words(name).name}, with its evidence: {own.days} days")
    yield Row("", f"The audit log, and figures of what was watched: {keep.audit.days} days")


def _name(settings: Settings, role: Role) -> str:
    return role_words(role, settings.school.jurisdiction)


def _title(settings: Settings, role: Role) -> str:
    words = _name(settings, role).removeprefix("the ")
    return words[:1].upper() + words[1:]
