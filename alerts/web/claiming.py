"""The claim page: a family says which account is theirs, and answers for it from their own mailbox.

It never asks the register: what it answers, and what it does, is the same for every e-mail address. What becomes of a
claim is alerts/claims.py's work, after the answer has gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alerts import safe, words
from alerts.envelope import can_be_written_to
from alerts.web.context import PageContext
from alerts.web.entry import context_of, frame, gone
from alerts.web.render import render
from monitor import claim_limits, claim_rows, spend
from monitor.claim_rows import Answer, Found
from monitor.claims import MAILS_A_DAY, VALID, Way
from monitor.family_code_rows import code_digest
from monitor.family_codes import normal_code, printed
from monitor.names import normal_email, normal_handle

_LONGEST = 254  # characters of an address (RFC 5321, 4.5.3.1.3) or of a profile's link
_LONGEST_CODE = 40  # characters that are shown again
_RETRY = 3600  # seconds
_HOUSEHOLD = 64  # bits: who has one IPv6 address has a whole network of this length
_SIGNED_IN = {"proven": "Thank you, that is noted", "unproven": "That did not work"}
_SAID = {"yes": claim_rows.confirm, "no": claim_rows.deny}
_STATUS = {Answer.EXPIRED: 410, Answer.ENDED: 410}


@dataclass(frozen=True, slots=True)
class _Typed:
    """What somebody typed, and what is wrong with it by field; `handle`, `address` and `code` in their normal form."""

    network: str
    handle: str
    address: str
    code: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)


def shown(request: Request) -> Response:
    """GET /claim: the form; with ?code, the letter's code stands in it already, and nobody has looked whether there is
    such a one; with ?asked, ?proven or ?unproven what happens next, for everybody the same."""
    page, _, _ = context_of(request)
    if not page.takes_claims:
        raise HTTPException(404)
    if "asked" in request.query_params:
        return render(
            "claim_asked.html",
            title="Look into your mailbox",
            days=VALID.days,
            mails=MAILS_A_DAY,
            **frame(page, None),
        )
    for done, title in _SIGNED_IN.items():
        if done in request.query_params:
            return render(f"claim_{done}.html", title=title, **frame(page, None))
    return form_page(page, {"code": request.query_params.get("code", "")})


def asked(request: Request, form: Mapping[str, str]) -> Response:
    """POST /claim: one row, whoever's address it is."""
    page, _, now = context_of(request)
    if not page.claim_networks:
        raise HTTPException(404)
    typed = _read(page, form)
    if typed.wrong:
        return form_page(page, form, typed.wrong, status=400)
    client = claim_limits.client_hash(page.store, client_of(request), now)
    code = kept_code(page, typed.code)
    with page.store.write() as session:
        too_often = claim_limits.asked_too_often(page.store, session, client, now, coded=code is not None)
        if not too_often:
            claim_rows.ask(
                page.store,
                session,
                network=typed.network,
                handle=typed.handle,
                address=typed.address,
                way=Way.PAGE,
                client=client,
                code=code,
                now=now,
            )
    if too_often:
        return later(page)
    return RedirectResponse("/claim?asked", 303)


def later(page: PageContext) -> Response:
    """Too many have asked, from one machine or in all."""
    answer = render("claim_later.html", status=429, title="Please try again later", **frame(page, None))
    answer.headers["Retry-After"] = str(_RETRY)
    return answer


def kept_code(page: PageContext, code: str) -> bytes | None:
    """What is kept of a letter's code that was typed (in its normal form), good or not; None where none was."""
    return code_digest(page.store, code) if code else None


def question(request: Request) -> Response:
    """GET /claim/{token}: which account is meant, and the question; or why there is nothing to answer any more."""
    page, _, now = context_of(request)
    token = request.path_params["token"]
    with page.store.read() as session:
        found = claim_rows.find(page.store, session, token, now=now)
    return _answer_page(page, token, found)


def answered(request: Request, form: Mapping[str, str]) -> Response:
    """POST /claim/{token}: yes or no, once. Neither is chosen beforehand: a robot that presses the button has chosen
    nothing."""
    page, _, now = context_of(request)
    token, said = request.path_params["token"], form.get("mine", "")
    with page.store.read() as session:
        found = claim_rows.find(page.store, session, token, now=now)
    if found is None or found.answer is not Answer.OPEN:
        return _answer_page(page, token, found)
    if said not in _SAID:
        return _answer_page(page, token, found, wrong="Please choose “Yes” or “No” first.", status=400)
    with page.store.write() as session:
        _SAID[said](page.store, session, token, now=now)
    return RedirectResponse(f"/claim/{token}", 303)


def client_of(request: Request) -> str:
    """The asking machine: its address, for IPv6 the household's network; empty when it is not known.

    The school's own proxy stands before the page on a private address and puts the client's last into
    X-Forwarded-For; from anywhere else that header is a stranger's word.
    """
    peer = _address(request.client.host if request.client else "")
    forwarded = request.headers.get("x-forwarded-for", "")
    if peer is not None and peer.is_private and forwarded:
        peer = _address(forwarded.rpartition(",")[2].strip())
    if isinstance(peer, IPv6Address) and peer.ipv4_mapped:
        peer = peer.ipv4_mapped
    if peer is None or peer.is_loopback:
        return ""
    if isinstance(peer, IPv6Address):
        return str(ip_network((peer, _HOUSEHOLD), strict=False))
    return str(peer)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _read(page: PageContext, form: Mapping[str, str]) -> _Typed:
    """What was typed. Nothing here depends on anything but the form."""
    wrong: dict[str, str] = {}
    network = form.get("network", "")
    if network not in page.claim_networks:
        wrong["network"] = "Choose the network that your account is on."
    text = form.get("handle", "").strip()
    handle = normal_handle(network, text) if 0 < len(text) <= _LONGEST else None
    if handle is None:
        wrong["handle"] = "Type the account’s name as its profile shows it, such as @name."
    elif handle[0] != network and "network" not in wrong:
        wrong["handle"] = f"That is an account on another network than {name_of(network)}."
    text = form.get("address", "").strip()
    address = normal_email(text) if len(text) <= _LONGEST else None
    if address is None or not can_be_written_to(address):
        wrong["address"] = "Type one whole e-mail address, such as name@provider.example."
    text = form.get("code", "").strip()
    code = normal_code(text) if text else ""
    if code is None:
        wrong["code"] = "A character is not as the letter has it. Look at it once more, or leave this empty."
    if form.get("consent") != "yes":
        wrong["consent"] = "We may compare what you typed with the school’s records only if you agree."
    return _Typed(network, handle[1] if handle else "", address or "", code or "", wrong)


def is_offered(page: PageContext, network: str, now: datetime) -> bool:
    """Whether families may sign in there now: it is free, or the month's budget bears reads that can wait."""
    if not page.provers[network].reads:
        return True
    budget = page.budget
    with page.store.read() as session:
        return spend.may_read(
            session, page.store, network, budget.reads.get(network), budget.optional_share, now
        )


def form_page(
    page: PageContext, form: Mapping[str, str], wrong: Mapping[str, str] | None = None, *, status: int = 200
) -> Response:
    """The form; what is `wrong` with it is said by field. A sign-in that the budget does not bear is not offered."""
    code = normal_code(form.get("code", ""))
    offered = [network for network in page.provers if is_offered(page, network, page.clock())]
    return render(
        "claim.html",
        status=status,
        letter=printed(code) if code else "",
        code=printed(code) if code else form.get("code", "")[:_LONGEST_CODE],
        title="Tell the school which account is yours",
        networks=[(network, name_of(network)) for network in page.claim_networks],
        sign_in=[(network, name_of(network)) for network in page.provers if network in offered],
        paused=[name_of(network) for network in page.provers if network not in offered],
        address=page.claim_address,
        typed={name: form.get(name, "")[:_LONGEST] for name in ("network", "handle", "address", "consent")},
        wrong=wrong or {},
        **frame(page, None),
    )


def _answer_page(
    page: PageContext, token: str, found: Found | None, *, wrong: str = "", status: int = 200
) -> Response:
    if found is None:
        return gone(page)
    return render(
        "claim_answer.html",
        status=_STATUS.get(found.answer, status),
        title="Is this account yours?" if found.answer is Answer.OPEN else "Your account",
        token=token,
        answer=found.answer.value,
        network=name_of(found.network),
        handle=safe.shown(found.handle, 80),
        until=words.LocalTime(page.timezone.key).full(found.expires_at),
        wrong=wrong,
        **frame(page, None),
    )


def name_of(network: str) -> str:
    return words.network_words(network)[0]
