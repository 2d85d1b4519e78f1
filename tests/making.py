"""Small values for tests, and a network that says what the test wrote down: a fake at the port, nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from monitor.assess import Judgement
from monitor.cases import Opening
from monitor.checked import Health
from monitor.domain import (
    ActionKind,
    Author,
    Capability,
    Done,
    Finding,
    Guide,
    Item,
    ItemKind,
    Means,
    Outcome,
    Page,
    Role,
    Severity,
)
from monitor.hours import Hours
from monitor.poll import Watch
from monitor.school_days import SchoolDays
from monitor.triage import triage

POSTED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
HOURS = Hours(
    zone=ZoneInfo("Europe/London"),
    waking_from=time(6, 30),
    waking_to=time(21),
    digest_at=time(8),
    digest_days=frozenset(range(5)),
    medium_every=timedelta(hours=1),
    escalate_after=timedelta(minutes=15),
    remind_every=timedelta(minutes=15),
)


def with_calendar(days: SchoolDays, **more: object) -> Hours:
    return replace(HOURS, days=days, **more)  # type: ignore[arg-type]


def comment(text: str = "Lovely photos", external_id: str = "1", **more: object) -> Item:
    given: dict[str, object] = {
        "account": "page",
        "kind": ItemKind.COMMENT,
        "external_id": external_id,
        "text": text,
        "author": Author("a1", "sam_example", "Sam Example"),
        "posted_at": POSTED,
        "url": f"https://facebook.com/{external_id}",
        "raw": {"id": external_id, "message": text},
    }
    return Item(**{**given, **more})  # type: ignore[arg-type]


def follower(external_id: str = "f1", handle: str = "sam_example", **more: object) -> Item:
    return comment(
        "",
        external_id,
        kind=ItemKind.FOLLOWER,
        author=Author(external_id, handle, "Sam Example", "Hello"),
        **more,
    )


class WrittenNetwork:
    """A connector whose answers the test writes down: pages, or errors to raise, in order; then nothing new."""

    network = "facebook"
    read_price = Decimal(0)
    api = "Graph API v26.0"
    reads = frozenset({ItemKind.COMMENT, ItemKind.FOLLOWER})
    actions: Mapping[ActionKind, Capability] = {
        ActionKind.HIDE: Capability(Means.BY_API, note="its author still sees it"),
        ActionKind.UNHIDE: Capability(Means.BY_API),
        ActionKind.DELETE: Capability(Means.BY_API),
        ActionKind.BLOCK: Capability(
            Means.GUIDED, Guide("https://facebook.com/{author_id}", ("Press Block.",))
        ),
        ActionKind.REMOVE_FOLLOWER: Capability(Means.NONE),
        ActionKind.REPORT: Capability(Means.GUIDED, Guide("{url}", ("Press Report.",))),
    }

    def __init__(self, *answers: Page | Exception, acts: Iterable[Outcome | Exception] = ()) -> None:
        self.answers = list(answers)
        self.acts = list(acts)
        self.asked: list[tuple[ItemKind, str | None]] = []
        self.done: list[tuple[ActionKind, str]] = []

    def poll(self, kind: ItemKind, cursor: str | None) -> Page:
        self.asked.append((kind, cursor))
        answer = self.answers.pop(0) if self.answers else Page((), cursor)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def act(self, action: ActionKind, item: Item) -> Outcome:
        self.done.append((action, item.target_id))
        answer = self.acts.pop(0) if self.acts else Outcome(Done.HIDDEN, read_back=True)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def check(self) -> Health:
        return Health(True)


def watch(network: WrittenNetwork, *kinds: ItemKind, budget: int | None = None) -> Watch:
    every = {kind: timedelta(minutes=10) for kind in kinds or (ItemKind.COMMENT,)}
    return Watch("page", "facebook", network, every, budget)


def judgement(
    look: Callable[[str], Sequence[Finding]] | None = None, people: Mapping[Role, str] | None = None
) -> Judgement:
    """A judge that finds what stands in square brackets: "[threat critical]" is one finding of that category."""
    return Judgement(
        look=look or bracketed,
        weigh=lambda findings, before: triage(findings, earlier_findings=before),
        route=lambda findings: (Role.HEADTEACHER, Role.DSL),
        people=people or {},
        opening=Opening("SM", HOURS),
    )


def bracketed(text: str) -> Sequence[Finding]:
    if "[" not in text:
        return ()
    start, end = text.index("["), text.index("]") + 1
    category, severity = text[start + 1 : end - 1].split()
    return (Finding(category, Severity.named(severity), "test.brackets", "it is in brackets", (start, end)),)
