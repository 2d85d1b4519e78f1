"""Invented people who write much under one post: what tests of pile-ons share."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import col, select

from monitor import poll
from monitor.assess import Judgement, assess
from monitor.domain import Author, CaseState, ItemKind, Page
from monitor.ingest import Source, ingest
from monitor.pile_on import PileOn
from monitor.store import Store
from monitor.tables import CaseRow, NoticeRow, StreamRow
from tests.conftest import HandClock
from tests.making import WrittenNetwork, comment, judgement, watch

INSULT = "[insult medium]"
MEASURE = PileOn(authors=3, comments=5)


class Crowd:
    """Comments under one post, each by another author unless said otherwise, judged as they come and told of."""

    def __init__(self, store: Store, clock: HandClock) -> None:
        self.store, self.clock = store, clock
        self.judge: Judgement = replace(judgement(), pile_on=MEASURE)
        self.number = 0
        watched = watch(WrittenNetwork(), ItemKind.COMMENT)
        poll.declare(store, [watched], clock())
        with store.write() as session:
            self.stream = session.exec(select(StreamRow)).one()
            self.stream.baseline_at = clock()
        self.interval = watched.intervals[ItemKind.COMMENT]

    def write(self, *texts: str, thread: str = "t", again: str = "", author: str = "") -> None:
        """`again`: an earlier comment's id, whose text becomes this."""
        written = []
        for text in texts:
            self.number += 1
            who = Author(author or f"a{self.number}", "sam_example", "Sam Example")
            written.append(comment(text, again or str(self.number), author=who, thread_id=thread))
        assert self.stream.id is not None
        ingest(
            self.store,
            Page(tuple(written), "c"),
            Source("facebook", self.interval),
            stream_id=self.stream.id,
            fence=0,
            now=self.clock(),
        )
        while assess(self.store, self.judge, clock=self.clock):
            pass

    def tell(self) -> list[tuple[str, str]]:
        """What is due goes out: (reference, reason) of each notice that had not gone."""
        with self.store.write() as session:
            waiting = session.exec(
                select(NoticeRow).where(col(NoticeRow.composed_at).is_(None)).order_by(col(NoticeRow.id))
            ).all()
            refs = {case.id: case.ref for case in session.exec(select(CaseRow))}
            for notice in waiting:
                notice.composed_at = self.clock()
            return [(refs[notice.case_id], notice.reason) for notice in waiting]

    def cases(self) -> list[CaseRow]:
        with self.store.read() as session:
            return list(session.exec(select(CaseRow).order_by(col(CaseRow.id))))

    def leading(self) -> list[str]:
        return [case.ref for case in self.cases() if case.joined_to is None]

    def close(self, ref: str) -> None:
        with self.store.write() as session:
            case = session.exec(select(CaseRow).where(CaseRow.ref == ref)).one()
            case.state, case.closed_at, case.outcome = CaseState.CLOSED.value, self.clock(), "Dealt with"


@pytest.fixture
def crowd(store: Store, clock: HandClock) -> Crowd:
    return Crowd(store, clock)
