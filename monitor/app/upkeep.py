"""What keeps one school's service in order: it looks after itself, prunes, checks its copies, asks the networks how they
are. A part of the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from monitor import backup_watch, disk, evidence_watch, health, retention, silent
from monitor.app.asked import mail_header_problem
from monitor.config import Settings
from monitor.following_audit import audit_following
from monitor.hours import Hours
from monitor.incidents import close_news
from monitor.key_rotation import Resealing
from monitor.poll import Watch
from monitor.ports import Clock, Dated
from monitor.register_hashes import HashedRegister
from monitor.retention_rules import Keep
from monitor.steps import Steps
from monitor.store import Store
from monitor.term_dates import note_calendar
from monitor.time_stamps import Authority, stamp_when_due
from monitor.verify_stage import School


def backup_plan(settings: Settings) -> backup_watch.Plan:
    """Where backups go, and when."""
    kept = settings.backup
    return backup_watch.Plan(
        kept.folder(settings.storage.state_dir), kept.at, settings.school.zone, kept.keep_days
    )


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Each method but `ask` is one step of a slow turn and returns how much it handled."""

    settings: Settings
    store: Store
    watches: tuple[Watch, ...]
    hours: Hours
    clock: Clock
    steps: Steps
    resealing: Resealing
    room_at: Callable[[Path], disk.Room] = disk.room_at

    def may_read(self) -> bool:
        """Whether there is room for more."""
        return not self._room().is_short

    def _room(self) -> disk.Room:
        return self.room_at(self.store.path.parent)

    def watch_over(self) -> int:
        disk.note_room(self.store, self._room(), self.clock())
        health.note_python(self.store, mail_header_problem(), self.clock())
        silent.mark_silent(self.store, self.watches, self.clock())
        self._compare_clocks()
        note_calendar(self.store, self.hours, self.clock())
        close_news(self.store, self.clock())
        return 0

    def _compare_clocks(self) -> None:
        said = (w.connector.clock_off() for w in self.watches if isinstance(w.connector, Dated))
        health.check_clock(self.store, [one for one in said if one is not None], self.clock())

    def prune(self) -> int:
        if retention.is_due(self.store, self.clock()):
            retention.prune(self.store, Keep(**dict(self.settings.retention)), self.clock())
        return 0

    def seal_anew(self) -> int:
        return self.resealing.turn()

    def check_evidence(self) -> int:
        """The whole database first: what is read from a damaged one proves nothing."""
        if evidence_watch.is_due(self.store, self.clock()):
            self.store.check()
            evidence_watch.watch_evidence(self.store, self.clock())
        return 0

    def back_up(self) -> int:
        if self.settings.backup.daily == "off":
            return 0
        return backup_watch.back_up_when_due(self.store, backup_plan(self.settings), self.clock)

    def _stamp(self) -> int:
        url, ca = self.settings.evidence.timestamp_url, self.settings.evidence.timestamp_ca
        if url is None or ca is None:
            return 0
        return int(stamp_when_due(self.store, Authority(url, ca), self.clock()))

    def ask(self, register: Callable[[], HashedRegister], school: School) -> None:
        """Ask every network how it is and whom our accounts follow; stamp the audit log, where the school wants that."""
        self.steps.run(*((f"check of {watch.key}", partial(self._check, watch)) for watch in self.watches))
        self.steps.run(("time stamp", self._stamp))
        self.steps.run(
            *(
                (f"whom {watch.key} follows", partial(self._audit, register, school, watch))
                for watch in self.watches
            )
        )

    def _audit(self, register: Callable[[], HashedRegister], school: School, watch: Watch) -> int:
        return audit_following(self.store, watch, register(), school, clock=self.clock)

    def _check(self, watch: Watch) -> int:
        found = watch.connector.check()
        # that a network cannot be reached is told of by its streams, with patience, and once for all of them
        points = tuple(point for point in found.points if point.ok or point.name != "connection")
        health.note(self.store, watch.key, watch.network, replace(found, points=points), self.clock())
        return 0
