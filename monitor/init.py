"""What `schoolgate init` asks, and the files it writes: a configuration that loads, its secrets, the master key.

Asks nobody itself: whoever has a terminal puts the QUESTIONS. Must never overwrite a file, and never write a secret
that anybody but its owner can read.
"""

from __future__ import annotations

import base64
import json
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from monitor.config import AccountCheck, load
from monitor.config_names import address, domain, domain_of
from monitor.config_problems import check
from monitor.config_secrets import KEY_BYTES
from monitor.config_values import line
from monitor.errors import ConfigError
from monitor.private_files import fill, opened
from monitor.settings import Page, School
from monitor.settings_mail import Mail, Person

Answers = Mapping[str, str]
SECRETS = "secrets"  # a folder beside the configuration
MASTER_KEY = f"{SECRETS}/master.key"
X, FACEBOOK = "x-main", "facebook-page"


def _always(_: Answers) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Question:
    """`key` names the answer, `text` is what a person reads, `default` what an empty line stands for. An `optional`
    question may be left empty. `asked` tells from the answers so far whether it is put at all."""

    key: str
    text: str
    model: type[BaseModel] | None = None
    default: str = ""
    optional: bool = False
    secret: bool = False
    asked: Callable[[Answers], bool] = _always

    def check(self, text: str, answers: Answers) -> str:
        """The answer as it is kept. ValueError with what is wrong and the cure; it never quotes the text."""
        answer = text.strip() or self.default
        if not answer:
            if self.optional:
                return ""
            raise ValueError("is empty; an answer is needed here")
        answer = line(answer)
        table, _, name = self.key.rpartition(".")
        for problem in check(self.model, {name: _value(self.key, answer)}, table) if self.model else ():
            path, _, wrong = problem.partition(": ")
            if path.partition("[")[0] == self.key:
                raise ValueError(wrong)
        if self.model is Person and name == "email" and domain_of(address(answer)) != domain(answers[DOMAIN]):
            raise ValueError("is not at the school's mail domain; write an address of the school's")
        return answer


def _given(key: str) -> Callable[[Answers], bool]:
    return lambda answers: bool(answers.get(key))


def _person(role: str, title: str, *, optional: bool = False) -> tuple[Question, Question]:
    name = f"roles.{role}.name"
    hint = " (empty: nobody)" if optional else ""
    return (
        Question(name, f"Name of the {title}{hint}", Person, optional=optional),
        Question(f"roles.{role}.email", f"Mail address of the {title}", Person, asked=_given(name)),
    )


DOMAIN = "mail.allowed_recipient_domains"
PEOPLE = ("headteacher", "dsl", "esafety", "office", "it", "deputy", "chair")
QUESTIONS: tuple[Question, ...] = (
    Question("school.name", "Name of the school", School),
    Question("school.case_prefix", "Two to four capital letters that start every case number", School),
    Question(
        "school.jurisdiction",
        "Nation: england, wales, scotland or northern_ireland",
        School,
        default="england",
    ),
    Question(DOMAIN, "The school's mail domain; mail goes nowhere else", Mail),
    *_person("headteacher", "headteacher"),
    *_person("dsl", "designated safeguarding lead"),
    *_person("esafety", "e-safety coordinator", optional=True),
    *_person("office", "school office"),
    *_person("it", "technician"),
    *_person("deputy", "deputy headteacher", optional=True),
    *_person("chair", "chair of governors", optional=True),
    Question("mail.host", "Name of the mail server", Mail),
    Question("mail.port", "Its port: 587, or 465", Mail, default="587"),
    Question("mail.sender", "Address that alerts come from", Mail),
    Question("mail.username", "Name to sign in with there (empty: it asks for none)", Mail, optional=True),
    Question("mail.password", "Password", secret=True, asked=_given("mail.username")),
    Question("page.public_url", "Address of the page that reviewers open, with https://", Page),
    Question(f"{X}.handle", "Handle of the school's X profile (empty: none)", optional=True),
    Question(f"{X}.token", "Its access token", secret=True, asked=_given(f"{X}.handle")),
    Question(f"{FACEBOOK}.page_id", "Number of the school's Facebook Page (empty: none)", optional=True),
    Question(f"{FACEBOOK}.handle", "Name of the Page in its address", asked=_given(f"{FACEBOOK}.page_id")),
    Question(f"{FACEBOOK}.token", "Its Page access token", secret=True, asked=_given(f"{FACEBOOK}.page_id")),
)


def render(answers: Answers) -> str:
    """The configuration as TOML, with the names of its secrets' files and never a secret."""

    def written(table: str, *names: str) -> list[str]:
        return [
            f"{name} = {json.dumps(_value(f'{table}.{name}', answers[f'{table}.{name}']), ensure_ascii=False)}"
            for name in names
            if answers.get(f"{table}.{name}")
        ]

    lines = [
        "# Written by `schoolgate init`. config.example.toml names every other key with its default.",
        "# Secrets are in files of their own, beside this one; keep a paper copy of the master key in the school's safe.",
        *("", "[school]", *written("school", "name", "case_prefix", "jurisdiction")),
    ]
    for key, network, own in ((X, "x", ()), (FACEBOOK, "facebook", ("page_id",))):
        if answers.get(f"{key}.handle"):
            lines += [
                "",
                "[[account]]",
                f'key = "{key}"',
                f'network = "{network}"',
                *written(key, "handle", *own),
            ]
            lines.append(f'token_file = "{SECRETS}/{key}.token"')
    for role in PEOPLE:
        if answers.get(f"roles.{role}.name"):
            lines += ["", f"[roles.{role}]", *written(f"roles.{role}", "name", "email")]
    lines += [
        "",
        "[mail]",
        *written("mail", "host", "port", "sender", "username", "allowed_recipient_domains"),
    ]
    lines.append(f'security = "{"tls" if answers["mail.port"] == "465" else "starttls"}"')
    lines.append(
        f'password_file = "{SECRETS}/mail.password"' if answers.get("mail.username") else 'auth = "none"'
    )
    lines += ["", "[page]", *written("page", "public_url")]
    lines += ["", "[storage]", f'master_key_file = "{MASTER_KEY}"']
    return "\n".join(lines) + "\n"


def write(answers: Answers, target: Path, *, account_check: AccountCheck | None = None) -> tuple[Path, ...]:
    """Write the configuration at `target` and its secrets beside it, all with mode 0600; returns what was written.

    Nothing is written unless the whole would load, and nothing that exists is touched: a master key that is already
    there is kept, since what it locked can be opened with no other. Raises ConfigError.
    """
    contents = {
        f"{SECRETS}/{question.key}": f"{answers[question.key]}\n"
        for question in QUESTIONS
        if question.secret and answers.get(question.key)
    }
    folder = target.parent
    try:
        if not (folder / MASTER_KEY).exists():
            contents[MASTER_KEY] = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() + "\n"
        contents[target.name] = render(answers)  # last: a configuration is only there when its secrets are
        if there := [str(folder / name) for name in contents if (folder / name).exists()]:
            raise ConfigError([f"{path}: is already there; move it away first" for path in there])
        _rehearse(contents, folder, target.name, account_check)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SECRETS).mkdir(mode=0o700, exist_ok=True)
        for name, text in contents.items():
            _create(folder / name, text)
    except OSError as error:
        raise ConfigError(
            [f"{target}: cannot be written ({error.strerror}); name a place that you may write to"]
        ) from None
    return tuple(folder / name for name in contents)


def _rehearse(
    contents: Mapping[str, str], folder: Path, name: str, account_check: AccountCheck | None
) -> None:
    """Load it all from a private folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as rehearsal:
        (Path(rehearsal) / SECRETS).mkdir()
        for each, text in contents.items():
            _create(Path(rehearsal) / each, text)
        if MASTER_KEY not in contents:
            _create(Path(rehearsal) / MASTER_KEY, (folder / MASTER_KEY).read_text(encoding="utf-8"))
        load(Path(rehearsal) / name, env={}, account_check=account_check)


def _create(path: Path, text: str) -> None:
    with opened(path) as file:
        fill(file, text)


def _value(key: str, answer: str) -> str | int | list[str]:
    """The answer as its key holds it."""
    if key == "mail.port" and answer.isascii() and answer.isdigit():
        return int(answer[:9])
    return [answer] if key == DOMAIN else answer
