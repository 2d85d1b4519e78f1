"""What every connector does the same: the one `try`, unknown kinds, guided and impossible actions, a check that never
raises. Knows no network; a connector inherits it and gives `_readers`, `_act`, `_points` and `_explain`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, field_validator

from connectors.answers import Answer, Trouble, moment, translated
from connectors.http import Session, checked_base
from connectors.reading import read
from monitor.checked import Health, HealthPoint
from monitor.domain import (
    ActionKind,
    Capability,
    Count,
    Done,
    Guide,
    Item,
    ItemKind,
    Means,
    Outcome,
    Page,
)
from monitor.drill_mark import NOTHING_DONE, is_drill
from monitor.errors import ConnectorError
from monitor.ports import Clock

State = dict[str, Any]


class NetworkSettings(BaseModel):
    """What every network's `Settings` shares. `base_url` is another address of the network's API, for a sandbox."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, coerce_numbers_to_str=True, hide_input_in_errors=True
    )

    base_url: str
    handle: str = ""  # the account's own, without @; comes from the account's common keys

    @field_validator("base_url")
    @classmethod
    def _safe(cls, value: str) -> str:
        return checked_base(value)

    @field_validator("handle")
    @classmethod
    def _bare(cls, value: str) -> str:
        return value.strip().removeprefix("@")

    def bearer(self) -> str | None:
        """The token that every request carries in its Authorization header; None where the SDK sees to it."""
        return None


def guided(link: str, *steps: str) -> Capability:
    """What a person has to do on the network, with a link to where and the steps there."""
    return Capability(Means.GUIDED, Guide(link, steps))


class Connection(ABC):
    """One account of one network. `key` is the account's key in the configuration, and every item carries it."""

    network: ClassVar[str]
    title: ClassVar[str]  # the network's name in sentences
    Settings: ClassVar[type[NetworkSettings]]
    reads: ClassVar[frozenset[ItemKind]]
    actions: ClassVar[Mapping[ActionKind, Capability]]
    read_price: ClassVar[Decimal] = Decimal(0)  # US dollars for one of `Page.reads`
    api: str  # which interface of the network is asked, with its version: "X API v2"
    profile_reads: ClassVar[int] = 0  # of these, what looking at one person's profile is billed

    def __init__(self, key: str, settings: Any, *, clock: Clock) -> None:
        """`settings` is an instance of the class's own `Settings`. A connector makes its session and SDK here."""
        self.key = key
        self.settings = settings
        self.clock = clock
        self.session = Session(settings.base_url, token=settings.bearer())
        self._off: float | None = None

    def poll(self, kind: ItemKind, cursor: str | None) -> Page:
        """New since `cursor`, oldest first; None asks for the baseline. Raises only ConnectorError."""
        if kind not in self.reads:
            raise ConnectorError(f"{self.title} has no list of {kind} items: poll only what `reads` names.")
        with self._asking():
            return self._readers()[kind](read(cursor))

    def count(self, kind: ItemKind) -> Count | None:
        """How many the network says there are, and what asking cost; None where it does not count them. Raises only
        ConnectorError."""
        with self._asking():
            return self._count(kind)

    def act(self, action: ActionKind, item: Item) -> Outcome:
        """Do it, and say what is true then. Doing it twice is not an error. Raises only ConnectorError."""
        if is_drill(item.external_id):
            return Outcome(Done.REFUSED, NOTHING_DONE)
        capability = self.actions[action]
        if capability.means is Means.GUIDED:
            return Outcome(
                Done.ASKED, " ".join(capability.guide.steps) if capability.guide else capability.note
            )
        if capability.means is Means.NONE:
            return Outcome(Done.REFUSED, capability.note)
        if action in item.refused:
            return Outcome(Done.REFUSED, f"{self.title} does not allow this for this item.")
        with self._asking():
            return self._act(action, item)

    def check(self) -> Health:
        """Token, permissions, version, credit and rate, as far as the network tells. Reads only; never raises."""
        points: list[HealthPoint] = []
        try:
            with self._asking():
                points.extend(self._points())  # what was found before a failure stays
        except ConnectorError as error:
            name = error.point if isinstance(error, Trouble) else "connection"
            points.append(HealthPoint(name, ok=False, says=str(error)))
        return Health(all(point.ok for point in points), tuple(points), self._check_reads())

    def clock_off(self) -> float | None:
        """Seconds by which the network's clock was ahead of ours at its last answer (RFC 9110 §6.6.1, Date); None where
        it has not said."""
        return self._off

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            with translated(self.title, self.session, self.clock, self._explain):
                yield
        finally:
            answer = self.session.last
            said = moment(answer.headers.get("date", "")) if answer is not None else None
            if said is not None:
                self._off = said - self.clock().timestamp()

    @abstractmethod
    def _readers(self) -> Mapping[ItemKind, Callable[[State | None], Page]]:
        """For each kind in `reads`, what turns a cursor's state (None: the baseline) into a page."""

    def _check_reads(self) -> int:
        """What the last check is billed, in units of `Page.reads`."""
        return 0

    def _count(self, kind: ItemKind) -> Count | None:  # noqa: ARG002 - for those that can
        """What a network that counts overrides."""
        return None

    @abstractmethod
    def _act(self, action: ActionKind, item: Item) -> Outcome:
        """Do what `actions` says is done by API."""

    @abstractmethod
    def _points(self) -> Iterator[HealthPoint]:
        """What `check()` finds, one by one."""

    @abstractmethod
    def _explain(self, error: Exception, answer: Answer | None) -> Trouble | None:
        """The network's own reason for a failure, in a sentence with the cure; None where it gave none."""
