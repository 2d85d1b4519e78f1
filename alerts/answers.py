"""Ready words for whoever answers: neutral, without a name, a judgement or a detail. Pure. Schoolgate sends none of them.

Fair criticism and the press are answered, never hidden. Where an answer would feed a quarrel, there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from alerts.words import family


class Answer(NamedTuple):
    """One text to copy, and where it is meant for."""

    place: str
    text: str


_PROCEDURE = "{procedure}"
_READY: Mapping[str, tuple[Answer, ...]] = {
    "complaint": (
        Answer(
            "In public",
            "Thank you for telling us. We would like to look into this properly, and a comment is not the place to do it "
            "well. Please contact the school office or use our complaints procedure{procedure}, and we will answer you "
            "directly.",
        ),
        Answer(
            "To the family, in private",
            "Thank you for raising this. We are sorry that you had reason to. We have read what you wrote and would like to "
            "understand it: please tell us when you could speak with us, by telephone or at school. If you would rather make "
            "a formal complaint, our complaints procedure{procedure} says how, and how soon you will have an answer.",
        ),
    ),
    "press": (
        Answer(
            "In public",
            "Thank you for your question. Please send it to the school office, who will pass it to the right person.",
        ),
        Answer(
            "A first line to the reporter",
            "Thank you for getting in touch. Please send us your questions and your deadline in writing. The school does not "
            "comment on individual pupils, families or members of staff.",
        ),
    ),
    "false_information": (
        Answer(
            "In public",
            "This did not come from the school. What is true is on our website and on this page; if in doubt, please ring "
            "the school office.",
        ),
    ),
    "impersonation": (
        Answer(
            "To all parents",
            "There is an account that looks like ours and is not. Our only accounts are named on the school's website. Please "
            "do not answer the other one or send it anything; we have reported it.",
        ),
    ),
    "identifying": (
        Answer(
            "To whoever posted it, in private",
            "Thank you for following the school. To keep children safe we do not name them here or say where they are. We "
            "have taken your comment out of view; you are welcome to post it again without that.",
        ),
    ),
    "insult": (
        Answer(
            "To whoever posted it, in private",
            "We have taken your comment out of view because of the way it was put. If something has upset you, we would like "
            "to hear about it: please contact the school office or use our complaints procedure{procedure}.",
        ),
    ),
}


def ready(category: str, complaints: str = "") -> tuple[Answer, ...]:
    """The texts for a category, the first foremost; none where nobody should answer. `complaints`: the address of the
    school's complaints procedure, or nothing."""
    where = f" ({complaints})" if complaints else ""
    return tuple(
        answer._replace(text=answer.text.replace(_PROCEDURE, where))
        for answer in _READY.get(family(category), ())
    )
