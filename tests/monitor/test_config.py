"""One file per mistake in configs/; each asserts the exact sentences that a technician reads."""

from __future__ import annotations

import base64
import os
import re
import tomllib
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path
from typing import get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import BaseModel

from connectors import account_problems, connector_class
from monitor import config
from monitor.config_names import address, domain, is_loopback, listen
from monitor.config_problems import _model_in
from monitor.config_values import interval_text, parse_interval
from monitor.domain import Role
from monitor.errors import ConfigError
from monitor.settings import Account, Settings

CONFIGS = Path(__file__).parent / "configs"
EXAMPLE = Path(__file__).resolve().parents[2] / "config.example.toml"
MISTAKES = sorted(path.stem for path in CONFIGS.glob("*.toml") if path.stem != "good")
GOOD = (CONFIGS / "good.toml").read_text()
SECRET = "hunter2"
KEY = bytes(range(32))
FILES = {
    "token": b"tok\n",
    "password": f"{SECRET}\r\n".encode(),
    "key": base64.b64encode(KEY),
    "empty": b"\n",
    "open": SECRET.encode(),
    "two-lines": f"{SECRET}\nagain\n".encode(),
    "binary": b"\xff\xfe\x00",
}
Written = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Written:
    """Puts a configuration beside the files that its secrets are in."""
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o644 if name == "open" else 0o600)
    (tmp_path / "folder").mkdir()

    def written(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text)
        path.chmod(0o644)
        return path

    return written


def load(path: Path, **env: str) -> Settings:
    return config.load(path, env=env, account_check=account_problems)


def problems(path: Path, **env: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as refused:
        load(path, **env)
    return refused.value.problems


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_key_and_its_cure(mistake: str, write: Written):
    text = (CONFIGS / f"{mistake}.toml").read_text()
    path = write(text)
    told = problems(path)
    expected = re.findall(r"^# expected: (.*)$", text, re.MULTILINE)
    assert list(told) == [line.replace("{folder}", str(path.parent)) for line in expected]
    assert all(SECRET not in line for line in told)


def test_a_calendar_is_one_only_where_something_is_written_in_it(write: Written):
    assert not load(write(GOOD + "[calendar]\n")).calendar.given
    calendar = load(write(GOOD + "[calendar]\ninset_days = [2026-11-27]\n")).calendar
    assert calendar.given
    assert calendar.inset_days == (date(2026, 11, 27),)


def test_a_wait_until_the_next_school_day_may_be_an_interval(write: Written):
    assert load(write(GOOD)).hours.escalate_high_after == "next_school_day"
    four = load(write(GOOD + '[hours]\nescalate_high_after = "4h"\n')).hours
    assert four.escalate_high_after == timedelta(hours=4)


def test_every_problem_exits_as_a_configuration_error(write: Written):
    with pytest.raises(ConfigError) as refused:
        load(write("[school]\n"))
    assert refused.value.exit_code == 78


def test_the_good_one_loads(write: Written):
    settings = load(write(GOOD))
    assert settings.school.name == "Elmbridge Primary School"
    assert settings.account[0].settings["token"].get_secret_value() == "tok"
    assert settings.account[0].name == "ElmbridgeExample"
    assert settings.mail.password is not None
    assert settings.mail.password.get_secret_value() == SECRET
    assert settings.storage.master_key.get_secret_value() == KEY
    assert settings.hours.digest_weekdays == {0, 1, 2, 3, 4}
    assert (settings.page.host, settings.page.port) == ("127.0.0.1", 8080)


def test_no_secret_is_in_what_the_settings_look_like(write: Written):
    settings = load(write(GOOD))
    for looks in (repr(settings), str(settings.model_dump()), settings.model_dump_json(exclude={"storage"})):
        assert SECRET not in looks
        assert "tok'" not in looks
        assert repr(KEY)[2:-1] not in looks


def test_a_byte_order_mark_and_windows_line_ends_are_no_mistake(write: Written):
    path = write(GOOD)
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load(path).school.case_prefix == "EP"


def test_a_file_in_another_encoding_is_told_with_its_line(write: Written):
    path = write(GOOD)
    path.write_bytes(GOOD.replace("Elmbridge Primary", "Élmbridge Primary").encode("cp1252"))
    assert problems(path) == (f"{path} line 2: is not UTF-8 text; save the file as UTF-8",)


def test_a_file_that_everybody_may_change_is_refused(write: Written):
    path = write(GOOD)
    path.chmod(0o666)
    assert problems(path) == (f"{path}: can be changed by everybody on this machine; run `chmod 600 {path}`",)


def only_sentences(example: Callable[[str], Settings], text: str) -> bool:
    """Whether loading ends well, or in one printable line a problem; anything else is an error of ours."""
    try:
        example(text)
    except ConfigError as refused:
        return all(problem.isprintable() and ": " in problem for problem in refused.problems)
    return True


@pytest.mark.parametrize(
    "odd", ["1", '""', "[]", "{ a = 1 }", "nan", "2026-01-01", '"\\u0000"', '"https://[::1"', '"@"']
)
def test_no_value_whatever_ends_in_anything_but_sentences(example: Callable[[str], Settings], odd: str):
    everywhere = re.sub(
        r"^(\w+ = ).*$", lambda key: key[1] + odd, uncommented(EXAMPLE.read_text()), flags=re.MULTILINE
    )
    assert only_sentences(example, everywhere)


@pytest.mark.parametrize("odd", ["[[1]]", '"a\\nb"'])
def test_one_odd_value_alone_ends_in_sentences(example: Callable[[str], Settings], odd: str):
    lines = uncommented(EXAMPLE.read_text()).splitlines()
    for number, line in enumerate(lines):
        if key := re.match(r"\w+ = ", line):
            assert only_sentences(example, "\n".join((*lines[:number], key[0] + odd, *lines[number + 1 :])))


# --- where the file is found


def test_what_is_named_on_the_command_line_comes_first(tmp_path: Path):
    named, other = tmp_path / "a.toml", tmp_path / "b.toml"
    named.touch()
    other.touch()
    assert config.find(named, {"SCHOOLGATE_CONFIG": str(other)}) == named
    assert config.find(None, {"SCHOOLGATE_CONFIG": str(other)}) == other


def test_the_file_in_this_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("config.toml").touch()
    assert config.find(None, {}) == Path("config.toml")


def test_a_named_file_that_is_absent_is_never_replaced_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    Path("config.toml").touch()
    with pytest.raises(ConfigError, match=r"nowhere\.toml: is not there; correct SCHOOLGATE_CONFIG"):
        config.find(None, {"SCHOOLGATE_CONFIG": "nowhere.toml"})
    with pytest.raises(ConfigError, match=r"nowhere\.toml: is not there; correct --config"):
        config.find(Path("nowhere.toml"), {})


@pytest.mark.skipif(Path("/etc/schoolgate/config.toml").exists(), reason="this machine runs Schoolgate")
def test_no_file_at_all_names_every_place_and_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as refused:
        config.load(None, env={})
    (sentence,) = refused.value.problems
    for word in (
        "--config",
        "$SCHOOLGATE_CONFIG",
        "./config.toml",
        "/etc/schoolgate/config.toml",
        "schoolgate init",
    ):
        assert word in sentence


@pytest.mark.parametrize("odd", ["folder", "fifo"])
def test_a_name_that_is_no_plain_file_is_told(tmp_path: Path, odd: str):
    path = tmp_path / odd
    if odd == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)  # reading it would wait for ever
    assert problems(path) == (f"{path}: is not a plain file; name the configuration file itself",)


# --- where secrets come from


def test_a_secret_may_come_from_the_environment(write: Written):
    text = GOOD.replace('password_file = "password"\n', "").replace('token_file = "token"\n', "")
    settings = load(write(text), SCHOOLGATE_MAIL_PASSWORD="from env", SCHOOLGATE_X_MAIN_TOKEN="tok env")
    assert settings.mail.password is not None
    assert settings.mail.password.get_secret_value() == "from env"
    assert settings.account[0].settings["token"].get_secret_value() == "tok env"


def test_a_secret_may_be_a_systemd_credential(write: Written, tmp_path: Path):
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "mail.password").write_text("from systemd\n")
    (credentials / "mail.password").chmod(0o444)  # its folder is what is private
    (credentials / "x-main.token").write_text("tok systemd\n")
    text = GOOD.replace('password_file = "password"\n', "").replace('token_file = "token"\n', "")
    settings = load(write(text), CREDENTIALS_DIRECTORY=str(credentials))
    assert settings.mail.password is not None
    assert settings.mail.password.get_secret_value() == "from systemd"
    assert settings.account[0].settings["token"].get_secret_value() == "tok systemd"


def test_a_secret_in_two_places_is_refused_and_both_are_named(write: Written):
    told = problems(write(GOOD), SCHOOLGATE_MAIL_PASSWORD="x")
    assert told == (
        "mail.password: is given twice, by mail.password_file and by SCHOOLGATE_MAIL_PASSWORD; keep one",
    )


def test_a_secret_that_is_set_but_empty_is_refused(write: Written):
    told = problems(write(GOOD.replace('password_file = "password"\n', "")), SCHOOLGATE_MAIL_PASSWORD=" ")
    place = "the environment variable SCHOOLGATE_MAIL_PASSWORD"
    assert told == (f"mail.password: {place} is empty; put the secret there, or remove the key",)


def test_a_secret_file_that_cannot_be_read_is_an_error(write: Written, tmp_path: Path):
    (tmp_path / "password").unlink()
    (tmp_path / "password").symlink_to(tmp_path / "password")  # a loop is unreadable to root too
    (told,) = problems(write(GOOD))
    assert told.startswith(f"mail.password: the file {tmp_path / 'password'} cannot be read (Too many levels")


def test_a_group_may_read_a_secret(write: Written, tmp_path: Path):
    (tmp_path / "password").chmod(0o640)
    assert load(write(GOOD)).mail.password is not None


@pytest.mark.parametrize(
    "text",
    [
        KEY.hex(),
        KEY.hex().upper(),
        base64.urlsafe_b64encode(KEY).decode().rstrip("="),
        base64.b64encode(KEY).decode(),
    ],
)
def test_the_master_key_may_be_base64_or_hex(write: Written, tmp_path: Path, text: str):
    (tmp_path / "key").write_text(text)
    assert load(write(GOOD)).storage.master_key.get_secret_value() == KEY


# --- plain keys from the environment


def test_a_plain_key_may_come_from_the_environment(write: Written):
    settings = load(write(GOOD), SCHOOLGATE_MAIL__PORT="2525", SCHOOLGATE_HOURS__DIGEST_DAYS='["sun"]')
    assert settings.mail.port == 2525
    assert settings.hours.digest_days == ("sun",)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("SCHOOLGATE_MAIL__PORT", "abc", 'SCHOOLGATE_MAIL__PORT, mail.port: "abc" is not a whole number'),
        ("SCHOOLGATE_MAIL__PROT", "1", "SCHOOLGATE_MAIL__PROT, mail.prot: is not a key; did you mean port?"),
        ("SCHOOLGATE_MALE__PORT", "1", "SCHOOLGATE_MALE__PORT: names no table"),
        (
            "SCHOOLGATE_MAIL__PASSWORD",
            SECRET,
            "SCHOOLGATE_MAIL__PASSWORD: names a secret; write SCHOOLGATE_MAIL_PASSWORD",
        ),
        ("SCHOOLGATE_HOURS__DIGEST_DAYS", "mon", "SCHOOLGATE_HOURS__DIGEST_DAYS"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    write: Written, variable: str, value: str, told: str
):
    (sentence,) = problems(write(GOOD), **{variable: value})
    assert sentence.startswith(told)
    assert SECRET not in sentence


# --- where the state is kept


def test_the_state_is_beside_the_file_unless_told_otherwise(write: Written, tmp_path: Path):
    assert load(write(GOOD)).storage.database_path == tmp_path / "state" / "schoolgate.db"
    assert load(write(GOOD), STATE_DIRECTORY="/var/lib/a:/var/lib/b").storage.state_dir == Path("/var/lib/a")
    told = write(GOOD.replace("[storage]\n", '[storage]\nstate_dir = "elsewhere"\n'))
    assert load(told, STATE_DIRECTORY="/var/lib/a").storage.state_dir == tmp_path / "elsewhere"


# --- who is written to


def test_a_role_that_nobody_holds_is_answered_for(write: Written):
    roles = load(write(GOOD))
    assert roles.role_for(Role.ESAFETY) == Role.DSL
    assert roles.role_for(Role.DEPUTY) == Role.DSL
    assert roles.role_for(Role.CHAIR) == Role.DSL
    other = load(write(GOOD.replace("dsl = {", "esafety = {")))
    assert other.recipients(Role.DSL).email == "dsl@school.example"


def test_what_is_about_the_headteacher_never_falls_back_to_the_headteacher(write: Written):
    settings = load(write(GOOD))
    assert settings.recipients(Role.CHAIR).email != settings.recipients(Role.HEADTEACHER).email


def test_a_deputy_stands_in_on_both_end_days_and_not_after(write: Written):
    away = 'email = "head@school.example", deputy = "dsl", away = [{ from = 2026-12-21, to = 2027-01-02 }]'
    settings = load(write(GOOD.replace('email = "head@school.example"', away)))
    days = [date(2026, 12, 20), date(2026, 12, 21), date(2027, 1, 2), date(2027, 1, 3)]
    found = [settings.role_for(Role.HEADTEACHER, day) for day in days]
    assert found == [Role.HEADTEACHER, Role.DSL, Role.DSL, Role.HEADTEACHER]
    assert settings.role_for(Role.HEADTEACHER) == Role.HEADTEACHER


def test_two_who_stand_in_for_each_other_and_are_both_away_end_somewhere(write: Written):
    both = "away = [{ from = 2026-12-21, to = 2026-12-22 }]"
    text = GOOD.replace('"head@school.example" }', f'"head@school.example", deputy = "dsl", {both} }}')
    text = text.replace('"dsl@school.example" }', f'"dsl@school.example", deputy = "headteacher", {both} }}')
    assert load(write(text)).role_for(Role.HEADTEACHER, date(2026, 12, 21)) == Role.DSL


def test_two_spellings_of_one_domain_are_the_same(write: Written):
    text = GOOD.replace("office@school.example", "office@SCHOOL.Example")
    assert load(write(text)).recipients(Role.OFFICE).email == "office@school.example"
    accented = GOOD.replace("@school.", "@südschule.").replace('["school.', '["südschule.')
    ascii_form = accented.replace("head@südschule", "head@xn--sdschule-65a")
    assert load(write(ascii_form)).recipients(Role.HEADTEACHER).email == "head@xn--sdschule-65a.example"


# --- kinds of value


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("10m", 600), ("2h30m", 9000), ("14d", 1_209_600)]
)
def test_an_interval_is_read(text: str, seconds: int):
    assert parse_interval(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "10", "m", "-5m", "1.5h", "5M", "10m5m", "5 m", "٣m", "1w", "1h1d"])
def test_what_is_no_interval_is_refused(text: str):
    with pytest.raises(ValueError, match="is not an interval"):
        parse_interval(text)


@given(some.integers(min_value=1, max_value=10**8))
def test_an_interval_reads_back_as_it_was_written(seconds: int):
    assert parse_interval(interval_text(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@given(some.text(max_size=40))
def test_no_text_at_all_becomes_a_mail_address_with_a_line_break(text: str):
    try:
        found = address(f"office@{text}")
    except ValueError:
        return
    assert found.isascii()
    assert found.isprintable()
    assert found.count("@") == 1


@pytest.mark.parametrize(
    "look_alike", ["schооl.example", "ｓchool.example", "school.example\u200d", "straße.example"]
)
def test_a_look_alike_is_never_the_same_domain(look_alike: str):
    try:
        assert domain(look_alike) != "school.example"
    except ValueError as refused:
        assert "two ways" in str(refused)  # noqa: PT017 - either answer is right


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "::ffff:127.0.0.1", "mail.localhost"]
)
def test_this_machine_is_known_by_its_names(host: str):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "127.0.0.1.school.example", "localhost.school.example", "::", "10.0.0.1"]
)
def test_another_machine_is_not_taken_for_this_one(host: str):
    assert not is_loopback(host)


@pytest.mark.parametrize("at", ["127.0.0.1:0", "[::1]:8080", "0.0.0.0:80", "localhost:8080"])
def test_an_address_to_listen_on_is_kept(at: str):
    assert listen(at) == at


def test_waking_hours_hold_their_start_and_not_their_end(write: Written):
    hours = load(write(GOOD)).hours
    moments = [time(6, 29, 59), time(6, 30), time(20, 59, 59), time(21)]
    assert [hours.waking.contains(at) for at in moments] == [False, True, True, False]
    always = load(write(GOOD + '[hours]\nwaking = "00:00-24:00"\n')).hours.waking
    assert all(always.contains(at) for at in (time(0), time(12), time(23, 59, 59, 999_999)))


# --- signing in to prove a claim


SIGN_IN = '[claims.x]\nclient_id = "schoolgate"\n'


def test_a_sign_in_takes_its_secret_from_where_it_is_kept(write: Written, tmp_path: Path):
    assert load(write(GOOD)).claims.by_network == {}
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "claims.x.client_secret").write_text("from-systemd")
    for text, env, secret in (
        ('client_secret_file = "token"\n', {}, "tok"),
        ("", {"SCHOOLGATE_CLAIMS_X_CLIENT_SECRET": "from-env"}, "from-env"),
        ("", {"CREDENTIALS_DIRECTORY": str(credentials)}, "from-systemd"),
    ):
        (one,) = load(write(GOOD + SIGN_IN + text), **env).claims.by_network.items()
        assert (one[0], one[1].client_secret.get_secret_value()) == ("x", secret)
        assert secret not in repr(one)


def test_a_secret_of_a_sign_in_that_nobody_configured_makes_no_table(write: Written):
    assert load(write(GOOD), SCHOOLGATE_CLAIMS_X_CLIENT_SECRET="x").claims.x is None


# --- signing in with the school's own accounts


OIDC = """[sign_in.oidc.microsoft]
title = "Microsoft 365"
issuer = "https://login.microsoftonline.com/01234567-89ab-cdef-0123-456789abcdef/v2.0"
client_id = "schoolgate"
"""


def test_an_account_service_takes_its_secret_from_where_it_is_kept(write: Written, tmp_path: Path):
    assert load(write(GOOD), SCHOOLGATE_SIGN_IN_OIDC_MICROSOFT_CLIENT_SECRET="x").sign_in.oidc == {}
    (tmp_path / "sign_in.oidc.microsoft.client_secret").write_text("from-systemd")
    for text, env, secret in (
        ('client_secret_file = "token"\n', {}, "tok"),
        ("", {"SCHOOLGATE_SIGN_IN_OIDC_MICROSOFT_CLIENT_SECRET": "from-env"}, "from-env"),
        ("", {"CREDENTIALS_DIRECTORY": str(tmp_path)}, "from-systemd"),
    ):
        (one,) = load(write(GOOD + OIDC + text), **env).sign_in.oidc.values()
        assert one.client_secret.get_secret_value() == secret
        assert secret not in repr(one)


def test_a_remembered_device_can_be_switched_off(write: Written):
    assert load(write(GOOD)).sign_in.remembered == timedelta(days=30)
    assert load(write(GOOD + '[sign_in]\nremembered = "0s"\n')).sign_in.remembered == timedelta(0)


# --- claims by mail


CLAIMS_MAIL = """[claims.mail]
host = "imap.school.example"
username = "account@school.example"
authserv_id = "mx.school.example"
"""


def test_the_claims_mailbox_takes_its_secret_from_where_it_is_kept(write: Written, tmp_path: Path):
    assert load(write(GOOD), SCHOOLGATE_CLAIMS_MAIL_PASSWORD="x").claims.mail is None
    (tmp_path / "claims.mail.password").write_text("from-systemd")
    for text, env, secret in (
        ('password_file = "token"\n', {}, "tok"),
        ("", {"SCHOOLGATE_CLAIMS_MAIL_PASSWORD": "from-env"}, "from-env"),
        ("", {"CREDENTIALS_DIRECTORY": str(tmp_path)}, "from-systemd"),
    ):
        claims = load(write(GOOD + CLAIMS_MAIL + text), **env).claims
        assert claims.mail is not None
        assert claims.mail.password is not None
        assert claims.mail.password.get_secret_value() == secret
        assert (claims.mail.port, claims.mail.security, claims.mail.folder) == (993, "tls", "INBOX")
        assert claims.by_network == {}
        assert f"'{secret}'" not in repr(claims)


def test_the_claims_mailbox_may_be_on_this_machine_in_clear(write: Written):
    text = (
        CLAIMS_MAIL.replace("imap.school.example", "127.0.0.1")
        + 'password = "x"\nsecurity = "none"\nport = 1143\n'
    )
    path = write(GOOD + text)
    path.chmod(0o600)
    assert load(path).claims.mail is not None


# --- the example


def as_written(value: object) -> object:
    """A default as config.toml writes it."""
    if isinstance(value, timedelta):
        return interval_text(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, dict):
        return {key: as_written(one) for key, one in value.items()}
    return list(value) if isinstance(value, tuple) else value


def uncommented(text: str) -> str:
    """The example with every "#key = value" and "#[table]" line active."""
    return re.sub(r"^#(?=[a-z_]+ = |\[[a-z_.]+\]$)", "", text, flags=re.MULTILINE)


@pytest.fixture
def example(tmp_path: Path) -> Callable[[str], Settings]:
    def loaded(text: str) -> Settings:
        for name in re.findall(r'^\w+_file = "([^"]+)"', text, re.MULTILINE):
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(KEY.hex())
            path.chmod(0o600)
        (tmp_path / "rules").mkdir(exist_ok=True)
        (tmp_path / "config.toml").write_text(text)
        return load(tmp_path / "config.toml")

    return loaded


def test_the_example_loads_as_it_is(example: Callable[[str], Settings]):
    assert example(EXAMPLE.read_text()).school.case_prefix == "SM"


def test_the_example_loads_with_every_key_active(example: Callable[[str], Settings]):
    text = re.sub(r"^token_file.*$", "", uncommented(EXAMPLE.read_text()), count=1, flags=re.MULTILINE)
    settings = example(text)
    assert settings.mail.detail_of(Role.HEADTEACHER) == "excerpt"
    assert settings.recipients(Role.HEADTEACHER, date(2026, 12, 24)).email == "deputy@school.example"


def test_the_example_names_every_key():
    named = tomllib.loads(uncommented(EXAMPLE.read_text()))
    missing = []

    def look(model: type[BaseModel], table: dict[str, object], at: str) -> None:
        for name, field in model.model_fields.items():
            key = field.alias or name
            value = table.get(key, table.get(f"{key}_file"))
            if value is None and (at, key) != ("account", "settings"):
                missing.append(f"{at}.{key}")
            inner = _model_in(field.annotation)
            if inner is not None and value is not None:
                if get_origin(field.annotation) is dict:  # by names of the school's own choice
                    value = next(one for one in value.values() if isinstance(one, dict))
                look(inner, value[0] if isinstance(value, list) else value, key)

    named["roles"] = {role: named["roles"]["headteacher"] | table for role, table in named["roles"].items()}
    look(Settings, named, "")
    assert missing == []


def test_what_the_example_shows_as_a_default_is_the_default():
    """Keys whose commented value is an example, not a default, are named here and nowhere else."""
    examples = {
        *(
            "school_phones",
            "school_domains",
            "rules",
            "silenced",
            "shadow",
            "reads_per_month",
            "organisations",
            "detail_for",
            "state_dir",
            "timestamp_url",
            "timestamp_ca",
            "dir",
            "heartbeat_url",
        ),
        *("oauth_token_url", "oauth_client_id", "oauth_scope", "away", "deputy"),
        *("file", "reports", "complaints", "monthly", "account"),
        *("terms", "inset_days", "closed_days"),
        *("x", "facebook", "mail", "lado", "replies", "oidc"),  # whole tables
    }
    text = EXAMPLE.read_text()
    active, shown = tomllib.loads(text), tomllib.loads(uncommented(text))
    wrong = []
    for table, model in Settings.model_fields.items():
        inner = _model_in(model.annotation)
        if inner is None or not isinstance(shown[table], dict) or table == "roles":
            continue
        for key in shown[table].keys() - active.get(table, {}).keys() - examples:
            if key.endswith("_file") or table in examples:
                continue
            default = as_written(inner.model_fields[key].default)
            if shown[table][key] not in (default, str(default)):
                wrong.append(f"{table}.{key}")
    for now, then in zip(active["account"], shown["account"], strict=True):
        own = connector_class(now["network"]).Settings.model_fields
        for key in then.keys() - now.keys() - {"name"}:
            field = own.get(key) or Account.model_fields.get(key)
            if (
                field
                and not key.endswith("_file")
                and then[key] not in (field.default, as_written(field.default))
            ):
                wrong.append(f"account.{now['key']}.{key}")
    assert wrong == []


def test_a_schools_own_rule_that_cannot_be_used_is_told_with_its_file(
    example: Callable[[str], Settings], tmp_path: Path
):
    text = EXAMPLE.read_text().replace('#rules = "rules" ', 'rules = "own" ')
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "ours.toml").write_text("[[rule]]\nid = 'ours.wombat'\n")
    with pytest.raises(ConfigError, match=r"detection\.rules: ours\.toml: ours\.wombat: `any` must hold"):
        example(text)


def test_a_schools_own_rule_can_be_silenced_and_stands_beside_ours(
    example: Callable[[str], Settings], tmp_path: Path
):
    text = EXAMPLE.read_text().replace('#rules = "rules" ', 'rules = "own" ')
    text = re.sub(r"#silenced = .*", 'silenced = ["ours.wombat"]', text)
    (tmp_path / "own").mkdir()
    rule = 'category = "insult"\npolicy = "Ours 1"\nreason = "A word of our own"\n[[rule]]\nid = "ours.wombat"\nany = ["purple wombat"]\n'
    (tmp_path / "own" / "ours.toml").write_text(rule)
    settings = example(text).detection
    assert settings.silenced == ("ours.wombat",)
    assert settings.rules == tmp_path / "own"


def test_an_organisation_is_a_reason_or_a_table(example: Callable[[str], Settings]):
    text = uncommented(EXAMPLE.read_text())
    settings = example(re.sub(r"^token_file.*$", "", text, count=1, flags=re.MULTILINE))
    assert dict(settings.followers.reasons) == {
        "StMarysChurch": "the parish church",
        "TheLibrary": "our library",
    }
    assert settings.followers.organisations["TheLibrary"].review_on == date(2027, 9, 1)
    assert settings.followers.organisations["StMarysChurch"].approved_by is None


def test_a_schools_own_doors_are_taken_from_beside_the_file(
    example: Callable[[str], Settings], tmp_path: Path
):
    text = uncommented(EXAMPLE.read_text())
    doors = example(re.sub(r"^token_file.*$", "", text, count=1, flags=re.MULTILINE)).doors
    assert doors.file == tmp_path / "doors.toml"
    assert doors.reports == tmp_path / "reports.toml"
    assert (doors.lado.name, doors.lado.phone) == ("LADO, Northshire", "020 7946 0123")


@pytest.mark.parametrize(
    "address", ["http://school.example/complaints", "school.example", "https://", "https://a b"]
)
def test_the_complaints_procedure_is_a_page_over_https(example: Callable[[str], Settings], address: str):
    text = EXAMPLE.read_text().replace(
        '#complaints = "https://school.example/complaints"', f'complaints = "{address}"'
    )
    with pytest.raises(ConfigError, match=r"doors\.complaints: .*is not an https address"):
        example(text)
