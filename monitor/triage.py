"""From findings to one verdict: how grave, of what kind, and who is told. Pure, and a table: `categories.toml`.

It decides nothing that touches a network and knows no person: roles only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from monitor.domain import Finding, ItemKind, Role, Severity, Verdict

TABLE = "categories.toml"
# A remark in these is graver when a child of the school is named beside it (Stoke Poges, "zero tolerance").
_AT_A_PERSON = ("bullying", "insult", "discrimination", "sexual", "self_harm_encouragement")
_NAMES_A_CHILD = frozenset({"name.full", "name.near", "name.part"})
_LEADS_TO_A_CHILD = ("identifying.contact", "identifying.address", "identifying.whereabouts")
# Of two findings equally grave the one that is listed first leads: a child's safety before a school's name.
_LEADS = (
    "child_at_risk", "grooming", "threat", "self_harm_encouragement", "extremism", "sexual", "discrimination",
    "staff_allegation", "bullying", "identifying", "insult",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Category:
    """One row of the table. `title` is for mails and pages: it never says that something is so, only that it may be."""

    name: str
    title: str
    severity: Severity
    roles: tuple[Role, ...]
    pupil_roles: tuple[Role, ...] = ()
    may_hide: bool = True
    copies_media: bool = True


def _load(text: str) -> Mapping[str, Category]:
    return {
        name: Category(
            name=name,
            title=row["title"],
            severity=Severity.named(row["severity"]),
            roles=tuple(Role(role) for role in row["roles"]),
            pupil_roles=tuple(Role(role) for role in row.get("pupil_roles", ())),
            may_hide=row.get("hide", True),
            copies_media=row.get("media", True),
        )
        for name, row in tomllib.loads(text)["category"].items()
    }


CATEGORIES: Mapping[str, Category] = _load(resources.files("monitor").joinpath(TABLE).read_text("utf-8"))


def default_severity(category: str) -> Severity:
    """Of the category by itself; a finding may say otherwise. KeyError: no such category."""
    return CATEGORIES[category].severity


def category_title(category: str) -> str:
    """How a mail and the page call it, in small letters: "possible threat". Never a word of judgement."""
    return CATEGORIES[category].title


def may_hide(category: str) -> bool:
    """False for a complaint and for the press: criticism is never offered for hiding."""
    return CATEGORIES[category].may_hide


def copies_media(category: str) -> bool:
    """False where a picture must not be copied (UKCIS, sharing nudes: do not view, copy or share)."""
    return CATEGORIES[category].copies_media


def routing(category: str, *, pupil: bool = False) -> tuple[Role, ...]:
    """Who is told, the first foremost. `pupil`: a child of the school is the target, so the safeguarding lead is too."""
    row = CATEGORIES[category]
    extra = row.pupil_roles if pupil else ()
    return row.roles + tuple(role for role in extra if role not in row.roles)


def recipients(findings: Sequence[Finding], *, about_headteacher: bool = False) -> tuple[Role, ...]:
    """Everybody whom the findings concern, those of the gravest first, each once.

    An allegation about the headteacher goes to the chair of governors and not to the headteacher (Milverton 9.1 with
    KCSIE part four). Findings of low severity wait for the digest and bring nobody in beside graver ones.
    """
    worst = max((finding.severity for finding in findings), default=None)
    pupil = names_a_child(findings)
    roles: list[Role] = []
    for finding in sorted(findings, key=lambda one: (-one.severity, _rank(one.category))):
        if worst is not None and worst > Severity.LOW and finding.severity == Severity.LOW:
            continue
        for role in routing(finding.category, pupil=pupil):
            told = Role.CHAIR if about_headteacher and role is Role.HEADTEACHER else role
            if told not in roles:
                roles.append(told)
    return tuple(roles)


def names_a_child(findings: Sequence[Finding]) -> bool:
    """Whether a name from the school's register stands in the same text."""
    return any(finding.detector in _NAMES_A_CHILD for finding in findings)


def triage(
    findings: Sequence[Finding], *, kind: ItemKind = ItemKind.COMMENT, earlier_findings: int = 0
) -> Verdict:
    """The verdict on one item: the worst severity, the category that leads, and every finding.

    One step up when a remark about a person, or how to find or reach one, stands beside a child's name, or when what is
    medium or worse comes from an author who has had such findings in the last 7 days already (`earlier_findings`). The school's own post is never abuse of
    the school: only what identifies a child counts there.
    """
    counted = [finding for finding in findings if kind is not ItemKind.POST or _counts_in_own_post(finding)]
    if not counted:
        return Verdict(None, None, ())
    leading = min(counted, key=lambda one: (-one.severity, _rank(one.category), one.span))
    severity = leading.severity
    at_a_person = any(finding.category.split(".")[0] in _AT_A_PERSON for finding in counted)
    reaches = any(one.category in _LEADS_TO_A_CHILD and one.severity >= Severity.HIGH for one in counted)
    graver = ((at_a_person or reaches) and names_a_child(counted)) or (
        earlier_findings > 0 and severity >= Severity.MEDIUM
    )
    if graver:
        severity = Severity(min(Severity.CRITICAL, severity + 1))
    return Verdict(severity, leading.category, tuple(sorted(counted, key=lambda one: one.span)))


def _rank(category: str) -> int:
    family = category.split(".", maxsplit=1)[0]
    return _LEADS.index(family) if family in _LEADS else len(_LEADS)


def _counts_in_own_post(finding: Finding) -> bool:
    return finding.category.startswith("identifying.") and finding.category != "identifying.contact"
