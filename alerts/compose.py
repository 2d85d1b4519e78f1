"""View and stamp to the bytes of one mail. Pure: reads no clock, no database and no network.

What a mail says is decided here, in our own words; how it looks is in templates/mail. The contract: one plain
sentence, what was truly done, one link; no name, no whole text, no picture, no verdict, no other address.
"""

from __future__ import annotations

from dataclasses import replace

from alerts import safe, words
from alerts.compose_digest import compose_digest
from alerts.compose_parts import Step, common, reply_values, steps_of
from alerts.envelope import Detail, Stamp
from alerts.mime import assembled
from alerts.render import rendered
from alerts.views import (
    AlertView,
    ClaimView,
    CodeView,
    GroupRow,
    GroupView,
    OperationsView,
    TestView,
    Trouble,
)
from monitor.domain import Done, Reason, Severity

__all__ = [
    "Step",
    "compose_alert",
    "compose_claim",
    "compose_code",
    "compose_digest",
    "compose_group",
    "compose_operations",
    "compose_test",
    "steps_of",
]

_TEMPLATES = {
    Reason.FIRST: "alert",
    Reason.UPDATED: "alert",
    Reason.REMINDER: "reminder",
    Reason.ESCALATION: "escalation",
}
_TONES = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "high",
    Severity.MEDIUM: "medium",
    Severity.LOW: "calm",
}
_TROUBLES = {
    Trouble.NOT_WATCHED: "not watched",
    Trouble.EXPIRING: "access runs out soon",
    Trouble.CREDIT: "credit is low",
    Trouble.MAIL: "mail is not leaving",
    Trouble.DIGEST: "a digest was skipped",
    Trouble.STORAGE: "storage",
    Trouble.BACKUP: "the backup failed",
    Trouble.CLOCK: "the clock is wrong",
    Trouble.RESTART: "it ended unasked",
    Trouble.CLAIM: "a follower's claim",
    Trouble.OTHER: "needs attention",
}
_OVER = {
    Trouble.NOT_WATCHED: "watched again",
    Trouble.EXPIRING: "access renewed",
    Trouble.CREDIT: "reads go on",
    Trouble.MAIL: "mail is leaving again",
    Trouble.STORAGE: "there is room again",
    Trouble.BACKUP: "the backup works again",
    Trouble.CLOCK: "the clock is right again",
    Trouble.RESTART: "it runs steadily again",
}


def compose_alert(view: AlertView, stamp: Stamp) -> bytes:
    """The mail of one case: first, updated, reminder or escalation. Raises KeyError for another `reason`."""
    house, time = stamp.house, words.LocalTime(stamp.house.zone)
    name, place = words.network_words(view.network)
    category = words.category_words(view.category)
    told = tuple(words.role_words(role, house.jurisdiction) for role in view.also_told)
    first_told = time.near(view.first_told_at, stamp.date) if view.first_told_at else ""
    extract = _quoted(view, house.detail)
    values = common(stamp, view.link) | {
        **words.state_of(view.reason, number=view.reminder, one_thread=house.one_thread),
        "drill": view.drill,
        "call": words.CALL[view.severity],
        "tone": _TONES[view.severity],
        "ref": view.ref,
        "short": category.short,
        "network": name,
        "headline": words.happened(view.kind, view.network, view.category, view.target),
        "updated": view.reason is Reason.UPDATED,
        "first_told": first_told,
        "your_role": words.role_words(stamp.role, house.jurisdiction),
        "steps": steps_of(view, stamp),
        "button": f"Open case {view.ref}",
        "also_told": f"Also told: {words.listed(told)}." if told else "Nobody else was told.",
        "otherwise": _otherwise(view, stamp, time),
        "facts": [
            ("Where", f"{name} {place}: {safe.shown(view.account, 80)}"),
            ("Posted", time.named(view.posted_at) if view.posted_at else "the network does not say"),
            ("Seen", time.named(view.seen_at)),
            ("By", words.author_words(view.author_state, view.author_role)),
            ("Kind", category.name),
            *([("Why", safe.shown(view.why, 200))] if view.why else []),
            *([("Policy", safe.shown(view.policy, 80))] if view.policy else []),
            ("Reference", view.ref),
        ],
        "extract_name": extract[0] if extract[1] else "",
        "extract": extract[1],
        "reply": reply_values(view.by_reply, stamp),
        "next_steps": house.doors.next_steps(view.category),
    }
    if view.by_reply is not None:
        stamp = replace(stamp, reply_to=view.by_reply.address)
    return assembled(rendered(_TEMPLATES[view.reason], values), stamp, view.link)


def compose_group(view: GroupView, stamp: Stamp) -> bytes:
    """Several cases in one mail: those that can wait, or so many at once that they cannot each have their own."""
    time = words.LocalTime(stamp.house.zone)
    number = len(view.rows) + sum(len(crowd.refs) for crowd in view.crowds)
    calm = view.severity <= Severity.MEDIUM
    headline = "These can wait for a quiet moment." if number > 1 else "This can wait for a quiet moment."
    rows = [
        (
            f"DRILL · {row.ref}" if row.drill else row.ref,
            words.happened(row.kind, row.network, row.category, row.target),
            f"Seen {time.near(row.seen_at, stamp.date)}. {_group_truth(row)}",
        )
        for row in view.rows
    ]
    rows += [words.crowd_words(crowd.account, crowd.refs, in_thread=crowd.in_thread) for crowd in view.crowds]
    values = common(stamp, view.link) | {
        **words.state_of(Reason.FIRST if view.news else Reason.UPDATED, one_thread=stamp.house.one_thread),
        "call": words.CALL[view.severity],
        "tone": _TONES[view.severity],
        "drill": not view.crowds and all(row.drill for row in view.rows),
        "count": words.counted(number, "case"),
        "headline": headline if calm else "So much came at once that it is in one mail. The worst is first.",
        "often": "These come at most once an hour."
        if calm
        else "These come at most every quarter of an hour.",
        "rows": rows,
        "button": f"Open {words.counted(number, 'case')}" if number > 1 else f"Open case {view.rows[0].ref}",
    }
    return assembled(rendered("group", values), stamp, view.link)


def compose_code(view: CodeView, stamp: Stamp) -> bytes:
    """The sign-in code, in the body only: a lock screen shows subjects."""
    time = words.LocalTime(stamp.house.zone)
    minutes = max(round((view.until - view.asked_at).total_seconds() / 60), 1)
    values = common(stamp, None) | {
        "tone": "calm",
        "code": f"{view.code[:4]} {view.code[4:]}",
        "asked": time.near(view.asked_at, stamp.date),
        "until": time.near(view.until, stamp.date),
        "minutes": words.counted(minutes, "minute"),
        "your_role": words.role_words(stamp.role, stamp.house.jurisdiction),
    }
    return assembled(rendered("code", values), stamp, None)


def compose_claim(view: ClaimView, stamp: Stamp) -> bytes:
    """The question to a family whether an account is theirs, with the link to the answer."""
    time = words.LocalTime(stamp.house.zone)
    values = common(stamp, view.link) | {
        "tone": "calm",
        "network": words.network_words(view.network)[0],
        "asked": time.full(view.asked_at),
        "until": time.full(view.until),
    }
    return assembled(rendered("claim", values), stamp, view.link)


def compose_operations(view: OperationsView, stamp: Stamp) -> bytes:
    """What is wrong with the service and how to mend it."""
    time = words.LocalTime(stamp.house.zone)
    name = words.network_words(view.network)[0] if view.network else ""
    over = view.until is not None
    values = common(stamp, None) | {
        "tone": "calm" if over else "high",
        "over": over,
        "what": " ".join(
            filter(None, (name, _OVER.get(view.trouble, "well again") if over else _TROUBLES[view.trouble]))
        ),
        "gap": view.trouble is Trouble.NOT_WATCHED and not over,
        "network": name,
        "says": _sentence(safe.without_secrets(safe.shown(view.says, 400))),
        "more": view.more,
        "late": view.late is not None,
        "facts": [
            *([("Account", safe.shown(view.account, 80))] if view.account else []),
            ("Since" if view.late is None else "Not read", time.full(view.since)),
            *([("Until", time.full(view.until))] if view.until else []),
            *([] if view.late is None else [("Read late", _late(view.late))]),
        ],
        "cure": [safe.without_secrets(safe.bare_hosts(safe.clean(step, 300))) for step in view.cure],
    }
    return assembled(rendered("operations", values), stamp, None)


def compose_test(view: TestView, stamp: Stamp) -> bytes:
    """A mail that shows that mail works."""
    values = common(stamp, None) | {
        "tone": "calm",
        "asked": words.LocalTime(stamp.house.zone).full(view.asked_at),
        "accounts": [safe.shown(account, 80) for account in view.accounts],
        "your_role": words.role_words(stamp.role, stamp.house.jurisdiction),
    }
    return assembled(rendered("test", values), stamp, None)


def _late(number: int) -> str:
    if not number:
        return "nothing was said meanwhile that can still be read"
    return words.counted(number, "comment, mention or post", "comments, mentions and posts")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def _otherwise(view: AlertView, stamp: Stamp, time: words.LocalTime) -> str:
    if view.escalates_at is None or view.escalates_to is None:
        return "The case stays open until somebody decides."
    who = words.role_words(view.escalates_to, stamp.house.jurisdiction)
    return f"If nobody answers by {time.near(view.escalates_at, stamp.date)}, it goes to {who}."


def _quoted(view: AlertView, detail: Detail) -> tuple[str, str]:
    """(what it is called, the words of the item that this reader's mail shows); two empty texts for none.

    What identifies a child is never shown whole, and nothing at all is shown where any finding may not be quoted.
    """
    found = {words.family(category) for category in view.found}
    if detail is Detail.MINIMAL or words.family(view.category) in words.NEVER_QUOTED:
        return "", ""
    if found & (words.NEVER_QUOTED - {"identifying"}):
        return "", ""
    if detail is Detail.FULL and "identifying" not in found and not view.hidden_spans:
        return "The text, with names masked", safe.masked_whole(view.text)
    return "A masked extract", safe.masked(view.text, view.spans, view.hidden_spans)


def _group_truth(row: GroupRow) -> str:
    copied = "Copied" if row.copied else "Not copied yet"
    done = {
        Done.HIDDEN: "hidden, its author still sees it",
        Done.DELETED: "deleted",
        Done.GONE: "already gone",
        Done.ASKED: "a person was asked to remove it",
    }
    return f"{copied}; {done.get(row.removal.done, 'still public') if row.removal.done else 'still public'}."
