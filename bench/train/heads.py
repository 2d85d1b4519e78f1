"""What the model answers: one yes-or-no head for each category of `monitor/categories.toml` that a text alone can tell.

`discrimination` is the head of all eight characteristics together: most public data tell no more than that.
"""

from __future__ import annotations

CHARACTERISTICS = (
    "sex", "gender_reassignment", "race", "disability", "sexual_orientation", "religion_or_belief", "age",
    "pregnancy_maternity",
)  # fmt: skip
DISCRIMINATION = "discrimination"
OF_CHARACTERISTICS = tuple(f"{DISCRIMINATION}.{one}" for one in CHARACTERISTICS)

HEADS = (
    DISCRIMINATION,
    *OF_CHARACTERISTICS,
    "threat",
    "grooming",
    "child_at_risk",
    "self_harm_encouragement",
    "extremism",
    "bullying",
    "sexual",
    "staff_allegation",
    "insult",
    "false_information",
    "drugs_weapons",
    "profanity",
    "spam",
    "complaint",
    "press",
    "identifying.whereabouts",
    "identifying.health_family",
)

# A line that is abusive in one way is often abusive in these too; whether it is, its author need not decide.
OFTEN_TOO = frozenset({"insult", "bullying", "profanity"})
HARMLESS = frozenset({"spam", "complaint", "press", "profanity"})
