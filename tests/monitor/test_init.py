"""What `init` asks and writes, loaded back by the real loader."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from connectors import account_problems
from monitor import init
from monitor.config import load
from monitor.domain import Role
from monitor.errors import ConfigError
from monitor.settings import Settings

WORDS = {
    "school.name": 'The "Elm" School — Ünï',
    "school.case_prefix": "EP",
    "mail.allowed_recipient_domains": "School.example",
    "mail.host": "smtp.school.example",
    "mail.sender": "alerts@school.example",
    "mail.username": "alerts@school.example",
    "mail.password": 'back\\slash "quote" #hash',
    "page.public_url": "https://gate.school.example",
    "x-main.handle": "@ElmExample",
    "x-main.token": "token-of-x",
    "facebook-page.page_id": "100000000000001",
    "facebook-page.handle": "ElmExample",
    "facebook-page.token": "token-of-page",
}


def answered(**changes: str) -> dict[str, str]:
    """Every question that is put, answered from WORDS; people get invented names. `changes` by key, _ for . and -."""
    answers: dict[str, str] = {}
    for question in init.QUESTIONS:
        if question.asked(answers):
            role = question.key.split(".")[1]
            invented = f"{role}@school.example" if question.key.endswith("email") else f"A. {role.title()}"
            word = WORDS.get(question.key, invented if question.key.startswith("roles.") else "")
            changed = changes.get(question.key.replace(".", "_").replace("-", "_"), word)
            answers[question.key] = question.check(changed, answers)
    return answers


def written(tmp_path: Path, **changes: str) -> Settings:
    target = tmp_path / "config.toml"
    init.write(answered(**changes), target, account_check=account_problems)
    return load(target, env={}, account_check=account_problems)


def question(key: str) -> init.Question:
    return next(question for question in init.QUESTIONS if question.key == key)


def test_what_is_written_loads_and_holds_every_answer(tmp_path: Path):
    settings = written(tmp_path)
    assert settings.school.name == WORDS["school.name"]
    assert settings.mail.password is not None
    assert settings.mail.password.get_secret_value() == WORDS["mail.password"]
    assert [account.handle for account in settings.account] == ["ElmExample", "ElmExample"]
    assert settings.account[0].settings["token"].get_secret_value() == "token-of-x"
    assert {role for role in Role if settings.roles.named(role)} == set(Role)
    assert len(settings.storage.master_key.get_secret_value()) == 32


def test_only_its_owner_can_read_what_is_written(tmp_path: Path):
    files = init.write(answered(), tmp_path / "new" / "config.toml", account_check=account_problems)
    assert len(files) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "new" / "secrets").stat().st_mode) == 0o700


def test_no_secret_is_in_the_configuration_itself(tmp_path: Path):
    written(tmp_path)
    text = (tmp_path / "config.toml").read_text()
    for key in ("mail.password", "x-main.token", "facebook-page.token"):
        assert WORDS[key] not in text


def test_two_schools_get_two_master_keys(tmp_path: Path):
    keys = {written(tmp_path / name).storage.master_key.get_secret_value() for name in "ab"}
    assert len(keys) == 2


def test_nothing_that_exists_is_overwritten(tmp_path: Path):
    (tmp_path / "config.toml").write_text("mine")
    with pytest.raises(ConfigError, match="already there; move it away first"):
        written(tmp_path)
    assert (tmp_path / "config.toml").read_text() == "mine"
    assert list(tmp_path.iterdir()) == [tmp_path / "config.toml"]


def test_a_master_key_that_is_there_is_kept(tmp_path: Path):
    first = written(tmp_path).storage.master_key
    for name in (
        "config.toml",
        "secrets/mail.password",
        "secrets/x-main.token",
        "secrets/facebook-page.token",
    ):
        (tmp_path / name).unlink()
    assert written(tmp_path).storage.master_key == first


def test_what_would_not_load_is_not_written(tmp_path: Path):
    answers = answered() | {"roles.office.email": "office@elsewhere.example"}
    with pytest.raises(ConfigError, match=r"roles\.office\.email: is at elsewhere\.example"):
        init.write(answers, tmp_path / "config.toml", account_check=account_problems)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written"):
        init.write(answered(), tmp_path / "file" / "config.toml", account_check=account_problems)


def test_a_school_with_little_needs_few_answers(tmp_path: Path):
    settings = written(
        tmp_path,
        mail_username="",
        x_main_handle="",
        facebook_page_page_id="",
        roles_esafety_name="",
        roles_deputy_name="",
        roles_chair_name="",
    )
    assert settings.account == ()
    assert settings.mail.auth == "none"
    assert settings.role_for(Role.ESAFETY) == Role.DSL


def test_port_465_is_written_with_tls(tmp_path: Path):
    assert written(tmp_path, mail_port="465").mail.security == "tls"


@pytest.mark.parametrize(
    ("key", "text", "told"),
    [
        ("school.name", "", "is empty"),
        ("school.name", "a\x1b[31m", "invisible character"),
        ("school.case_prefix", "elm", "2 to 4 capital letters"),
        ("school.jurisdiction", "uk", 'write "england"'),
        ("roles.office.email", "office", "is not a mail address"),
        ("roles.office.email", "office@elsewhere.example", "not at the school's mail domain"),
        ("mail.allowed_recipient_domains", "gmail.com", "gives an address to anybody"),
        ("mail.host", "https://smtp.school.example", "is an address of a page"),
        ("mail.port", "abc", "is not a whole number"),
        ("page.public_url", "http://gate.school.example", "goes over the network in clear"),
    ],
)
def test_a_wrong_answer_is_told_at_once(key: str, text: str, told: str):
    with pytest.raises(ValueError, match=told):
        question(key).check(text, {init.DOMAIN: "school.example"})


def test_a_secret_is_never_quoted_back():
    with pytest.raises(ValueError, match="invisible") as refused:
        question("mail.password").check("hunter2\x00", {})
    assert "hunter2" not in str(refused.value)


def test_an_empty_line_takes_the_default():
    assert question("mail.port").check("", {}) == "587"
