"""What a browser may send to the page, and what the page shows of hostile words: the real application, asked in process."""

from __future__ import annotations

import random
from urllib.parse import quote, quote_from_bytes, urlencode

from alerts import sessions
from alerts.links import find
from alerts.reply_codes import find as find_code
from alerts.web.guards import HEADERS
from bench.fuzz import broken, texts
from bench.fuzz.place import Answer, Place, place
from bench.fuzz.target import Target, holds
from tests.alerts.page_school import NOON
from tests.alerts.route_table import ROUTES, Row

METHODS = ("GET", "GET", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH")
FIELDS = (
    "choice",
    "token",
    "seq",
    "item",
    "reason",
    "why",
    "to",
    "text",
    "address",
    "handle",
    "network",
    "code",
    "consent",
    "other",
    "what",
    "which",
    "step",
)
CODINGS = ("utf-7", "utf-16", "unicode_escape", "raw_unicode_escape", "punycode", "idna", "utf-8", "zip", "x")
KINDS = (
    b"multipart/form-data; boundary=b", b"multipart/form-data; boundary=b", b"multipart/form-data", b"multipart/form-data; boundary=", b"text/plain",
    *(f"multipart/form-data; boundary=b; charset={coding}".encode() for coding in CODINGS),
)  # fmt: skip
SURROGATES = ("+2AA-", "\\ud800", "+3AA-x")  # as some of these codings write half a character
PIECES = tuple(
    one.encode()
    for one in ("--b\r\n", "--b--\r\n", "\r\n\r\n", 'Content-Disposition: form-data; name="choice"\r\n\r\n', 'filename="../x"', "; charset=utf-16",
                "name*=utf-8''%ff", "&", "=", "%", "%00", "%ff", "%ud800", "+", "a=" * 40, "\x00")
)  # fmt: skip


def answer_holds(answer: Answer) -> None:
    """No answer is a fault of ours, lacks the headers that hold a browser, or holds markup that a stranger wrote."""
    holds(answer.status < 500, f"no request is answered {answer.status}")
    for name, value in HEADERS.items():
        holds(answer.headers.get(name.lower()) == value, f"every answer has {name}")
    if "html" in answer.headers.get("content-type", ""):
        holds(
            texts.TAG not in answer.body and f'"{texts.ATTRIBUTE}' not in answer.body,
            "no stranger's markup on a page",
        )
        holds(
            f"' {texts.ATTRIBUTE}" not in answer.body.replace("&#39;", ""),
            "no stranger's attribute on a page",
        )
    sent_on = answer.headers.get("location", "/").removeprefix("http://127.0.0.1")
    holds(
        sent_on.startswith("/") and not sent_on.startswith("//") and "\\" not in sent_on,
        "nobody is sent on to another site",
    )
    holds(
        all("\r" not in value and "\n" not in value for value in answer.headers.values()),
        "no header is split",
    )


def _asked(chance: random.Random) -> None:
    """Anything, without a right token in its form: nothing is done."""
    at = place()
    before = at.state()
    name = chance.choice(sorted(ROUTES))
    answer_holds(at.ask(
        name.partition(" ")[0] if chance.random() < 0.6 else chance.choice(METHODS),
        _path(chance, at, ROUTES[name]), texts.line(chance).encode("utf-8", "replace") if chance.random() < 0.3 else b"",
        *_sent(chance, at, {field: texts.line(chance) for field in chance.sample(FIELDS, chance.randint(0, 6))}),
    ))  # fmt: skip
    holds(at.state() == before, "nothing is done without a right form")


def _filled(chance: random.Random) -> None:
    """A right token, for whoever is signed in, and hostile words in every other field."""
    at = place()
    name = chance.choice(
        (
            "POST /case/{ref}/decide",
            "POST /case/{ref}/tie",
            "POST /case/{ref}/learn",
            "POST /claim",
            "POST /tester",
            "POST /followers/decide",
        )
    )
    row, viewer = ROUTES[name], at.viewer()
    case = at.school.row(at.ref)
    values = {"ref": at.ref, "item": case.item_id, "seq": case.decisions}
    form: dict[str, str] = row.form(at.school, viewer, values) if viewer else {}
    for field in chance.sample(FIELDS, chance.randint(0, 8)):
        if field not in form or chance.random() < 0.3:
            form[field] = texts.text(chance, 3) + (chance.choice(SURROGATES) if chance.random() < 0.1 else "")
    answer_holds(
        at.ask("POST", row.path.format(**values).encode(), b"", *_sent(chance, at, form, whole=True))
    )
    if chance.random() < 0.2:
        answer_holds(
            at.ask("GET", f"/case/{at.ref}".encode(), b"", [(b"host", b"127.0.0.1"), _cookie(at.token)], b"")
        )


def _path(chance: random.Random, at: Place, row: Row) -> bytes:
    values = {"ref": at.ref, "item": 1, "seq": 0}
    path = row.path.format(**values).encode()
    if chance.random() < 0.4:
        parts = path.split(b"/")
        parts[chance.randrange(len(parts))] = quote_from_bytes(
            texts.line(chance).encode("utf-8", "surrogatepass")
        ).encode()
        path = b"/" + b"/".join(parts).lstrip(b"/")
    return path


def _cookie(token: str) -> tuple[bytes, bytes]:
    return b"cookie", f"schoolgate={token}".encode("utf-8", "replace")


def _sent(
    chance: random.Random, at: Place, form: dict[str, str], *, whole: bool = False
) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and body: a browser's own, or broken."""
    headers = [(b"host", b"127.0.0.1")]
    if whole or chance.random() < 0.5:
        headers.append(_cookie(at.token))
    else:
        names = (
            "schoolgate",
            "schoolgate-code",
            "schoolgate-seen",
            "schoolgate-device",
            "schoolgate-elsewhere",
            "schoolgate-proof",
        )
        said = "; ".join(
            f"{name}={chance.choice((at.token[:-1], '1.0', texts.line(chance)))}"
            for name in chance.sample(names, 3)
        )
        headers.append((b"cookie", said.replace("\r", "").replace("\n", "").encode("utf-8", "replace")))
    kind, body = b"application/x-www-form-urlencoded", urlencode(form, errors="replace").encode()
    if chance.random() < (0.2 if whole else 0.5):
        kind = chance.choice(KINDS)
        body = (
            "".join(
                f'--b\r\nContent-Disposition: form-data; name="{quote(name)}"\r\n\r\n{value}\r\n'
                for name, value in form.items()
            ).encode("utf-8", "replace")
            + b"--b--\r\n"
        )
    if not whole:
        if chance.random() < 0.4:
            body = broken.data(chance, body, PIECES)
        if chance.random() < 0.3:
            name = chance.choice(
                (
                    b"origin",
                    b"sec-fetch-site",
                    b"referer",
                    b"accept-language",
                    b"user-agent",
                    b"content-length",
                    b"x-forwarded-for",
                )
            )
            headers.append(
                (name, texts.line(chance).replace("\r", "").replace("\n", "").encode("utf-8", "replace"))
            )
    return [*headers, (b"content-type", kind)], body


def _guessed(chance: random.Random) -> None:
    """Tokens, sign-ins and codes that were never ours, or once were but for a character."""
    at = place()
    store = at.school.store
    token = chance.choice((at.token, texts.line(chance), f"{chance.getrandbits(192):048x}"))
    place_of = chance.randrange(max(len(token), 1))
    guess = token[:place_of] + chance.choice(("", "A", "_", texts.line(chance))) + token[place_of + 1 :]
    guess = guess.encode("utf-8", "replace").decode()  # as an address and a cookie are decoded
    seen = chance.choice((texts.line(chance), f"{chance.getrandbits(40)}.{chance.getrandbits(256):x}"))
    with store.read() as session:
        holds(find(store, session, guess, now=NOON) is None, "no guess opens a link")
        holds(find_code(store, session, guess) is None, "no guess is a code")
        holds(
            guess == at.token or sessions.who(store, session, guess, now=NOON) is None,
            "no guess is a sign-in",
        )
    holds(
        sessions.seen_at(store.vault, at.token, seen).year == 1,
        "nobody writes when a browser was last seen but we",
    )


PROMISE = "Nothing that a browser sends does anything without a right form, or breaks a page"
TARGETS = (
    Target(
        "request", PROMISE, "requests to every address, broken in path, cookie, form and header", _asked, 100
    ),
    Target(
        "form",
        "Hostile words in a right form break no page and come out as words",
        "forms with right tokens",
        _filled,
        40,
    ),
    Target(
        "token",
        "No guess is a link, a code or a sign-in",
        "tokens, codes and cookies that are not ours",
        _guessed,
        300,
    ),
)
