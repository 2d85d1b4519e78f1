"""What X charges for reading, in the unit that Schoolgate counts: one owned read.

Source: docs.x.com/x-api/getting-started/pricing, read in November 2026 ("Charged per resource returned in the response").
"Owned Reads" are one's own posts, mentions and followers, asked for by an app that the same account owns; any other
app pays the full price of each. Nothing says what an author costs who is sent along with a post: it is not counted.
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum

UNIT = Decimal("0.001")  # US dollars, an owned read


class Price(Enum):
    """A price class: `own` units where the account owns the app, `full` where it does not."""

    FOLLOWER = (1, 10)  # Following/Followers: Read, 0.010 dollars
    POST = (1, 5)  # own posts and mentions; Posts: Read, 0.005 dollars
    FOUND = (5, 5)  # a post that a search found is no owned read
    PROFILE = (10, 10)  # User: Read, 0.010 dollars; /users/:id is not among the owned ones

    def units(self, resources: int, *, owned: bool) -> int:
        """What `resources` of this class come to."""
        own, full = self.value
        return resources * (own if owned else full)
