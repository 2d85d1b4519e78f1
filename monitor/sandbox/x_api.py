"""X API v2 over HTTP on loopback: enough of it for a watch on one account, its errors and limits included.

Built from xdevplatform/docs (openapi.json, rate-limits.mdx) and recorded answers, not from what our client sends. What
stands on the network is in `XState`; this file only checks, pages and words. Public: `serve_x`, `x_app`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, timedelta
from email.utils import format_datetime
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.sandbox import x_params as at
from monitor.sandbox.fault_answers import Fault
from monitor.sandbox.faults import FaultGate, Faults
from monitor.sandbox.paging import StaleTokenError, Window, window
from monitor.sandbox.serve import Serving
from monitor.sandbox.x_answer import answer_json, between, listed
from monitor.sandbox.x_gate import Gate
from monitor.sandbox.x_lookup import looked_up, together
from monitor.sandbox.x_objects import Person, Post, RefusedError, UnknownError, moment, snowflake
from monitor.sandbox.x_params import (
    Endpoint,
    Query,
    body_hidden,
    checked,
    numeric,
)
from monitor.sandbox.x_problem import ProblemError, forbidden, invalid, not_found
from monitor.sandbox.x_render import includes_of, person_json, post_json
from monitor.sandbox.x_search import matching
from monitor.sandbox.x_state import XState

WEEK = timedelta(days=7)
NEWEST_MENTIONS = 800  # how far back each timeline goes
NEWEST_POSTS = 3200

T = TypeVar("T")
Answer = Callable[[Request, Query], Awaitable[dict[str, Any]]]


def serve_x(
    state: XState, faults: Faults, *, limits: Mapping[str, int] | None = None, port: int = 0
) -> Serving:
    """The network on 127.0.0.1; start it or use it in `with`. `limits` changes requests per 15 minutes by endpoint name:
    me, user, users, mentions, posts, followers, following, blocking, tweet, tweets, search, hidden."""
    return Serving(x_app(state, faults, limits=limits), port=port)


def x_app(state: XState, faults: Faults, *, limits: Mapping[str, int] | None = None) -> FaultGate:
    """The same as an ASGI application, to be served by `Serving` (the faults need its connections)."""
    api = _Api(state, faults, Gate(state, limits or {}))
    return FaultGate(Starlette(routes=api.routes()), faults, api.own_fault)


class _Api:
    def __init__(self, state: XState, faults: Faults, gate: Gate) -> None:
        self.state = state
        self.faults = faults
        self.gate = gate

    def routes(self) -> list[Route]:
        reads: list[tuple[str, Endpoint, Answer]] = [
            ("/2/users", at.USERS, self.users),
            ("/2/users/me", at.ME, self.me),
            ("/2/users/by/username/{username}", at.USER, self.by_username),
            ("/2/users/{id}", at.USER, self.by_id),
            ("/2/users/{id}/mentions", at.MENTIONS, self.mentions),
            ("/2/users/{id}/tweets", at.POSTS, self.posts),
            ("/2/users/{id}/followers", at.FOLLOWERS, self.followers),
            ("/2/users/{id}/following", at.FOLLOWING, self.following),
            ("/2/users/{id}/blocking", at.BLOCKING, self.blocking),
            ("/2/tweets/search/recent", at.SEARCH, self.search),
            ("/2/tweets/{id}", at.TWEET, self.tweet),
            ("/2/tweets", at.TWEETS, self.tweets),
        ]
        routes = [
            Route(path, self._answering(point, answer), methods=["GET"]) for path, point, answer in reads
        ]
        routes.append(
            Route("/2/tweets/{id}/hidden", self._answering(at.HIDDEN, self.hidden), methods=["PUT"])
        )
        routes.append(Route("/{rest:path}", _nothing, methods=["GET", "POST", "PUT", "DELETE"]))
        return routes

    def _answering(self, endpoint: Endpoint, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def answering(request: Request) -> Response:
            headers = self._dated()
            try:
                holder = self.gate.admitted(endpoint, request.headers.get("authorization", ""))
                headers |= self.gate.counted(endpoint, holder)
                if "id" in request.path_params:
                    numeric("id", request.path_params["id"])
                query = checked(endpoint, dict(request.query_params))
                body = await answer(request, query if holder != "app" else query.as_app())
            except ProblemError as problem:
                return answer_json(problem.body, problem.status, {**headers, **problem.headers})
            return answer_json(body, 200, headers)

        return answering

    def own_fault(self, fault: Fault) -> Response:
        problem = self.gate.problem(fault)
        return answer_json(problem.body, problem.status, {**self._dated(), **problem.headers})

    def _dated(self) -> dict[str, str]:
        """The network's own time, which the reset of a limit is counted in."""
        return {"date": format_datetime(self.state.clock().astimezone(UTC), usegmt=True)}

    # people

    async def me(self, _request: Request, query: Query) -> dict[str, Any]:
        return self._one_person(self.state.user_id, "id", query, own=True)

    async def by_id(self, request: Request, query: Query) -> dict[str, Any]:
        return self._one_person(request.path_params["id"], "id", query)

    async def by_username(self, request: Request, query: Query) -> dict[str, Any]:
        return self._one_person(request.path_params["username"], "username", query)

    async def users(self, _request: Request, query: Query) -> dict[str, Any]:
        found, missing = looked_up(query, "user", self.state.person)
        self.state.spend("users", [person.id for person in found])
        wanted = query.fields("user.fields")
        return together([person_json(self.state, person, wanted) for person in found], missing)

    def _one_person(self, who: str, parameter: str, query: Query, *, own: bool = False) -> dict[str, Any]:
        try:
            person = self.state.person(who)
        except UnknownError:
            return {"errors": [not_found("user", parameter, who)]}
        self.state.spend("users", [person.id])
        return {"data": person_json(self.state, person, query.fields("user.fields"), own=own)}

    async def followers(self, request: Request, query: Query) -> dict[str, Any]:
        return self._people(request, query, "followers", self.state.followers)

    async def following(self, request: Request, query: Query) -> dict[str, Any]:
        return self._people(request, query, "following", self.state.following)

    async def blocking(self, request: Request, query: Query) -> dict[str, Any]:
        if request.path_params["id"] != self.state.user_id:
            raise forbidden("The `id` in the path must be the authenticated account's.")
        return self._people(request, query, "blocking", lambda _who: self.state.blocking())

    def _people(
        self, request: Request, query: Query, name: str, listing: Callable[[str], list[tuple[int, Person]]]
    ) -> dict[str, Any]:
        who = request.path_params["id"]
        try:
            rows = listing(who)
        except UnknownError:
            return {"errors": [not_found("user", "id", who)]}
        page = self._page(request, query, f"{name}.{who}", rows)
        people, onward = self.faults.reshape(str(request.url), page.rows, page.here, page.onward)
        self.state.spend(name, [person.id for person in people])
        wanted = query.fields("user.fields")
        data = [person_json(self.state, person, wanted) for person in people]
        return listed(data, {"result_count": len(data)}, onward, page.back)

    # posts

    async def mentions(self, request: Request, query: Query) -> dict[str, Any]:
        return self._timeline(request, query, "mentions", self.state.mentions_of, NEWEST_MENTIONS)

    async def posts(self, request: Request, query: Query) -> dict[str, Any]:
        left_out = query.fields("exclude")

        def listing(who: str) -> list[Post]:
            return [
                post
                for post in self.state.posts_of(who)
                if not ("replies" in left_out and post.replied_to)
                and not ("retweets" in left_out and post.retweet_of)
            ]

        return self._timeline(request, query, "posts", listing, NEWEST_POSTS)

    def _timeline(
        self, request: Request, query: Query, name: str, listing: Callable[[str], list[Post]], most: int
    ) -> dict[str, Any]:
        who = request.path_params["id"]
        try:
            posts = listing(who)[:most]
        except UnknownError:
            return {"errors": [not_found("user", "id", who)]}
        return self._post_page(request, query, f"{name}.{who}", between(posts, query))

    async def search(self, request: Request, query: Query) -> dict[str, Any]:
        if "query" not in query.values:
            raise invalid("query", "", "The `query` query parameter can not be empty")
        oldest = self.state.clock() - WEEK
        since = query.number("since_id")
        if since is not None and moment(since) < oldest:
            raise invalid(
                "since_id",
                str(since),
                f"'since_id' must be a tweet id created after {oldest:%Y-%m-%dT%H:%MZ}. "
                f"Please use a 'since_id' that is larger than {snowflake(oldest)}",
            )
        if {"since_id", "until_id"} & query.values.keys() and {
            "start_time",
            "end_time",
        } & query.values.keys():
            message = (
                "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'."
            )
            raise invalid("since_id", query.values.get("since_id", ""), message)
        wanted = matching(self.state, query.values["query"])
        posts = [post for post in self.state.posts() if post.created_at >= oldest and wanted(post)]
        return self._post_page(request, query, "search", between(posts, query))

    def _post_page(self, request: Request, query: Query, listing: str, posts: list[Post]) -> dict[str, Any]:
        page = self._page(request, query, listing, [(int(post.id), post) for post in posts])
        shown, onward = self.faults.reshape(str(request.url), page.rows, page.here, page.onward)
        self.state.spend(listing.partition(".")[0], [post.id for post in shown])
        meta: dict[str, Any] = {"result_count": len(shown)}
        if shown:
            ids = [int(post.id) for post in shown]
            meta |= {"newest_id": str(max(ids)), "oldest_id": str(min(ids))}
        answer = listed([post_json(self.state, post, query) for post in shown], meta, onward, page.back)
        return self._including(answer, shown, query)

    async def tweet(self, request: Request, query: Query) -> dict[str, Any]:
        wanted = request.path_params["id"]
        try:
            post = self.state.post(wanted)
        except UnknownError:
            return {"errors": [not_found("tweet", "id", wanted)]}
        self.state.spend("tweets", [post.id])
        return self._including({"data": post_json(self.state, post, query)}, [post], query)

    async def tweets(self, _request: Request, query: Query) -> dict[str, Any]:
        found, missing = looked_up(query, "tweet", self.state.post)
        self.state.spend("tweets", [post.id for post in found])
        answer = together([post_json(self.state, post, query) for post in found], missing)
        return self._including(answer, found, query)

    async def hidden(self, request: Request, _query: Query) -> dict[str, Any]:
        wanted = request.path_params["id"]
        try:
            hidden = body_hidden(await request.json())
            self.state.set_hidden(wanted, hidden)
        except json.JSONDecodeError:
            raise invalid("body", "", "The request body is not valid JSON") from None
        except UnknownError:
            gone = not_found("tweet", "id", wanted)
            raise ProblemError(
                404, {"errors": [gone], **{key: gone[key] for key in ("title", "detail", "type")}}
            ) from None
        except RefusedError:
            raise forbidden() from None
        return {"data": {"hidden": hidden}}

    # both

    def _page(self, request: Request, query: Query, listing: str, rows: list[tuple[int, T]]) -> Window[T]:
        name = "next_token" if "next_token" in query.values else "pagination_token"
        forgotten = query.token is not None and self.faults.take("stale_token", str(request.url)) is not None
        try:
            return window(rows, "" if forgotten else listing, query.token, query.max_results)
        except StaleTokenError:
            value = query.token or ""
            raise invalid(name, value, f"The `{name}` query parameter value [{value}] is not valid") from None

    def _including(self, answer: dict[str, Any], posts: list[Post], query: Query) -> dict[str, Any]:
        includes, errors = includes_of(self.state, posts, query)
        if includes:
            answer["includes"] = includes
            self.state.bill.sent_along(includes, self.state.clock())
        if errors:
            answer["errors"] = [*answer.get("errors", []), *errors]
        return answer


async def _nothing(_request: Request) -> Response:
    """A path that v2 does not have: 404 and no body (xdevplatform/docs issue 395)."""
    return Response(status_code=404)
