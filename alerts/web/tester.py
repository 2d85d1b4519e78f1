"""The phrase tester: would this be found, and why. It shows what the running service's own judge says and keeps nothing:
no row, no log line, no address that holds the phrase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts import words
from alerts.trying import LONGEST, Answer, BusyError
from alerts.web.context import PageContext, Viewer
from alerts.web.entry import context_of, frame, gone, looking, refused, signed_out
from alerts.web.guards import form_token, token_holds
from alerts.web.marked import pieces
from alerts.web.render import render
from alerts.web.tuned_pages import may_test
from monitor.domain import Finding, ItemKind, Severity

PLACES: Mapping[ItemKind, str] = {
    ItemKind.COMMENT: "A comment under one of our posts",
    ItemKind.MENTION: "A mention of us, or a reply to us, elsewhere",
    ItemKind.VISITOR_POST: "A visitor’s post on our page",
    ItemKind.POST: "Our own post",
}
_OPINIONS = 3  # of the model's heads are shown beside those that it would note


class Found(NamedTuple):
    title: str
    severity: str
    reason: str
    rule: str


class Thought(NamedTuple):
    title: str
    percent: int
    says: str


def shown(request: Request) -> Response:
    """GET /tester"""
    page, _, _ = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return RedirectResponse("/", 303)
    if not may_test(page, viewer):
        return gone(page, viewer)
    return _page(page, viewer, {})


def tried(request: Request, form: Mapping[str, str]) -> Response:
    """POST /tester: the answer comes at once and is nowhere afterwards; changes nothing."""
    page, _, now = context_of(request)
    viewer = looking(request)
    if viewer is None:
        return signed_out(page)
    if page.tester is None or not may_test(page, viewer):
        return gone(page, viewer)
    if not token_holds(page.store.vault, viewer, form.get("token", ""), "tester"):
        return refused(page, viewer)
    text = form.get("phrase", "").replace("\r\n", "\n")  # as browsers send what was one line end
    kind = next((one for one in PLACES if one.value == form.get("place")), ItemKind.COMMENT)
    kept = {"phrase": text, "place": kind.value, "again": "again" in form}
    if problem := _problem(text):
        return _page(page, viewer, kept | {"phrase": text[:LONGEST]}, problem=problem, status=422)
    try:
        answer = page.tester.ask(text, kind, before=int("again" in form), now=now)
    except BusyError:
        busy = (
            "Another phrase is being tried just now. Nothing was tried; press the button again in a moment."
        )
        return _page(page, viewer, kept, problem=busy, status=503)
    waits = answer.at is not None and answer.at > now
    later = words.LocalTime(page.timezone.key).near(answer.at, now) if answer.at and waits else ""
    return _page(page, viewer, kept, answer=_answer(page, text, answer, later))


def _problem(text: str) -> str:
    if not text.strip():
        return "Type a phrase first."
    if len(text) > LONGEST:
        return f"That is {len(text)} characters; the tester takes {LONGEST} at most. Try a part of it."
    return ""


def _answer(page: PageContext, text: str, answer: Answer, later: str) -> dict[str, Any]:
    tried_, verdict = answer.tried, answer.tried.verdict
    severity = verdict.severity
    return {
        "is_judged": tried_.is_judged,
        "found": [_found(page, one) for one in verdict.findings],
        "pieces": pieces(text, [one.span for one in verdict.findings]),
        "title": page.title(verdict.category) if verdict.category else "",
        "call": words.CALL[severity] if severity else "",
        "tone": severity.word if severity else "low",
        "when": _when(severity, later),
        "told": [words.role_words(role, page.jurisdiction) for role in answer.told],
        "behind": words.role_words(answer.behind, page.jurisdiction) if answer.behind else "",
        "bypassed": [words.role_words(role, page.jurisdiction) for role in sorted(tried_.bypassed)],
        "put_aside": [
            (heading, [_found(page, one) for one in some])
            for heading, some in (
                ("Silenced in the configuration", tried_.silenced),
                ("In shadow in the configuration: it looks, and leads to nothing", tried_.shadowed),
                ("Taken away by a change that your school took over", tried_.changed),
            )
            if some
        ],
        "has_model": tried_.has_model,
        "thoughts": _thoughts(page, answer),
    }


def _when(severity: Severity | None, later: str) -> str:
    """`later`: when the mail would go, if not now."""
    if severity is None or severity is Severity.LOW:
        return "No mail would go: it waits for the digest."
    if later:
        return f"A mail would wait for waking hours: {later}."
    if severity is Severity.CRITICAL:
        return "A mail would go at once, at any hour."
    if severity is Severity.HIGH:
        return "A mail would go at once; at night it would wait for the morning."
    return "A mail would go at once, or with the next group: one an hour at most."


def _found(page: PageContext, one: Finding) -> Found:
    return Found(page.title(one.category), one.severity.word, one.reason, one.detector)


def _thoughts(page: PageContext, answer: Answer) -> Sequence[Thought]:
    """Every head that the model would note, and the likeliest of the others."""
    likely = list(answer.tried.opinions)
    noted = [one for one in likely if one.chance >= one.notice]
    rest = [one for one in likely if one.chance < one.notice][: max(0, _OPINIONS - len(noted))]
    thoughts = []
    for one in (*noted, *rest):
        if one.chance >= one.alert:
            says = "sure enough to be a finding by itself"
        elif one.chance >= one.notice:
            says = "worth noting, not sure"
        else:
            says = "not enough to count"
        thoughts.append(Thought(page.title(one.name), round(one.chance * 100), says))
    return thoughts


def _page(
    page: PageContext,
    viewer: Viewer,
    kept: Mapping[str, Any],
    *,
    answer: Mapping[str, Any] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    return render(
        "tester.html",
        status=status,
        title="Try a phrase",
        token=form_token(page.store.vault, viewer, "tester"),
        places=PLACES,
        kept={"phrase": "", "place": ItemKind.COMMENT.value, "again": False} | dict(kept),
        answer=answer,
        problem=problem,
        longest=LONGEST,
        **frame(page, viewer),
    )
