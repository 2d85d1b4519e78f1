"""From the configuration to what mail and page need: the desk, the mail server, the page's context. Reads no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from sqlmodel import Session

from alerts.compose_invitation import compose_invitation
from alerts.desk import Budgets, Desk, Reader
from alerts.doors import Doors, load_doors
from alerts.envelope import Detail, House
from alerts.invite import key_of
from alerts.letters import Letter, LetterHouse, letter_files
from alerts.outbox import enqueue
from alerts.proof import Prover, facebook, x
from alerts.report_paths import load_report_paths
from alerts.schedule import schedule_of
from alerts.settings_words import sections
from alerts.setup_hours import hours_of, office_days_of
from alerts.setup_mail import replies_of
from alerts.setup_sign_in import send_code, send_device_news, services_of
from alerts.steady import Steady
from alerts.web.context import PageContext, Person
from alerts.words import category_words
from monitor import __version__
from monitor.config import Settings
from monitor.domain import ActionKind, Capability, Reason, Role, Severity
from monitor.following import Listed
from monitor.hours import Hours, escalate_at
from monitor.store import Store
from monitor.tables_people import FollowerRow
from monitor.triage import CATEGORIES, category_title
from monitor.vault import Vault


def desk_of(
    settings: Settings,
    vault: Vault,
    capabilities: Mapping[str, Mapping[ActionKind, Capability]],
    read_prices: Mapping[str, Decimal],
) -> Desk:
    """`capabilities` and `read_prices` (dollars a read): of each network, by its name."""
    return Desk(
        house=House(
            school=settings.school.name,
            sender=settings.mail.sender,
            sender_name=settings.mail.sender_name,
            version=__version__,
            zone=settings.school.timezone,
            jurisdiction=settings.school.jurisdiction,
            doors=_doors(settings),
            one_thread=settings.alerts.subjects == "one_thread",
        ),
        mails_per_hour=settings.alerts.mails_per_hour,
        closed_mails=settings.alerts.closed_mails,
        is_away=lambda role, day: settings.recipients(role, day).is_away(day),
        hours=hours_of(settings),
        schedule=schedule_of(settings),
        key=vault.key("message-id"),
        public_url=settings.page.public_url,
        link_valid=settings.page.link_valid,
        reader=partial(_reader, settings),
        detail=lambda role: Detail(settings.mail.detail_of(role)),
        accounts={account.key: account.name for account in settings.account},
        networks={account.key: account.network for account in settings.account},
        capabilities=capabilities,
        listed=tuple(
            Listed(handle, one.reason, one.approved_by or "", one.approved_on, one.review_on)
            for handle, one in settings.followers.organisations.items()
        ),
        overdue_after=settings.followers.overdue_after,
        replies=replies_of(settings),
        budget=Budgets(
            prices=read_prices,
            reads=settings.budget.reads_per_month,
            optional_share=settings.budget.optional_stop_percent / 100,
            dollars_per_pound=Decimal(str(settings.budget.dollars_per_pound)),
        ),
    )


def _escalates_at(hours: Hours, severity: Severity, told_at: datetime) -> datetime | None:
    return escalate_at(severity, told_at, 1, hours) if severity >= Severity.HIGH else None


def _doors(settings: Settings) -> Doors:
    """Who can help, with the school's own contact at its local authority. Raises ConfigError for a file that is wrong."""
    own = settings.doors.lado
    return load_doors(settings.school.jurisdiction, settings.doors.file).reached(
        "lado", name=own.name or "", phone=own.phone or "", mail=own.email or ""
    )


def page_of(
    settings: Settings,
    store: Store,
    desk: Desk,
    clock: Callable[[], datetime],
    claim_networks: tuple[str, ...] = (),
    profile_reads: Callable[[str], int] = lambda _network: 0,
) -> PageContext:
    """`claim_networks`: the networks whose followers are read, so that a claim to one can be borne out. `profile_reads`: what
    a network bills for one person's profile, as it does for whoever signs in."""
    held = {role: person for role in Role if (person := settings.roles.named(role))}
    return PageContext(
        store=store,
        clock=clock,
        public_url=settings.page.public_url,
        timezone=settings.school.zone,
        school_name=settings.school.name,
        version=__version__,
        people={role: Person(person.name, person.email) for role, person in held.items()},
        capabilities=desk.capabilities,
        send_code=partial(send_code, settings, store, desk),
        may_see=desk.may_see,
        doors=desk.house.doors,
        report_paths=load_report_paths(settings.doors.reports),
        complaints=settings.doors.complaints or "",
        is_working_day=office_days_of(settings).open,
        jurisdiction=settings.school.jurisdiction,
        accounts=desk.accounts,
        networks=desk.networks,
        hours=desk.hours,
        configured=partial(sections, settings, desk.capabilities),
        listed=desk.listed,
        overdue_after=desk.overdue_after,
        claim_networks=claim_networks,
        claim_address=settings.claims.mail.address or "" if settings.claims.mail else "",
        invite=partial(send_invitation, store, desk),
        tell_device=partial(send_device_news, store, desk),
        services=services_of(settings),
        idle=settings.sign_in.idle,
        remembered=settings.sign_in.remembered,
        steady=Steady(clock),
        provers=provers_of(settings, profile_reads),
        budget=desk.budget,
        valid_code=settings.page.code_valid,
        valid_session=settings.page.session,
        escalates_at=partial(_escalates_at, desk.hours),
        title=_title,
        escalated_to=lambda case, now: next((one.role for one in desk.behind(case, now)), None),
    )


def letters_for(
    settings: Settings, claim_networks: tuple[str, ...], letters: Sequence[Letter], *, made: date, until: date
) -> dict[str, str]:
    """The office's files, by name. `claim_networks`: as of the page; the accounts of other networks stand in no letter."""
    claimed = {*claim_networks, *settings.claims.by_network}
    house = LetterHouse(
        school=settings.school.name,
        accounts=[
            (account.network, account.handle)
            for account in settings.account
            if account.network in claimed and not account.paused
        ],
        public_url=settings.page.public_url,
        ask=settings.recipients(Role.OFFICE).email,
        made=made,
        until=until,
    )
    return letter_files(house, letters)


def provers_of(
    settings: Settings, profile_reads: Callable[[str], int] = lambda _network: 0
) -> dict[str, Prover]:
    """The networks where families may sign in to prove a claim: only those that are configured."""
    networks = {}
    if (one := settings.claims.x) is not None:
        networks["x"] = x(one.base_url)
    if (two := settings.claims.facebook) is not None:
        networks["facebook"] = facebook(two.base_url, two.version)
    keys = settings.claims.by_network
    return {
        name: Prover(
            network,
            client_id=keys[name].client_id,
            client_secret=keys[name].client_secret.get_secret_value(),
            back=f"{settings.page.public_url}/claim/with/{name}/back",
            reads=profile_reads(name),
        )
        for name, network in networks.items()
    }


def _title(category: str) -> str:
    """What the page calls a category: "Possible threat". Never a word of judgement."""
    words = category_title(category) if category in CATEGORIES else category_words(category).name
    return words[:1].upper() + words[1:]


def _reader(settings: Settings, role: Role, day: date) -> Reader:
    return Reader(settings.role_for(role, day), settings.recipients(role, day).email)


def send_invitation(
    store: Store, desk: Desk, session: Session, follower: FollowerRow, address: str, now: datetime
) -> None:
    """Put an invitation to claim into the outbox, where the address is sealed and goes when the mail has gone."""
    stamp = desk.stamp(
        Reader(Role.OFFICE, address), store.school, "invitation", str(follower.id), now.isoformat(), now=now
    )
    enqueue(
        store,
        session,
        now=now,
        dedup_key=key_of(follower, now),
        role="claimant",
        recipient=address,
        reason=Reason.CLAIM,
        message_id=stamp.message_id,
        message=compose_invitation(follower.network, f"{desk.public_url.rstrip('/')}/claim", stamp),
    )
