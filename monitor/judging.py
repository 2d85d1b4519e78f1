"""The judge as a school's configuration wants it: which rules, which model, what to do when the model is damaged, and
with the register as last imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
from sqlmodel import func, select

from monitor import triage
from monitor.assess import Judgement
from monitor.cases import Opening
from monitor.detectors import Judge, Model, ModelError, OwnContacts, Rules
from monitor.domain import Finding, Role
from monitor.hours import Hours
from monitor.incidents import close_incident, open_incident
from monitor.pile_on import PileOn
from monitor.ports import Clock, Register
from monitor.register import load_register
from monitor.register_hashes import HashedRegister
from monitor.settings import Detection, Settings
from monitor.store import Store
from monitor.tables_people import RegisterImportRow

INCIDENT = "model:"
log = structlog.get_logger(__name__)


class Judges:
    """Judges with the register as last imported: both are made anew when an import is newer."""

    def __init__(
        self, settings: Settings, store: Store, rules: Rules, hours: Hours, model: Model | None
    ) -> None:
        self._settings, self._store, self._rules, self._model = settings, store, rules, model
        self._people = {role: person.name for role in Role if (person := settings.roles.named(role))}
        self._opening = Opening(settings.school.case_prefix, hours)
        self._made: tuple[int | None, HashedRegister, Judgement] | None = None

    def now(self) -> tuple[HashedRegister, Judgement]:
        """The register, and the judgement that knows it."""
        with self._store.read() as session:
            newest = session.exec(select(func.max(RegisterImportRow.id))).one()
        if self._made is None or self._made[0] != newest:
            register = load_register(self._store)
            judgement = Judgement(
                look=judge_of(self._settings.detection, self._rules, register, self._model),
                weigh=lambda found, before: triage.triage(found, earlier_findings=before),
                route=triage.recipients,
                people=self._people,
                opening=self._opening,
                pile_on=PileOn(**dict(self._settings.pile_on)),
            )
            self._made = newest, register, judgement
        return self._made[1:]


def judge_of(
    detection: Detection, rules: Rules, register: Register | None, model: Model | None
) -> Callable[[str], Sequence[Finding]]:
    """What looks at a text. A rule in shadow leads to nothing: each time that it would have found something its name
    is logged, so that a school can count before it decides."""
    judge = Judge(
        rules,
        register=register,
        silenced=frozenset(detection.silenced),
        shadow=frozenset(detection.shadow),
        own=OwnContacts(detection.school_phones, detection.school_domains),
        model=model,
    )
    if not detection.shadow:
        return judge

    def look(text: str) -> Sequence[Finding]:
        for one in judge.shadowed(text):
            log.info("rule in shadow", rule=one.detector)
        return judge(text)

    return look


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
