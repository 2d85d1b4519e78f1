"""How a drill is told from what a network returned: by its id, which no network gives; and what its item says. Pure."""

from __future__ import annotations

from collections.abc import Mapping

PREFIX = "schoolgate-drill-"
NOTHING_DONE = "this is a drill: nothing was done on the network"

# Invented words, nobody's name in them; each is found by a rule of its category, without the model (a test holds that).
TEXTS: Mapping[str, str] = {
    "threat": "I am going to stab somebody at the school gate tomorrow",
    "child_at_risk": "my dad hits me every night and I am scared to go home",
    "grooming": "Add me on snap and keep it our little secret, do not tell your mum",
    "self_harm_encouragement": "Just kill yourself, nobody would miss you",
    "bullying": "that girl in year 6 is an ugly freak, nobody likes her",
    "discrimination.race": "Go back to your own country, we do not want your sort here",
    "insult": "You are a useless bunch of idiots",
}


def is_drill(external_id: str) -> bool:
    """Whether an item, or the case of it, is a drill's."""
    return external_id.lower().startswith(PREFIX)  # as SQLite's LIKE does, by which lists leave drills out
