"""Every kind of mail, with those beside tests/alerts/mails.py: whole and masked texts, alerts that may be answered, answers.

A template without a kind here fails the lint. `python -m tests.alerts.all_mails` writes the golden files anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bs4 import BeautifulSoup, Tag

from alerts.compose import compose_alert, compose_operations, compose_test
from alerts.compose_answer import Answered, AnswerView, compose_answer
from alerts.compose_digest import compose_digest, digest_mail
from alerts.compose_holds import HeldView, compose_holds
from alerts.compose_invitation import compose_invitation
from alerts.compose_report import termly_values, weekly_values
from alerts.device_news import DeviceNews, compose_device
from alerts.envelope import Detail, House
from alerts.reply_words import Word
from alerts.views import AlertView, ByReply, OperationsView, Taken, TestView, Trouble
from alerts.views_digest import BackupLine
from monitor.domain import Done, Role
from tests.alerts import mails, reporting
from tests.alerts.mails import GOLDEN, HOUSE, LINK, NOW, alert, part, shown, stamp

FAILING = BackupLine(
    failing=True,
    made_at=NOW - timedelta(days=2),
    drill_at=NOW - timedelta(days=1),
    drill_ok=False,
    records=0,
    since=NOW - timedelta(days=1),
)


def detailed(detail: Detail) -> House:
    return replace(HOUSE, detail=detail)


def worded(**changes: object) -> AlertView:
    """An alert about a text that may be quoted, with a name in it."""
    text = "I am going to hurt Tamsin Okafor of 3B by the wall, you wait"
    at = text.index("hurt")
    return alert(**({"text": text, "spans": ((at, at + 4),), "found": ("threat",)} | changes))


def by_reply(*words: Word) -> ByReply:
    return ByReply(
        address="replies+k7qm4txd9hwp@st-elsewhere.example",
        code="K7QM-4TXD-9HWP",
        words=words or (Word.ACK, Word.HIDE, Word.DSL),
        until=NOW + timedelta(days=3),
    )


def answer(
    answered: Answered, *next_words: Word, on_it: str | None = "headteacher", **changes: object
) -> bytes:
    view = AnswerView(answered, alert(**changes), by_reply(*next_words), on_it)
    return compose_answer(view, stamp("answer", reply=True))


def operations() -> OperationsView:
    return OperationsView(
        trouble=Trouble.NOT_WATCHED,
        since=NOW - timedelta(hours=7, minutes=47),
        says="Facebook refused the token: it was revoked (190).",
        cure=(
            "Sign in to developers.facebook.com as the page's administrator.",
            "Make a new page token, as README describes under Facebook.",
            "Put it into the file that facebook.token_file names; nothing needs a restart.",
        ),
        network="facebook",
        account="St Elsewhere Primary School",
    )


def unsteady() -> OperationsView:
    """What is about no account, and comes and goes."""
    return OperationsView(
        trouble=Trouble.STORAGE,
        since=NOW - timedelta(minutes=4),
        says="only 140 MiB are free where the database is",
        cure=("Make room on that disk.",),
        more="It came and went 2 times within a day and is back. Until it is steady you are told of it only when it "
        "lasts for an hour, and every six hours at most.",
    )


KINDS: dict[str, Callable[[], bytes]] = mails.KINDS | {
    "operations": lambda: compose_operations(operations(), stamp("operations", Role.IT)),
    "operations-over": lambda: compose_operations(
        replace(
            operations(),
            until=NOW - timedelta(minutes=2),
            says="St Elsewhere is watched again",
            cure=(),
            late=31,
        ),
        stamp("operations", Role.IT),
    ),
    "operations-unsteady": lambda: compose_operations(unsteady(), stamp("operations", Role.IT)),
    "operations-well": lambda: compose_operations(
        replace(unsteady(), more="", cure=(), says=f"this is over: “{unsteady().says}”", until=NOW),
        stamp("operations", Role.IT),
    ),
    "digest-backup": lambda: compose_digest(
        mails.digest(waiting=(), backup=FAILING), stamp("digest", Role.OFFICE)
    ),
    "test": lambda: compose_test(
        TestView(asked_at=NOW, accounts=("X: @StElsewhere", "Facebook: St Elsewhere Primary School")),
        stamp("test", Role.IT),
    ),
    "digest-weekly": lambda: digest_mail(
        weekly_values(reporting.figures(), stamp("weekly"), NOW + timedelta(days=7)), LINK, stamp("weekly")
    ),
    "digest-termly": lambda: digest_mail(
        termly_values(
            reporting.figures(), stamp("termly", Role.CHAIR), "Autumn term 2026", NOW + timedelta(days=112)
        ),
        LINK,
        stamp("termly", Role.CHAIR),
    ),
    "device": lambda: compose_device(
        DeviceNews(3, "Safari on iPhone", NOW, NOW + timedelta(days=30)), stamp("device")
    ),
    "device-copied": lambda: compose_device(
        DeviceNews(3, "Safari on iPhone", NOW, NOW + timedelta(days=21), copied=True), stamp("copied")
    ),
    "invitation": lambda: compose_invitation("x", LINK, stamp("invitation", Role.OFFICE)),
    "holds": lambda: compose_holds(
        [HeldView("SM-0142", NOW - timedelta(days=80)), HeldView("", NOW - timedelta(days=9))],
        "Autumn term 2026",
        LINK,
        stamp("holds", Role.DSL),
    ),
    "alert-excerpt": lambda: compose_alert(worded(), stamp("excerpt", house=detailed(Detail.EXCERPT))),
    "alert-full": lambda: compose_alert(worded(), stamp("full", house=detailed(Detail.FULL))),
    "alert-drill": lambda: compose_alert(alert(drill=True), stamp("drill")),
    "alert-replies": lambda: compose_alert(alert(by_reply=by_reply()), stamp("replies")),
    "answer-hide": lambda: answer(Answered.HIDE, Word.DSL, removal=Taken(Done.HIDDEN, NOW)),
    "answer-dsl": lambda: answer(Answered.DSL, Word.HIDE),
    "answer-word": lambda: answer(Answered.NO_WORD, on_it=None),
    "answer-nothing": lambda: compose_answer(AnswerView(Answered.NOT_THEIRS), stamp("answer")),
}


def template_of(kind: str) -> str:
    """The template that a kind of mail is made of: the kind's own name up to a hyphen."""
    return {"updated": "alert"}.get(kind, kind.partition("-")[0])


_SAID = ("role", "scope", "href", "aria-hidden", "dir", "class", "lang")


def outline(data: bytes) -> str:
    """The structure of the HTML part, one element a line: what a screen reader is given to go by, and the words."""
    page = BeautifulSoup(part(data, "html"), "html.parser")
    lines: list[str] = []

    def line(node: Tag, depth: int) -> None:
        said = "".join(f" {name}={_plain(node[name])}" for name in _SAID if node.has_attr(name))
        own = " ".join(" ".join(node.find_all(string=True, recursive=False)).split())
        lines.append(
            f"{'  ' * depth}{node.name}{said}{': ' + own.rstrip(BLANKS) if own.strip(BLANKS) else ''}"
        )
        for child in node.find_all(True, recursive=False):
            line(child, depth + 1)

    line(page.html, 0)
    return "\n".join(one for one in lines if not one.strip().startswith(("meta", "style"))) + "\n"


def _plain(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ".".join(value)


BLANKS = "\u034f\u2007\u200a "

if __name__ == "__main__":  # then read the difference
    for kind, made in KINDS.items():
        (GOLDEN / f"{kind}.txt").write_text(shown(made()), encoding="utf-8")
        (GOLDEN / f"{kind}.outline").write_text(outline(made()), encoding="utf-8")
