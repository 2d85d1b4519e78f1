"""What the office is told of a follower, in our words: what is known of it and what to do. Pure; nothing of a network.

Neither a follower's name nor its description is ever shown to the office: both are what a stranger wrote.
"""

from __future__ import annotations

from monitor.domain import Role, VerificationState

FOLLOWER_ROLES = frozenset({Role.OFFICE, Role.ESAFETY, Role.DSL, Role.HEADTEACHER, Role.DEPUTY})
WAITING = (VerificationState.NEW, VerificationState.UNVERIFIED, VerificationState.CLAIMED)
STATES = {
    VerificationState.VERIFIED: "Verified",
    VerificationState.CLAIMED: "Claimed, not proven yet",
    VerificationState.UNVERIFIED: "Not verified",
    VerificationState.ORGANISATION: "Organisations",
    VerificationState.REJECTED: "Turned away",
    VerificationState.LEFT: "No longer follow",
    VerificationState.NEW: "Being looked up",
}
TITLES = {
    "organisation": "Approve as organisations",
    "reject": "Turn away",
    "invite": "Send an invitation to claim",
    "undo": "Take the decision back",
}
NOTICES = {
    "organisation": "They are approved as organisations.",
    "reject": "They are turned away.",
    "invite": "The invitations are on their way.",
    "undo": "The decision is taken back; they are being looked up again.",
    "nobody": "Nobody was chosen whom that can be done to. Tick at least one first.",
}
_LEAD, _MAILED, _NO_MAIL = "safeguarding lead", "not confirmed yet", "takes no mail"
_ASK_THE_LEAD = "Ask the safeguarding lead before you do anything."
_NOTHING = {
    VerificationState.NEW: "It is being looked up: nothing to do yet.",
    VerificationState.ORGANISATION: "It is on the list in the configuration: nothing to do.",
    VerificationState.VERIFIED: "Nothing to do.",
}
LETTER = "Give the family the letter: it says where to claim the account."


def todo(state: VerificationState, reason: str, *, on_record: bool, invitable: bool) -> str:
    """What to do about one follower. `on_record`: the register holds this handle; `invitable`: and an e-mail with it."""
    known_words = {
        _LEAD: _ASK_THE_LEAD,
        _NO_MAIL: "Ask the family for an e-mail address that works, and change it on the records.",
        _MAILED: "Nothing to do today: a mail asks the family.",
    }
    if said := next((says for words, says in known_words.items() if words in reason), None):
        return said
    if state in _NOTHING:
        return _NOTHING[state]
    if invitable:
        return "The records have an e-mail address for the person whose handle this is: send an invitation, or give them the letter."
    if state is VerificationState.CLAIMED or on_record:
        return f"The records have this handle, and no e-mail address with it. {LETTER}"
    return f"A known organisation: approve it. Perhaps a family’s: {LETTER[:1].lower()}{LETTER[1:]} Anything else: turn it away."


def by_letter(reason: str) -> str:
    """What to do about a follower who cannot be invited by mail; never a letter to somebody under a restriction."""
    if _LEAD in reason:
        return _ASK_THE_LEAD
    return "The office has no e-mail address for the person whose handle this is: the letter is the way."
