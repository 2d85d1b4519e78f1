"""What the office is told of a follower, in our words: what is known of it and what to do. Pure; nothing of a network.

Neither a follower's name nor its description is ever shown to the office: both are what a stranger wrote.
"""

from __future__ import annotations

from monitor import claims, following
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
# known once, and by now not any more: shown apart, until somebody decides or proves
AGAIN = (claims.LEFT_RECORDS, claims.RENAMED, following.RENAMED)
_LEAD, _MAILED, _NO_MAIL = "safeguarding lead", "not confirmed yet", "takes no mail"
_ASK_THE_LEAD = "Ask the safeguarding lead before you do anything."
_NOTHING = {
    VerificationState.NEW: "It is being looked up: nothing to do yet.",
    VerificationState.ORGANISATION: "It is on the list in the configuration: nothing to do.",
    VerificationState.VERIFIED: "Nothing to do.",
}
LETTER = "Give the family the letter: it says where to claim the account."
_TODO = {
    claims.LEFT_RECORDS: "Whose e-mail address it was has left the records. If they have left the school, turn the account"
    " away. If not, put the address back and import the records: the account is then verified again by itself.",
    claims.RENAMED: f"It is verified no longer until it is claimed again under its new handle. {LETTER}",
    following.RENAMED: "See whether it is still the same organisation: approve it under its new handle, or turn it away.",
    claims.OFF_RECORDS: "One wrong letter is enough. Ask the family to claim it again with the address on the records, or to"
    " have the records changed.",
}
_WHOSE = {
    "parent": "a parent’s",
    "staff": "a member of staff’s",
    "governor": "a governor’s",
    "pupil": "a pupil’s",
}
_OF_A_PUPIL = (
    "It may be a pupil’s account; the networks ask for at least 13 years. A name proves nothing: speak with the family and"
    " the e-safety coordinator before you decide."
)
_OF_A_GROWN_UP = (
    "A name proves nothing, and nobody is verified by it: ask {} to claim the account; the letter says where."
)


def possible(role: str) -> str:
    """What is said of a name that resembles one on the records; "" for no role."""
    return (
        f"possible: the name resembles one on the records, {_WHOSE.get(role, 'somebody’s')}" if role else ""
    )


def todo(
    state: VerificationState, reason: str, *, on_record: bool, invitable: bool, possible: str = ""
) -> str:
    """What to do about one follower. `on_record`: the register holds this handle; `invitable`: and an e-mail with it;
    `possible`: the role of somebody whose name the account's resembles."""
    known_words = {
        _LEAD: _ASK_THE_LEAD,
        _NO_MAIL: "Ask the family for an e-mail address that works, and change it on the records.",
        _MAILED: "Nothing to do today: a mail asks the family.",
    }
    by_name = ""
    if possible:
        by_name = _OF_A_GROWN_UP.format("the family" if possible == "parent" else "them")
    known = (
        *(says for words, says in known_words.items() if words in reason),
        _NOTHING.get(state),
        _OF_A_PUPIL if possible == "pupil" else None,
        _TODO.get(reason),
        by_name,
    )
    if says := next(filter(None, known), None):
        return says
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
