"""What a reviewer may choose for one case, and what a choice needs. Pure: the page shows it and the POST is held to it.

Fair criticism and press questions are never offered for hiding, deletion or reporting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from alerts.known_link import known_link
from monitor.domain import ActionKind, Capability, CaseState, Choice, Done, Item, Means

ACTIONS: Mapping[Choice, ActionKind] = {
    Choice.REMOVE: ActionKind.HIDE,
    Choice.DELETE: ActionKind.DELETE,
    Choice.RESTORE: ActionKind.UNHIDE,
    Choice.REPORT: ActionKind.REPORT,
    Choice.REPORTED: ActionKind.REPORT,
}
REMOVALS = frozenset({Choice.REMOVE, Choice.DELETE})
_MEANWHILE = frozenset(
    {Choice.UNDO, Choice.ACKNOWLEDGE, Choice.REPORTED, Choice.TOLD, Choice.ASK_DSL, Choice.CLOSE}
)
_AWAY = frozenset({Done.DELETED, Done.GONE})

HOSTS: Mapping[str, frozenset[str]] = {
    "x": frozenset({"x.com", "twitter.com"}),
    "facebook": frozenset({"facebook.com"}),
    "instagram": frozenset({"instagram.com"}),
    "youtube": frozenset({"youtube.com"}),
    "threads": frozenset({"threads.net", "threads.com"}),
    "bluesky": frozenset({"bsky.app"}),
    "linkedin": frozenset({"linkedin.com"}),
    "tiktok": frozenset({"tiktok.com"}),
    "flickr": frozenset({"flickr.com"}),
    "pinterest": frozenset({"pinterest.com", "pinterest.co.uk"}),
    "wikipedia": frozenset({"wikipedia.org"}),
}

DISMISSALS: Mapping[str, str] = {
    "harmless": "Harmless, or a joke",
    "criticism": "Fair criticism",
    "not_us": "Not about our school",
    "mistaken": "Schoolgate misread it",
    "other": "Another reason",
}
OUTCOMES: Mapping[str, str] = {
    "in_school": "Dealt with in school",
    "family": "Spoken with the family",
    "procedure": "Passed to another procedure",
    "file": "Transferred to the child-protection file",
    "police": "With the police",
    "authority": "With the local authority or LADO",
    "ceop": "With CEOP",
    "network": "Left to the network",
    "no_action": "No further action",
}
NOT_A_PROBLEM = "not a problem"


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that may be chosen. `by_hand`: a person does it, with `steps` at `link` (empty when there is none)."""

    choice: Choice
    by_hand: bool = False
    note: str = ""
    link: str = ""
    host: str = ""
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undo:
    """A removal that may still be taken back: what was asked, and until when. `sent`: the network may have had it."""

    choice: Choice
    until: datetime
    sent: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """What is true of a case now; `waiting`: a decision that the network has not answered yet. `unhidable`: the network
    was asked to hide it and would not."""

    network: str
    category: str
    state: CaseState
    standing: Done
    item: Item | None  # None: pruned, or it does not open
    copied: bool
    waiting: bool
    reported: bool
    undo: Undo | None = None
    unhidable: bool = False


def offers(
    now: Situation, capabilities: Mapping[ActionKind, Capability], may_hide: Callable[[str], bool]
) -> Mapping[Choice, Offer]:
    """Everything that may be chosen now, in the order in which it is shown."""
    found = [_network_offer(now, choice, capabilities) for choice in _wanted(now, capabilities, may_hide)]
    if now.undo is not None:
        found.insert(0, Offer(Choice.UNDO))
    if now.state is CaseState.OPEN:
        found.append(Offer(Choice.ACKNOWLEDGE))
    if now.state is not CaseState.CLOSED:
        found += [Offer(Choice.TOLD), Offer(Choice.DISMISS), Offer(Choice.CLOSE)]
    if now.waiting:  # one thing at a time is asked of a network; what is done by a person need not wait
        found = [offer for offer in found if offer and offer.choice in _MEANWHILE]
    return {offer.choice: offer for offer in found if offer is not None}


def _wanted(
    now: Situation, capabilities: Mapping[ActionKind, Capability], may_hide: Callable[[str], bool]
) -> list[Choice]:
    """What a reviewer could want done on the network, whether or not it can do it. Hide comes before delete: only what
    cannot be hidden may be deleted while it is public."""
    if now.item is None:
        return []
    if now.standing is Done.HIDDEN:
        wanted = [Choice.RESTORE, Choice.DELETE, Choice.REPORT]
    elif now.standing in _AWAY:
        wanted = [Choice.REPORT]
    elif now.standing is Done.ASKED or not can_hide(now, capabilities):
        wanted = [Choice.REMOVE, Choice.DELETE, Choice.REPORT]
    else:
        wanted = [Choice.REMOVE, Choice.REPORT]
    return [
        choice
        for choice in wanted
        if (may_hide(now.category) or choice is Choice.RESTORE)
        and (now.copied or choice not in REMOVALS)
        and not (now.reported and choice is Choice.REPORT)
    ]


def can_hide(now: Situation, capabilities: Mapping[ActionKind, Capability]) -> bool:
    """Whether the network lets this item be hidden, by its API or by a person, as far as is known."""
    able = capabilities.get(ActionKind.HIDE)
    refused = now.unhidable or (now.item is not None and ActionKind.HIDE in now.item.refused)
    return able is not None and able.means is not Means.NONE and not refused


def limits(
    now: Situation, capabilities: Mapping[ActionKind, Capability], may_hide: Callable[[str], bool]
) -> list[str]:
    """Why a button is not there: what the network lets nobody do, or not to this item."""
    if now.item is None or now.waiting or now.standing in _AWAY or not may_hide(now.category):
        return []
    says = []
    for action in (ActionKind.HIDE, ActionKind.DELETE):
        able = capabilities.get(action)
        if action in now.item.refused:
            says.append(f"The network does not let the school {action.value} this one.")
        elif able is not None and able.means is Means.NONE and able.note:
            says.append(able.note)
    deletable = capabilities.get(ActionKind.DELETE)
    if deletable is None or deletable.means is Means.NONE or ActionKind.DELETE in now.item.refused:
        return says
    if not can_hide(now, capabilities):
        says.append("It cannot be hidden here, only deleted; until then it stays public.")
    elif now.standing is Done.VISIBLE:
        says.append("Hide it first: it can be deleted once it is hidden.")
    return says


def _network_offer(
    now: Situation, choice: Choice, capabilities: Mapping[ActionKind, Capability]
) -> Offer | None:
    action = ACTIONS[choice]
    able = capabilities.get(action)
    assert now.item is not None
    if able is None or able.means is Means.NONE or action in now.item.refused:
        return None
    if able.means is Means.BY_API:
        return Offer(choice, note=able.note)
    link, host, steps = guided(now.network, able, now.item)
    by_hand = Choice.REPORTED if choice is Choice.REPORT else choice
    return Offer(by_hand, by_hand=True, note=able.note, link=link, host=host, steps=steps)


def by_hand_only(
    now: Situation, capabilities: Mapping[ActionKind, Capability]
) -> list[tuple[ActionKind, Offer]]:
    """What a person can do against the account on the network itself; Schoolgate records nothing of it."""
    found = []
    for action in (ActionKind.BLOCK, ActionKind.REMOVE_FOLLOWER):
        able = capabilities.get(action)
        if able is not None and able.means is Means.GUIDED and now.item is not None:
            link, host, steps = guided(now.network, able, now.item)
            found.append(
                (
                    action,
                    Offer(Choice.REPORTED, by_hand=True, note=able.note, link=link, host=host, steps=steps),
                )
            )
    return found


def guided(network: str, able: Capability, item: Item) -> tuple[str, str, tuple[str, ...]]:
    """(link, its host, steps). The link is left out when it leads anywhere but to the network."""
    if able.guide is None:
        return "", "", ()
    filled = able.guide.filled(item)
    ours = urlsplit(able.guide.link).hostname if "{url}" not in able.guide.link else None
    link = known_link(filled.link, HOSTS.get(network, frozenset()) | ({ours} if ours else frozenset()))
    return link, (urlsplit(link).hostname or ""), filled.steps
