"""Every target, in the order of the table."""

from __future__ import annotations

from bench.fuzz import mails, networks, office, pages, stamps, words

TARGETS = {
    one.name: one
    for one in (
        *networks.TARGETS,
        *words.TARGETS,
        *office.TARGETS,
        *mails.TARGETS,
        *pages.TARGETS,
        *stamps.TARGETS,
    )
}
EVERY = sum(one.share for one in TARGETS.values())  # cases of one round through all of them
