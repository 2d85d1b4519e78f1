"""A school's page to be asked in process: the real application with one case of a hostile text, which its head may see."""

from __future__ import annotations

import asyncio
import atexit
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from sqlalchemy import func
from sqlmodel import select

from alerts.web.app import create_app
from alerts.web.context import Person, Viewer, viewer_of
from bench.fuzz import texts
from monitor.domain import Author, Role
from monitor.tables import AuditRow, CaseRow, DecisionRow
from monitor.tables_evidence import GivenRow
from monitor.tables_people import LinkRow
from monitor.tables_sign_in import DeviceRow
from tests.alerts.page_school import PEOPLE, School
from tests.alerts.telling import desk

_COUNTS = (
    *tuple(
        select(func.count(), func.max(table.id))
        for table in (DecisionRow, AuditRow, LinkRow, DeviceRow, GivenRow)
    ),
    select(CaseRow.closed_at, CaseRow.decisions, CaseRow.item_id),
)


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str


class Place(NamedTuple):
    """A school's page with one case of a hostile text, which its head may see."""

    school: School
    app: Any
    loop: asyncio.AbstractEventLoop
    ref: str
    token: str

    def ask(
        self, method: str, path: bytes, query: bytes, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> Answer:
        """One request, as the server hands it over."""
        return self.loop.run_until_complete(self._asked(method, path, query, headers, body))

    async def _asked(
        self, method: str, path: bytes, query: bytes, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> Answer:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "headers": headers,
            "path": unquote_to_bytes(path).decode("utf-8", "replace"), "raw_path": path, "query_string": query, "root_path": "",
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
        }  # fmt: skip
        said: list[dict[str, Any]] = []
        sent = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> dict[str, Any]:
            return next(sent, {"type": "http.disconnect"})

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        await self.app(scope, receive, send)
        given = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in said[0]["headers"]
        }
        return Answer(
            said[0]["status"],
            given,
            b"".join(one.get("body", b"") for one in said[1:]).decode("utf-8", "replace"),
        )

    def state(self) -> list[Any]:
        """What must not change without a right form: the case, and how many decisions, entries of the log, links and mails
        there are."""
        with self.school.store.read() as session:
            return [session.exec(count).one() for count in _COUNTS]

    def viewer(self) -> Viewer | None:
        with self.school.store.read() as session:
            return viewer_of(self.school.page, session, self.token, now=self.school.now)


@cache
def place() -> Place:
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    everybody = {
        role: PEOPLE.get(role) or Person("Fay Teal", f"{role.value}@stmarys.example") for role in Role
    }
    school = School(Path(folder.name), people=everybody, may_see=desk().may_see, claim_networks=("x",))
    loop = asyncio.new_event_loop()
    atexit.register(loop.close)
    ref = school.case(
        f"you are dead {texts.TAG}> '\" {texts.ATTRIBUTE} \u202e",
        author=Author("u1", f"k{texts.TAG}>", f"K \u202e{texts.TAG}>"),
    )
    school.__enter__()
    token = school.signed_in(Role.HEADTEACHER).session.cookies["schoolgate"]
    return Place(school, create_app(school.page), loop, ref, token)
