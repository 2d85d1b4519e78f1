"""What is to become of everybody in the invented term, by fate: the follower's row, and what is kept of its claims."""

from __future__ import annotations

from tests.term.looking import End

VERIFIED = End("verified", "confirmed from an e-mail address on the register")
UNKNOWN = End("unverified", "not on the register")
WRONG = End("unverified", "claimed with an e-mail address that is not on the register")
MAILED = End("claimed", "claimed with an e-mail address on the register; not confirmed yet")
HELD_BACK = End("unverified", "a claim to it was held back; ask the safeguarding lead")
ASK_THE_LEAD = End("unverified", "cannot be verified by machine; ask the safeguarding lead")
APPROVED = End("organisation", "approved by the school as an organisation")
AWAY = End("rejected", "turned away by the school")
LEFT = End("left", "no longer follows")
ENDS = {
    "proven": VERIFIED,
    "proven before": VERIFIED,
    "replayed": VERIFIED,
    "signed in": VERIFIED,
    "signed in before": VERIFIED,
    "wrote": VERIFIED,
    "wrong, then right": VERIFIED,
    "two parents, one address": VERIFIED,
    "one parent, two handles": VERIFIED,
    "renamed, proven again": VERIFIED,
    "took a handle, proven": VERIFIED,
    "verified and back": VERIFIED,
    "typed and invited": VERIFIED,
    "asked": MAILED,
    "asked five times": MAILED,
    "typed": End("claimed", "on the register; not proven yet"),
    "renamed": End("claimed", "changed its handle after it was verified; not proven again yet"),
    "too late": UNKNOWN,
    "denied": End("unverified", "whose reader says that it is not theirs"),
    "no such mailbox": End("unverified", "takes no mail; ask the family for the right one"),
    "wrong address": WRONG,
    "not on the register": WRONG,
    "not on the register, long ago": UNKNOWN,
    "signed in as a stranger": WRONG,
    "wrote as a stranger": WRONG,
    "forged": UNKNOWN,
    "signed in without an address": UNKNOWN,
    "signed in at Facebook": UNKNOWN,
    "a stranger at Facebook": UNKNOWN,
    "took a handle": UNKNOWN,
    "took a handle and claimed": WRONG,
    "restricted": HELD_BACK,
    "restricted, signed in": HELD_BACK,
    "restricted handle": ASK_THE_LEAD,
    "restricted later": ASK_THE_LEAD,
    "left the register": End("unverified", "verified with an e-mail that is no longer on the register"),
    "left": LEFT,
    "left without a word": UNKNOWN,  # after the last comparison with the network
    "unknown and back": UNKNOWN,
    "back after weeks": UNKNOWN,  # the proof was kept for a month
    "listed organisation": End("organisation", "the parish church"),
    "approved": APPROVED,
    "to be reviewed": APPROVED,
    "approved and renamed": End("unverified", "has changed its handle since; look at it again"),
    "blocked": LEFT._replace(shown=("blocked",)),
    "said to be blocked": AWAY._replace(shown=("follows",)),
    "removed": LEFT._replace(shown=("gone",)),
    "removed and back": AWAY._replace(shown=("gone", "follows")),
    "said to be removed": AWAY._replace(shown=("follows",)),
    "rejected": AWAY,
    "rejection taken back": UNKNOWN,
    "look-alike": UNKNOWN,
    "child": UNKNOWN,
    "stranger": UNKNOWN,
    "bot": UNKNOWN,
    "bot and gone": LEFT,
    "bot turned away": AWAY,
    "bot turned away and gone": LEFT._replace(shown=("gone",)),
}
PROVEN = {("page", "confirmed"): 1}
CLAIMS = {  # of one account: what is kept of its claims at the end, by way and standing
    **{fate: PROVEN for fate, end in ENDS.items() if end is VERIFIED},
    "left the register": PROVEN,
    "restricted later": PROVEN,
    "signed in": {("x", "confirmed"): 1},
    "signed in before": {("x", "confirmed"): 1},
    "asked": {("page", "mailed"): 1},
    "asked five times": {("page", "mailed"): 3, ("page", "too_many"): 2},
    "too late": {("page", "expired"): 1},
    "denied": {("page", "denied"): 1},
    "no such mailbox": {("page", "undelivered"): 1},
    "wrong address": {("page", "unmatched"): 1},
    "not on the register": {("page", "unmatched"): 1},
    "took a handle and claimed": {("page", "unmatched"): 1},
    "signed in as a stranger": {("x", "unmatched"): 1},
    "wrote": {("mail", "confirmed"): 1},
    "wrote as a stranger": {("mail", "unmatched"): 1},
    "restricted": {("page", "restricted"): 1},
    "restricted, signed in": {("x", "restricted"): 1},
}
