"""The judge as a school's configuration wants it: which rules, which model, and what to do when the model is damaged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from monitor.detectors import Judge, Model, ModelError, OwnContacts, Rules
from monitor.domain import Finding
from monitor.incidents import close_incident, open_incident
from monitor.ports import Clock, Register
from monitor.settings import Detection
from monitor.store import Store

INCIDENT = "model:"
log = structlog.get_logger(__name__)


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
