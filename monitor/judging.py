"""The judge as a school's configuration wants it: which rules, which model, what to do when the model is damaged, with
the register as last imported and the changes of rules that the school's reviewers took over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
from sqlmodel import func, select

from monitor import triage
from monitor.assess import Judgement
from monitor.cases import Opening
from monitor.conflict import named_roles
from monitor.detectors import Judge, Model, ModelError, OwnContacts, Rules
from monitor.detectors.changes import Change
from monitor.detectors.spoken import is_listed
from monitor.domain import Finding, ItemKind, Role
from monitor.hours import Hours
from monitor.incidents import close_incident, open_incident
from monitor.pile_on import PileOn
from monitor.ports import Clock, Register
from monitor.register import load_register
from monitor.register_hashes import HashedRegister
from monitor.settings import Detection, Settings
from monitor.store import Store
from monitor.tables_people import RegisterImportRow
from monitor.trying import JUDGED, Opinion, Tried
from monitor.tuning import active_changes

INCIDENT = "model:"
log = structlog.get_logger(__name__)


class Judges:
    """Judges with the register as last imported: both are made anew when an import is newer. A change of a rule that
    reviewers take over counts from the next text on."""

    def __init__(
        self, settings: Settings, store: Store, rules: Rules, hours: Hours, model: Model | None
    ) -> None:
        self._settings, self._store, self._rules, self._model = settings, store, rules, model
        self._people = {role: person.name for role in Role if (person := settings.roles.named(role))}
        self._opening = Opening(settings.school.case_prefix, hours)
        self._made: tuple[int | None, HashedRegister, Judge] | None = None
        self._all: tuple[Judge, Judge] | None = None  # the judge that it is like, and the one without a list

    def now(self) -> tuple[HashedRegister, Judgement]:
        """The register, and the judgement that knows it."""
        register, judge = self._current()
        changes = active_changes(self._store)
        return register, Judgement(
            look=looking(self._settings.detection, judge, changes),
            weigh=lambda found, before: triage.triage(found, earlier_findings=before),
            route=triage.recipients,
            people=self._people,
            opening=self._opening,
            pile_on=PileOn(**dict(self._settings.pile_on)),
        )

    def words(self, text: str) -> tuple[str, ...]:
        """See monitor/trying.py; so `judged` and `tried`."""
        return self._current()[1].read(text).words

    def judged(self, text: str, extra: Sequence[Change] = ()) -> tuple[Finding, ...]:
        return self._current()[1](text, (*active_changes(self._store), *extra))

    def tried(self, text: str, kind: ItemKind, *, before: int = 0) -> Tried:
        register, judge = self._current()
        found = judge(text, active_changes(self._store))
        without = judge(text)
        silenced = frozenset(self._settings.detection.silenced)
        everything = self._unlisted(register, judge)(text) if silenced else ()
        alleged = any(one.category == "staff_allegation" for one in found)
        return Tried(
            verdict=triage.triage(found, kind=kind, earlier_findings=before),
            is_judged=kind in JUDGED,
            has_model=self._model is not None,
            silenced=tuple(one for one in everything if is_listed(one.detector, silenced)),
            shadowed=judge.shadowed(text),
            changed=tuple(one for one in without if one not in found),
            opinions=tuple(
                Opinion(head.name, chance, head.notice, head.alert) for head, chance in judge.opinion(text)
            ),
            told=triage.recipients(found),
            bypassed=named_roles(text, self._people) if alleged else frozenset(),
        )

    def _current(self) -> tuple[HashedRegister, Judge]:
        with self._store.read() as session:
            newest = session.exec(select(func.max(RegisterImportRow.id))).one()
        made = self._made
        if made is None or made[0] != newest:
            register = load_register(self._store)
            judge = judge_of(self._settings.detection, self._rules, register, self._model)
            made = self._made = newest, register, judge
        return made[1:]

    def _unlisted(self, register: Register, judge: Judge) -> Judge:
        """The same judge with nothing silenced; made when somebody asks."""
        kept = self._all
        if kept is None or kept[0] is not judge:
            detection = self._settings.detection.model_copy(update={"silenced": (), "shadow": ()})
            kept = self._all = judge, judge_of(detection, self._rules, register, self._model)
        return kept[1]


def judge_of(detection: Detection, rules: Rules, register: Register | None, model: Model | None) -> Judge:
    """The judge that a configuration asks for."""
    return Judge(
        rules,
        register=register,
        silenced=frozenset(detection.silenced),
        shadow=frozenset(detection.shadow),
        own=OwnContacts(detection.school_phones, detection.school_domains),
        model=model,
    )


def looking(
    detection: Detection, judge: Judge, changes: Sequence[Change] = ()
) -> Callable[[str], Sequence[Finding]]:
    """What looks at a text. A rule in shadow leads to nothing: each time that it would have found something its name
    is logged, so that a school can count before it decides; so is the name of a rule whose finding a change took away."""

    def look(text: str) -> Sequence[Finding]:
        if detection.shadow:
            for one in judge.shadowed(text):
                log.info("rule in shadow", rule=one.detector)
        return judge(text, changes, note=_changed)

    return look


def _changed(finding: Finding) -> None:
    log.info("finding taken away by a change of its rule", rule=finding.detector)


def usable_model(
    detection: Detection, store: Store, clock: Clock, folder: Path | None = None
) -> Model | None:
    """The model, unless it is off. One that cannot be loaded is told of, and the rules go on without it: a service
    that judges by rules alone still finds most of what matters, one that does not start finds nothing."""
    problem = ""
    model = None
    if detection.model == "on":
        try:
            model = Model(folder)
        except ModelError as error:
            problem = str(error)
    with store.write() as session:
        if problem:
            says = "comments are judged by rules alone: the model could not be loaded"
            open_incident(store, session, INCIDENT, says=says, cure=problem, now=clock())
        else:
            close_incident(store, session, INCIDENT, now=clock())
    return model
