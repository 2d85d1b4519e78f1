"""How the work grows with the length of what a stranger sends: four times the length may take four times as long.

Measured in seconds of this process's own processor time, so only a measurement and no test; the tests count calls.
"""

from __future__ import annotations

import email
import gc
import time
from collections.abc import Callable, Iterator
from functools import partial

from alerts import safe
from alerts.inbox import letter, reply, written
from alerts.inbox.authenticated import is_proven
from alerts.inbox.saying import accounts
from bench.attack import Attack
from bench.fuzz.mails import MAILBOX, OURS, THEIRS
from bench.fuzz.words import judge, normaliser
from monitor.domain import Author
from monitor.errors import RegisterError
from monitor.impersonation import impersonation
from monitor.names import name_words, normal_email, normal_handle
from monitor.register_csv import read_register
from monitor.underage import underage

SHAPES = (
    "a", "a ", "aa. ", "ab", "f.", "f u c k ", "f**k ", "a.b", "a@", "@a", "a@b.", "a@b.c ", "http://", "https://a.b/", "www.", "://", "x.com/", ".", "..", ", ",
    "!", '"', "'", "“”", "(", ")", "()", "<", "<a ", "<!--", "<![", "</", "&#", "&", "=?", "=?utf-8?q?a?= ", "\n", "\r\n", "\n\n", "\n>", "> ", "-", "--", "- ", "_", "*", "#a ",
    "0", "07", "01632 960123 ", "+44 ", "1.", "0 ", "SW1A 1AA ", "12 Mill Lane ", "Tamsin ", "Tamsin Okafor ", "my ", "my handle is ", "on ", "on my x ", "you are ", "kill ",
    "👩‍👩‍👧", "🔪", "🇬", "\u202ea", "\u202e\u202c", "\u200b", "\u0336", "q\u0323", "ﷺ", "𝓯", "日", "a\u0301", "\U0001f3f4\U000e0067", "aA", "A", "Ab ", "z" * 40 + " ", "no, ", "u r ",
    "my age is ", "i am ", "in year ", "12 ", "|", "my account is on the ", "i follow you ", ";", "a=b;", "(\\", "\\", "\t", ": ", "from: a@b", "on a\n",
)  # fmt: skip
MEGABYTE = 1_000_000  # characters of a comment
SECONDS = 1.0  # for one of a megabyte, whatever it is made of
SMALL, LARGE = 4_000, 16_000  # characters, for what is as fast as it is short; and four times as many
RATIO, WORTH = 9.0, 0.15  # a ratio counts from so many seconds on: below, the clock is coarser than the work
TRIES = 3


def growth(*, full: bool) -> Iterator[Attack]:
    """Two rows: comments of a megabyte to all detectors, and everything else that reads a stranger's text."""
    shapes = SHAPES if full else SHAPES[::7]
    slowest, over = 0.0, 0
    for shape in shapes:
        said = _long(shape, MEGABYTE)
        took = _timed(partial(judge(), said))
        if took > SECONDS:
            took = min(_timed(partial(judge(), said)) for _ in range(TRIES))
        slowest, over = max(slowest, took), over + (took > SECONDS)
    yield Attack(
        "A comment of a megabyte is judged within a second", "one piece repeated, by every detector", len(shapes), over,
        f"slowest {slowest:.2f} s; of so long a text the beginning and the end are judged",
    )  # fmt: skip
    tried, bad, worst = 0, [], 0.0
    for name, read, size in READERS:
        for shape in shapes:
            tried += 1
            ratio = _ratio(read, shape, size)
            worst = max(worst, ratio)
            if ratio > RATIO:
                bad.append(f"{name} {shape!r}")
    note = f"at most {worst:.1f} times" + (f"; {', '.join(bad[:6])}" if bad else "")
    yield Attack(
        "Four times the length is about four times the work",
        "one piece repeated, by every reader",
        tried,
        len(bad),
        note,
    )


def _long(shape: str, size: int) -> str:
    return shape * (size // len(shape))


def _ratio(read: Callable[[str], object], shape: str, size: int) -> float:
    """How many times as long four times the length takes, at the best of some tries; 1 where even that is too short to
    measure. A busy machine makes single tries long, and never a long one short. Python's collector of cycles waits
    meanwhile: it looks at all that there is from certain numbers of objects on, which is a step and no growth."""
    small, large = _long(shape, size), _long(shape, 4 * size)
    gc.disable()
    try:
        if _timed(partial(read, large)) < WORTH:
            return 1.0
        least = min(_timed(partial(read, small)) for _ in range(TRIES))
        return min(_timed(partial(read, large)) for _ in range(TRIES)) / max(least, 1e-6)
    finally:
        gc.enable()
        gc.collect()


def _timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _follower(said: str) -> None:
    author = Author("7", said, said, said)
    impersonation(author, ("StElsewhere",), "St Elsewhere Primary School", head="Ms Asha Quill")
    underage(said)
    name_words(said)


def _address(said: str) -> None:
    (
        normal_email(said),
        normal_email(f"a@{said}"),
        normal_handle("x", said),
        normal_handle("x", f"https://x.com/{said}"),
    )


def _html(said: str) -> None:
    raw = b"From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n<p>" + said.encode()
    message = email.message_from_bytes(raw)
    list(written.texts(message)), list(written.whole_texts(message))


def _letter(said: str) -> None:
    proof = f"Authentication-Results: {OURS}; dmarc=pass header.from=mail.example\n"
    raw = f"{proof}From: Grace <{THEIRS}>\nSubject: x\n\n{said}".encode()
    letter.understood(raw, trusted=OURS, networks=("x", "facebook"))
    reply.read(raw, trusted=OURS, mailbox=MAILBOX)


def _headers(said: str) -> None:
    line = " ".join(said.split())
    raw = f"Authentication-Results: {line}\nFrom: {line}\nTo: {line}\nSubject: {line}\nAuto-Submitted: no; {line}\n\nHIDE".encode()
    letter.understood(raw, trusted=OURS, networks=("x",))
    reply.read(raw, trusted=OURS, mailbox=MAILBOX)
    is_proven(f"{OURS}; dmarc={line}", trusted=OURS, domain="mail.example")


def _register(said: str) -> None:
    for data in (said, f"Forename,Surname,Email\n{said}", f"Forename,Surname,Email\n{said},b,c@d.example\n"):
        try:
            read_register(data.encode())
        except RegisterError:
            continue


READERS: tuple[tuple[str, Callable[[str], object], int], ...] = (
    ("normaliser", lambda said: normaliser().read(said), LARGE),
    ("detectors", judge(), SMALL),
    ("shown", lambda said: (safe.shown(said, 10**7), safe.without_secrets(said)), LARGE),
    ("masked", lambda said: (safe.masked(said, [(0, 5)]), safe.masked_whole(said)), LARGE),
    ("follower", _follower, SMALL),
    ("address", _address, LARGE),
    ("claim", lambda said: accounts(said[:1000], [said[:4000]], ("x", "facebook")), SMALL),
    ("letter", _letter, LARGE),
    ("letter in HTML", _html, LARGE),
    ("headers", _headers, LARGE),
    ("register", _register, LARGE),
)
