"""One school, joined up: its networks, its mail and its page with the centre. A part of the composition root.

Each stage is called here with what it needs and with nothing else; no stage calls the next, rows are between them.
"""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlmodel import Session
from starlette.applications import Starlette

import connectors
from alerts.claims import consider
from alerts.devices import end_those_of_others
from alerts.digest import digest
from alerts.export.by_command import export_by_command
from alerts.hold_reviews import review_holds
from alerts.inbox.answers import Answers
from alerts.inbox.letters import Letters
from alerts.notify import notify
from alerts.operations import tell_incidents
from alerts.pdf import pdf
from alerts.remind import remind
from alerts.reports import reports, term_so_far
from alerts.setup import desk_of, page_of
from alerts.setup_hours import hours_of
from alerts.setup_mail import claims_mailbox_of, inbox_of, mail_server_of
from alerts.trying import PhraseTester
from alerts.web.app import create_app
from alerts.web.context import PageContext
from monitor import drills, health, poll, read_back, retention, tuning
from monitor.act import act
from monitor.act_followers import act_followers
from monitor.app.asked import claim_networks, utc_now
from monitor.app.healthz import healthz_of
from monitor.app.mailing import Mailing
from monitor.app.metrics import metrics_of
from monitor.app.turn import take_turn
from monitor.app.upkeep import Upkeep
from monitor.assess import assess
from monitor.config import Settings
from monitor.crash import point
from monitor.detectors import Judge, Rules, load_rules
from monitor.disk import Room, room_at
from monitor.domain import Finding, Role
from monitor.drill_schedule import scheduled
from monitor.follower_cases import follower_case
from monitor.incidents import open_incidents
from monitor.judging import Judges, usable_model
from monitor.key_rotation import Resealing
from monitor.look_again import look_again
from monitor.poll import Watch
from monitor.ports import Clock, Connector
from monitor.register_hashes import HashedRegister
from monitor.steps import Steps
from monitor.store import Store
from monitor.tables import IncidentRow, ItemRow
from monitor.verify_stage import School, verify
from monitor.watching import watch_of


@dataclass
class App:
    """One school, joined up. `clock` and `chance` are the only sources of time and randomness, `room_at` is how
    much a disk has free.

    `tls` replaces the machine's trust for the mail server; the sandbox's certificate is its own.
    """

    settings: Settings
    store: Store
    clock: Clock = utc_now
    chance: random.Random = field(default_factory=random.SystemRandom)
    tls: ssl.SSLContext | None = None
    room_at: Callable[[Path], Room] = room_at

    def __post_init__(self) -> None:
        self.connectors: dict[str, Connector] = {
            account.key: connectors.build(
                account.network,
                account.settings,
                key=account.key,
                clock=self.clock,
                handle=account.handle,
            )
            for account in self.settings.account
            if not account.paused
        }
        self.watches = tuple(
            watch_of(account, self.connectors[account.key], self.settings)
            for account in self.settings.account
            if account.key in self.connectors
        )
        self.rules: Rules = load_rules(self.settings.detection.rules)
        self._look_at_handles = Judge(self.rules)  # rules alone: a handle is no sentence for the model
        self._school = School(
            self.settings.school.name,
            tuple(account.handle for account in self.settings.account),
            self.settings.followers.reasons,
            head.name if (head := self.settings.roles.named(Role.HEADTEACHER)) else "",
            self.settings.followers.compare_names,
        )
        self.hours = hours_of(self.settings)
        self.desk = desk_of(
            self.settings,
            self.store.vault,
            {connector.network: connector.actions for connector in self.connectors.values()},
            {connector.network: connector.read_price for connector in self.connectors.values()},
        )
        server = mail_server_of(self.settings, self.clock)
        self.mail = Mailing(self.store, self.desk, self.hours, server, self.clock, self.tls)
        self._claimable = claim_networks(self.settings)
        mailbox = claims_mailbox_of(self.settings, self.clock, self._claimable)
        self.letters = Letters(self.store, mailbox, self.clock)
        replies = self.settings.replies
        answers_to = inbox_of(replies, self.clock) if replies else None
        self.answers = Answers(self.store, answers_to, self.desk, self.clock)
        model = usable_model(self.settings.detection, self.store, self.clock)
        self.judges = Judges(self.settings, self.store, self.rules, self.hours, model)
        self.steps = Steps(self.store, self.clock)
        resealing = Resealing(self.store, self.clock)
        self.upkeep = Upkeep(
            self.settings,
            self.store,
            self.watches,
            self.hours,
            self.clock,
            self.steps,
            resealing,
            self.room_at,
        )
        poll.declare(self.store, self.watches, self.clock())

    def poll(self, watch: Watch, *, at_once: bool = False) -> int:
        """This account's turn: every kind that is due (or all, `at_once`); none while the disk is short of room. Returns
        how many items are new or changed."""
        if not self.upkeep.may_read():
            return 0
        kinds = list(watch.intervals) if at_once else poll.due(self.store, watch, self.clock())
        return take_turn(self.store, watch, kinds, clock=self.clock, chance=self.chance)

    def read_letters(self) -> int:
        """The turn of the mailbox that families write to; returns how many messages were read. They can wait there."""
        if not self.upkeep.may_read():
            return 0
        return self.steps.run(("read claims by mail", self.letters.read))

    def read_answers(self) -> int:
        """The turn of the mailbox that answers to alerts come to; returns how many messages were read."""
        return self.steps.run(("read answers by mail", self.answers.read))

    def work(self) -> int:
        """Judge, verify, tell: everything between a stored item and a message in the outbox."""
        return self.steps.run(
            ("drill", self._drill),
            ("assess", self._assess),
            ("try out changes", lambda: tuning.try_out(self.store, self.judges.judged, clock=self.clock)),
            ("claims", lambda: consider(self.store, self.desk, self.register, clock=self.clock)),
            ("verify", self._verify),
            ("read back", lambda: read_back.note_departures(self.store, self.clock())),
            ("notify", self._notify),
            ("confirm answers", self.answers.confirm),
        )

    def slow(self) -> int:
        """What only time brings: reminders, silence, the digest; once a day, pruning; last, whatever went wrong is told."""
        return self.steps.run(
            ("remind", lambda: remind(self.store, self.desk, clock=self.clock)),
            ("watch over itself", self.upkeep.watch_over),
            ("digest", lambda: digest(self.store, self.desk, clock=self.clock)),
            ("reports", lambda: reports(self.store, self.desk, clock=self.clock)),
            ("review of holds", lambda: review_holds(self.store, self.desk, clock=self.clock)),
            ("prune", self.upkeep.prune),
            ("seal what is old anew", self.upkeep.seal_anew),
            ("check of the evidence", self.upkeep.check_evidence),
            ("backup", self.upkeep.back_up),
            ("tell of incidents", lambda: tell_incidents(self.store, self.desk, clock=self.clock)),
        )

    def _assess(self) -> int:
        return assess(self.store, self.judges.now()[1], clock=self.clock)

    def _drill(self) -> int:
        watched = {watch.key: watch.network for watch in self.watches}
        asked = scheduled(self.store, self.settings.drill, tuple(watched), self.hours, clock=self.clock)
        return asked + drills.move(self.store, watched, self.hours, self.clock())

    def _verify(self) -> int:
        done = verify(
            self.store,
            self.register,
            self.clock(),
            school=self._school,
            on_findings=self._follower_case,
            look=self._look_at_handles,
        )
        point("verify.stored")
        return done

    def _notify(self) -> int:
        return notify(self.store, self.desk, clock=self.clock)

    def act(self) -> int:
        """Carry out what reviewers decided, and look again at what was carried out before."""
        tried = act(self.store, self.connectors, clock=self.clock)
        tried += act_followers(self.store, self.connectors, clock=self.clock)
        return tried + look_again(
            self.store, self.watches, lambda: self.judges.now()[1].opening, clock=self.clock
        )

    def check(self) -> None:
        """Ask every network about token, permissions and credit; what is not well, or soon will not be, is an incident.
        The audit log gets its time stamp, where the school wants one."""
        self.upkeep.ask(lambda: self.register, self._school)

    async def deliver(self) -> int:
        """Send what waits in the outbox; returns how many were accepted."""
        return await self.mail.deliver()

    def governors_report(self) -> bytes:
        """The report to governors on the term so far, as a PDF; nothing is stored or sent."""
        with self.store.read() as session:
            values = term_so_far(session, self.store, self.desk, self.clock())
        return pdf("termly", values, made_at=self.clock())

    def health(self) -> dict[str, Any]:
        """See monitor/health.py."""
        return health.report(self.store, self.watches, self.clock())

    def incidents(self) -> list[IncidentRow]:
        with self.store.read() as session:
            return open_incidents(session, self.store.school)

    def chain_broken_at(self) -> int | None:
        """The first audit entry that does not follow from the one before; None when the whole chain holds."""
        return retention.chain_broken_at(self.store)

    def web(self, alive: Callable[[], list[str]] = list) -> Starlette:
        """The page, and /healthz beside it. `alive` names what hangs, if anything does."""
        page = self.page()
        with self.store.write() as session:  # a role may have a new holder since the last start
            end_those_of_others(self.store, session, page.holds, now=self.clock())
        secret = self.settings.watching.metrics_token
        token = secret.get_secret_value() if secret else None
        metrics = metrics_of(token, self.health, alive, lambda: self.room_at(self.store.path.parent).free)
        return create_app(page, extra_routes=(healthz_of(self.health, alive), metrics))

    def page(self) -> PageContext:
        """What the page, and an export, needs to know of the school."""
        page = page_of(
            self.settings, self.store, self.desk, self.clock, self._claimable, connectors.profile_reads
        )
        return replace(
            page,
            chain_broken_at=self.chain_broken_at,
            judge=self.judges,
            tester=PhraseTester(self.judges, self.desk),
            drill_hours=self.hours,
            drill_accounts=tuple(watch.key for watch in self.watches),
        )

    def export(self, ref: str, role: Role) -> tuple[str, bytes]:
        """See alerts/export/by_command.py."""
        return export_by_command(self.page(), ref, role, self.clock())

    @property
    def register(self) -> HashedRegister:
        """The register as last imported."""
        return self.judges.now()[0]

    def _follower_case(self, session: Session, row: ItemRow, findings: Sequence[Finding]) -> None:
        judge, now = self.judges.now()[1], self.clock()
        follower_case(session, self.store, row, findings, opening=judge.opening, people=judge.people, now=now)
