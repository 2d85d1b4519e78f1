"""The Graph API over HTTP on loopback: one Page, its posts, comments and moderation, with Graph's errors and limits.

Built from Meta's references and recorded answers, not from what our client sends. What stands on the Page is in
`GraphState`; this file only checks, finds and words. Public: `serve_graph`, `graph_app`.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from monitor.sandbox.fault_answers import Fault
from monitor.sandbox.faults import FaultGate, Faults
from monitor.sandbox.graph_edges import EDGES, POST_EDGES, blocked_edge, comments_edge, posts_edge
from monitor.sandbox.graph_fields import Field, parsed
from monitor.sandbox.graph_gate import Gate, Holder
from monitor.sandbox.graph_objects import GoneError, NotAllowedError
from monitor.sandbox.graph_problem import GraphError, no_such_field, no_such_object, not_permitted, trace_id
from monitor.sandbox.graph_render import View, entry_json, page_json
from monitor.sandbox.graph_state import GraphState
from monitor.sandbox.graph_token import debug_token, own
from monitor.sandbox.serve import Serving

VERSIONS = ("v24.0", "v25.0", "v26.0")
CALLS_AN_HOUR = 4800
VERSION = re.compile(r"v\d+\.\d+")
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
PERSON_KEYS = ("psid", "asid", "uid", "user")


def serve_graph(
    state: GraphState,
    faults: Faults,
    *,
    versions: Sequence[str] = VERSIONS,
    calls: int = CALLS_AN_HOUR,
    port: int = 0,
) -> Serving:
    """The network on 127.0.0.1; start it or use it in `with`. `versions` are those alive, the newest last; `calls` how
    many a token may make in an hour."""
    return Serving(graph_app(state, faults, versions=versions, calls=calls), port=port)


def graph_app(
    state: GraphState, faults: Faults, *, versions: Sequence[str] = VERSIONS, calls: int = CALLS_AN_HOUR
) -> FaultGate:
    """The same as an ASGI application, to be served by `Serving` (the faults need its connections)."""
    api = _Api(state, faults, Gate(state, versions, calls))
    return FaultGate(api, faults, api.own_fault)


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read: what is asked of what, by whom, with which parameters (query and body together)."""

    method: str
    path: tuple[str, ...]
    params: Mapping[str, str]
    holder: Holder
    view: View

    @property
    def fields(self) -> tuple[Field, ...]:
        text = self.params.get("fields", "")
        return parsed(text) if text else ()


class _Api:
    def __init__(self, state: GraphState, faults: Faults, gate: Gate) -> None:
        self.state = state
        self.faults = faults
        self.gate = gate
        self._traces = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            response = await self._respond(Request(scope, receive))
            await response(scope, receive, send)

    def own_fault(self, fault: Fault) -> Response:
        return self._failed(self.gate.problem(fault), {}, self.gate.versions[-1])

    async def _respond(self, request: Request) -> Response:
        headers = self.gate.usage(0, 0, business=False)
        version = self.gate.versions[-1]
        try:
            path = tuple(part for part in request.url.path.split("/") if part)
            wanted = path[0] if path and VERSION.fullmatch(path[0]) else None
            version = self.gate.version(wanted)
            given = {**dict(request.query_params), **await _body(request)}
            token, in_query = _token(request, given)
            holder = self.gate.admitted(token)
            headers = self.gate.counted(holder)
            base = f"{request.url.scheme}://{request.url.netloc}/{version}"
            view = View(self.state, self.faults, holder is Holder.PAGE, base, token if in_query else None)
            method = given.pop("method", request.method).upper()
            call = Call(method, path[1:] if wanted else path, given, holder, view)
            body = self._answer(call)
        except GraphError as problem:
            return self._failed(problem, headers, version)
        return _json(body, 200, self._usual(headers, version))

    def _answer(self, call: Call) -> Any:
        path = call.path
        if not path:
            return self._many(call)
        if path[0] == "debug_token":
            return debug_token(self.state, call.params)
        if path[0] == "me" and call.holder is Holder.USER:
            return own(self.state, call.path[1:])
        node = self.state.page.id if path[0] == "me" else path[0]
        try:
            if len(path) == 1:
                return self._node(call, node)
            return self._edge(call, node, "/".join(path[1:]))
        except GoneError:
            raise no_such_object(node, call.method.lower()) from None
        except NotAllowedError:
            raise not_permitted() from None

    # nodes

    def _node(self, call: Call, node: str) -> Any:
        verbs: dict[str, Callable[[Call, str], Any]] = {
            "GET": self._read,
            "POST": self._change,
            "DELETE": self._delete,
        }
        if call.method not in verbs:
            raise GraphError(100, f"Unsupported method, {call.method}", kind="GraphMethodException")
        return verbs[call.method](call, node)

    def _read(self, call: Call, node: str) -> dict[str, Any]:
        if node == self.state.page.id:
            return page_json(call.view, call.fields)
        entry = self.state.entry(node)
        self.gate.may_read("pages_read_engagement" if entry.is_post else "pages_read_user_content")
        if not call.view.as_page and self.state.is_hidden(node):
            raise GoneError(node)
        self.state.spend("nodes", 1)
        return entry_json(call.view, entry, call.fields, EDGES)

    def _change(self, call: Call, node: str) -> dict[str, Any]:
        """POST {id}: is_hidden is all that the Page may change about what others wrote."""
        self.state.entry(node)
        self.gate.may_act(call.holder, "pages_manage_engagement")
        wish = call.params.get("is_hidden")
        if wish is None:
            raise not_permitted() if "message" in call.params else GraphError(100, "(#100) Missing parameter")
        if wish.lower() not in BOOLEANS:
            raise GraphError(100, "(#100) Param is_hidden must be a boolean")
        self.state.set_hidden(node, BOOLEANS[wish.lower()])
        return {"success": True}

    def _delete(self, call: Call, node: str) -> dict[str, Any]:
        self.state.entry(node)
        self.gate.may_act(call.holder, "pages_manage_engagement")
        self.state.remove(node)
        return {"success": True}

    def _many(self, call: Call) -> dict[str, Any]:
        """GET /?ids=a,b: one object by id; 803 when any of them is not there."""
        ids = [name for name in call.params.get("ids", "").split(",") if name]
        if not ids or call.method != "GET":
            raise GraphError(
                100,
                "Unsupported get request. Please read the Graph API documentation",
                kind="GraphMethodException",
            )
        missing = []
        found: dict[str, Any] = {}
        for one in dict.fromkeys(ids):
            try:
                found[one] = self._read(call, one)
            except GoneError:
                missing.append(one)
        if missing:
            listed = ", ".join(missing)
            raise GraphError(
                803, f"(#803) Some of the aliases you requested do not exist: {listed}", status=404
            )
        return found

    # edges

    def _edge(self, call: Call, node: str, edge: str) -> Any:
        page = node == self.state.page.id
        if page and edge == "blocked":
            return self._blocked(call)
        if call.method != "GET":
            raise no_such_object(node, call.method.lower())
        if page and edge in POST_EDGES:
            self.gate.may_read(
                "pages_read_user_content" if edge == "visitor_posts" else "pages_read_engagement"
            )
            return posts_edge(call.view, edge, call.params, call.fields)
        if page:
            raise no_such_field(edge, "Page")
        entry = self.state.entry(node)
        if edge != "comments":
            raise no_such_field(edge, "Post" if entry.is_post else "Comment")
        self.gate.may_read("pages_read_user_content")
        return comments_edge(call.view, node, call.params, call.fields)

    def _blocked(self, call: Call) -> dict[str, Any]:
        """All three verbs want a Page token: developers.facebook.com/docs/graph-api/reference/page/blocked."""
        self.gate.may_act(call.holder, "pages_manage_engagement")
        if call.method == "GET":
            return blocked_edge(call.view, call.params)
        named = next((call.params[key] for key in PERSON_KEYS if call.params.get(key)), "")
        ids = [part.strip(' "') for part in named.strip("[]").split(",") if part.strip(' "')]
        try:
            people = [self.state.person(one).id for one in ids]
        except GoneError:
            people = []
        if not people:
            raise GraphError(100, "(#100) Invalid parameter")
        for one in people:
            (self.state.block if call.method == "POST" else self.state.unblock)(one)
        return dict.fromkeys(people, True) if call.method == "POST" else {"success": True}

    # wording

    def _usual(self, headers: Mapping[str, str], version: str) -> dict[str, str]:
        return {
            "date": format_datetime(self.state.clock().astimezone(UTC), usegmt=True),
            "facebook-api-version": version,
            "x-fb-rev": "1030000000",
            "cache-control": "private, no-store",
            **headers,
        }

    def _failed(self, problem: GraphError, headers: Mapping[str, str], version: str) -> Response:
        trace = trace_id(next(self._traces))
        shown = {**self._usual(headers, version), "x-fb-trace-id": trace, **problem.headers}
        return _json(problem.body(trace), problem.status, shown)


async def _body(request: Request) -> dict[str, str]:
    """The parameters of a form or JSON body."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        try:
            found = await request.json()
        except json.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise GraphError(100, "(#100) The body is not valid JSON")
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in found.items()}
    return {name: str(value) for name, value in (await request.form()).items()}


def _token(request: Request, given: dict[str, str]) -> tuple[str | None, bool]:
    """The token, and whether it came as a parameter; else from Authorization: Bearer or OAuth."""
    kind, _, rest = request.headers.get("authorization", "").partition(" ")
    named = given.pop("access_token", None)
    if named:
        return named, True
    return (rest if kind.lower() in {"bearer", "oauth"} else None), False


def _json(body: Any, status: int, headers: Mapping[str, str]) -> Response:
    """ASCII only, with the slash escaped, as Graph writes it."""
    text = json.dumps(body, separators=(",", ":")).replace("/", "\\/")
    return Response(text, status, headers={"content-type": "application/json; charset=UTF-8", **headers})
