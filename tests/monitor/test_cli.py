"""Each command as somebody types it: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import logging
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import Result
from sqlmodel import col, func, select
from typer.testing import CliRunner

from monitor import __version__
from monitor.app import utc_now
from monitor.cli import app
from monitor.domain import Role
from monitor.init import QUESTIONS
from monitor.sandbox.mailbox import Fault
from monitor.tables import AuditRow, ItemRow, OutboxRow
from monitor.tables_people import RegisterImportRow
from tests.school import PRAISE, ROOT, THREAT, School, address, school

REGISTER = ROOT / "monitor" / "sandbox" / "register.csv"
PILE = 10_000


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A command sets up logging for its process; here that is the tests' own."""
    root, levels = logging.getLogger(), {}
    handlers, level = list(root.handlers), root.level
    for name in list(logging.root.manager.loggerDict):
        levels[name] = logging.getLogger(name).level
    yield
    root.handlers[:], root.level = handlers, level
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def schoolgate(*arguments: object, given: str | bytes | None = None) -> Result:
    result: Result = CliRunner().invoke(
        app, [str(each) for each in arguments], input=given, env={"COLUMNS": "200"}
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def as_process(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "monitor", *arguments], cwd=ROOT, input=given, capture_output=True, check=False
    )


def lines_of(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def asked(*texts: str) -> str:
    return "".join(
        json.dumps({"id": str(number), "text": text}) + "\n" for number, text in enumerate(texts, 1)
    )


# words and options


def test_it_says_its_version() -> None:
    ended = as_process("--version")
    assert (ended.returncode, ended.stdout.decode()) == (0, f"schoolgate {__version__}\n")


def test_help_names_every_command() -> None:
    said = schoolgate("--help").stdout
    for command in (
        "init", "run", "demo", "check-config", "doctor", "poll", "assess", "digest", "send-test-mail",
        "register", "claim", "db", "evidence", "test",
    ):  # fmt: skip
        assert f" {command} " in said
        assert schoolgate(command, "-h").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--frobnicate"],
        ["frobnicate"],
        ["assess", "--jsnol"],
        ["poll"],
        ["digest"],
        ["digest", "--preview", "--role", "caretaker"],
        ["register", "import"],
        ["assess", "a text", "--jsonl"],
        ["assess", "a text", "--file", "another"],
    ],
)
def test_what_cannot_be_meant_is_exit_code_2(arguments: list[str]) -> None:
    result = schoolgate(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Error" in result.stderr


def test_a_completion_script_is_shown() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "monitor", "--show-completion", "bash"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "COMP_WORDS" in ended.stdout


# assess


def test_a_text_is_judged_and_shown_as_a_table() -> None:
    result = schoolgate("assess", THREAT)
    assert result.exit_code == 0
    assert result.stdout.startswith("critical: threat")
    assert schoolgate("assess", PRAISE).stdout == "Nothing found.\n"


def test_a_file_and_standard_input_are_judged_as_one_text(tmp_path: Path) -> None:
    file = tmp_path / "comment.txt"
    file.write_text(f"Dear all,\n{THREAT}\n")
    assert "critical: threat" in schoolgate("assess", "--file", file).stdout
    assert "critical: threat" in schoolgate("assess", given=f"Dear all,\n{THREAT}\n").stdout
    missing = schoolgate("assess", "--file", tmp_path / "none.txt")
    assert missing.exit_code == 1
    assert missing.stderr.endswith("name a file that exists\n")


def test_lines_are_answered_in_order_and_null_is_nothing_found() -> None:
    result = schoolgate("assess", "--jsonl", given=asked(PRAISE, THREAT, ""))
    assert result.exit_code == 0
    first, threat, empty = lines_of(result)
    assert first == {"id": "1", "severity": None, "findings": []}
    assert empty == {"id": "3", "severity": None, "findings": []}
    assert (threat["id"], threat["severity"]) == ("2", "critical")
    assert set(threat["findings"][0]) == {"category", "severity", "detector", "span"}
    assert (threat["findings"][0]["category"], threat["findings"][0]["severity"]) == ("threat", "critical")


def test_spans_count_code_points_of_the_text_as_given() -> None:
    plain, moved = lines_of(schoolgate("assess", "--jsonl", given=asked(THREAT, f"👩‍👩‍👧🎉é {THREAT}")))
    start, end = plain["findings"][0]["span"]
    shift = len("👩‍👩‍👧🎉é ")
    assert shift == 8
    assert moved["findings"][0]["span"] == [start + shift, end + shift]
    assert "stab" in THREAT[start:end]


def test_a_bad_line_is_reported_and_the_rest_goes_on() -> None:
    given = "\n".join(
        [
            asked(PRAISE).strip(),
            "not json",
            "",
            '{"id": "4"}',
            '{"id": "5", "text": 7}',
            "[]",
            '{"id": NaN, "text": "x"}',
            '{"id": "8", "text": "ok"}',
        ]
    )
    result = schoolgate("assess", "--jsonl", given=given)
    assert result.exit_code == 1
    assert [line["id"] for line in lines_of(result)] == ["1", None, "4", "5", None, None, "8"]
    assert [line.get("error") for line in lines_of(result)] == [
        None,
        "line 2 is not JSON",
        'line 4 is not an object with "id" and "text"',
        'line 5 is not an object with "id" and "text"',
        'line 6 is not an object with "id" and "text"',
        "line 7 is not JSON",
        None,
    ]
    assert [line.split()[1] for line in result.stderr.splitlines()] == ["2", "4", "5", "6", "7"]


def test_lone_surrogates_and_bytes_that_are_no_text_are_judged_like_the_rest() -> None:
    given = (
        b'\xef\xbb\xbf{"id": "\\ud800", "text": "\\udc00 lovely"}\n'
        b'{"id": "2", "text": "\xff' + THREAT.encode() + b'"}\r\n'
    )
    ended = as_process("assess", "--jsonl", given=given)
    assert ended.returncode == 0, ended.stderr
    first, second = (json.loads(line) for line in ended.stdout.splitlines())
    assert first == {"id": "\ud800", "severity": None, "findings": []}
    assert second["severity"] == "critical"
    assert as_process("assess", "\udcff " + THREAT).returncode == 0


def test_ten_thousand_lines_come_out_in_order() -> None:
    given = asked(*(THREAT if number % 1000 == 999 else f"Class {number}" for number in range(PILE)))
    result = schoolgate("assess", "--jsonl", given=given)
    assert result.exit_code == 0
    answers = lines_of(result)
    assert [answer["id"] for answer in answers] == [str(number) for number in range(1, PILE + 1)]
    assert sum(answer["severity"] == "critical" for answer in answers) == 10


def test_a_name_is_known_only_with_the_register() -> None:
    text = asked("Freya Tolland won the race")
    assert lines_of(schoolgate("assess", "--jsonl", given=text))[0]["severity"] is None
    known = lines_of(schoolgate("assess", "--jsonl", "--register", REGISTER, given=text))[0]
    assert known["findings"][0]["category"].startswith("identifying.")
    assert known["findings"][0]["span"] == [0, len("Freya Tolland")]


# a school's own commands


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with school(tmp_path_factory.mktemp("cli"), utc_now) as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(made.folder / "mailbox.pem"))
        assert schoolgate("db", "upgrade", "--config", made.config).exit_code == 0
        yield made


def at(built: School, *arguments: object) -> Result:
    return schoolgate(*arguments, "--config", built.config)


def wrong(tmp_path: Path, built: School, *changes: tuple[str, str]) -> Path:
    """The school's configuration with something replaced."""
    text = built.config.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    for name in ("master.key", "x", "facebook"):
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_text((built.folder / name).read_text())
    target = tmp_path / "config.toml"
    target.touch(mode=0o600)
    target.write_text(text)
    return target


def test_a_right_configuration_is_said_to_be_right(built: School) -> None:
    result = at(built, "check-config")
    assert (result.exit_code, result.stdout) == (0, "The configuration is right: 2 accounts.\n")
    assert json.loads(at(built, "check-config", "--json").stdout) == {
        "ok": True,
        "accounts": ["x-main", "facebook-page"],
    }


def test_every_problem_of_a_configuration_is_listed(built: School, tmp_path: Path) -> None:
    config = wrong(
        tmp_path,
        built,
        ("case_prefix", "case_prefx"),
        ('token_file = "x"', 'token_file = "nothing-here"'),
        ('poll_every = "10m"', 'poll_every = "often"'),
        ("page_id", "page_number"),
    )
    result = schoolgate("check-config", "--config", config)
    assert result.exit_code == 78
    first, *problems = result.stderr.splitlines()
    assert first.startswith("The configuration has ")
    assert int(first.split()[3]) == len(problems) >= 4
    for key in ("school.case_prefx", "nothing-here", "poll_every", "page_number"):
        assert any(key in problem for problem in problems), key
    assert "marker-token" not in result.stderr


@pytest.mark.parametrize("command", ["run", "check-config", "doctor"])
def test_malformed_toml_is_one_sentence_with_its_line(tmp_path: Path, command: str) -> None:
    config = tmp_path / "config.toml"
    config.touch(mode=0o600)
    config.write_text('[school]\nname = "St Mark\n')
    result = schoolgate(command, "--config", config)
    assert result.exit_code == 78
    assert result.stderr.count("\n") == 2  # "has 1 problem:", and the problem
    assert "config.toml" in result.stderr
    assert "line 2" in result.stderr


def test_a_configuration_that_is_not_there_is_exit_code_78(tmp_path: Path) -> None:
    result = schoolgate("run", "--config", tmp_path / "none.toml")
    assert result.exit_code == 78
    assert "none.toml" in result.stderr


def test_one_turn_by_hand_reads_judges_and_sends(built: School) -> None:
    assert at(built, "poll", "--once").exit_code == 0
    threat = built.says_on_facebook(THREAT)
    built.says_on_x(PRAISE)
    result = at(built, "poll", "--once", "--json")
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    # the Page's own post counts too: it has a comment now
    assert said["items"]["x-main"] >= 1
    assert said["items"]["facebook-page"] >= 1
    assert said["mails"] >= 2
    assert said["trouble"] == []
    assert built.mailbox.to(address(Role.HEADTEACHER))
    with built.store() as store, store.read() as session:
        rows = session.exec(select(ItemRow.version).where(ItemRow.external_id == threat)).all()
    assert rows == [1]


def test_one_turn_of_one_account_and_of_one_that_is_not_there(built: School) -> None:
    result = at(built, "poll", "--once", "--account", "x-main")
    assert result.exit_code == 0
    assert "facebook-page" not in result.stdout
    missing = at(built, "poll", "--once", "--account", "myspace")
    assert missing.exit_code == 1
    assert "the configuration has: x-main, facebook-page" in missing.stderr


def test_a_network_that_fails_is_exit_code_75_and_the_other_is_read(built: School) -> None:
    built.x_faults.arm("html_503", times=None)
    built.says_on_facebook("See you at the fair")
    result = at(built, "poll", "--once", "--json")
    built.x_faults.clear()
    assert result.exit_code == 75
    said = json.loads(result.stdout)
    assert said["items"]["facebook-page"] >= 1
    assert any("x-main" in line for line in said["trouble"])
    assert not any("facebook-page" in line for line in said["trouble"])


def test_the_register_is_shown_then_imported_and_a_shrink_is_confirmed(built: School, tmp_path: Path) -> None:
    def imports() -> int:
        with built.store() as store, store.read() as session:
            return session.exec(select(func.count()).select_from(RegisterImportRow)).one()

    dry = at(built, "register", "import", REGISTER, "--dry-run")
    assert dry.exit_code == 0
    assert "Nothing was stored" in dry.stdout
    assert imports() == 0
    done = at(built, "register", "import", REGISTER, "--json")
    plan = json.loads(done.stdout)
    assert done.exit_code == 0
    assert plan["imported"] is True
    assert plan["added"] == plan["people"] > 20
    assert imports() == 1
    smaller = tmp_path / "smaller.csv"
    smaller.write_text("".join(REGISTER.read_text().splitlines(keepends=True)[:4]))
    refused = at(built, "register", "import", smaller)
    assert refused.exit_code == 1
    assert "--confirm-shrink" in refused.stderr
    assert imports() == 1
    assert at(built, "register", "import", smaller, "--confirm-shrink").exit_code == 0
    assert imports() == 2
    missing = at(built, "register", "import", tmp_path / "none.csv")
    assert missing.exit_code == 1
    assert missing.stderr.count("\n") == 1


def test_the_digest_is_shown_and_nothing_is_stored_or_sent(built: School) -> None:
    def stored() -> tuple[int, int, int]:
        with built.store() as store, store.read() as session:
            rows = session.exec(select(func.count()).select_from(OutboxRow)).one()
            return rows, session.exec(select(func.max(AuditRow.seq))).one() or 0, len(built.mailbox.all())

    before = stored()
    result = at(built, "digest", "--preview", "--role", "esafety")
    assert result.exit_code == 0
    assert result.stdout.startswith("Subject: ")
    assert stored() == before


def test_a_test_mail_arrives_or_the_command_says_so(built: School) -> None:
    before = len(built.mailbox.to(address(Role.IT)))
    result = at(built, "send-test-mail")
    assert result.exit_code == 0
    assert address(Role.IT) in result.stdout
    assert len(built.mailbox.to(address(Role.IT))) == before + 1
    built.mailbox.plan(Fault.NO_SUCH_BOX, recipient=address(Role.OFFICE), times=None)
    refused = at(built, "send-test-mail", "--role", "office")
    built.mailbox.mend()
    assert refused.exit_code not in {0, 2}
    assert refused.stderr.splitlines()[-1].startswith("the mail server did not accept the test mail")
    with built.store() as store, store.read() as session:
        failed = session.exec(select(OutboxRow).where(col(OutboxRow.failed_at).is_not(None))).all()
    assert [row.role for row in failed] == ["office"]


# init


def answers_to(questions: Sequence[str]) -> str:
    return "".join(f"{answer}\n" for answer in questions)


def test_answers_from_a_pipe_become_a_configuration_that_is_right(tmp_path: Path) -> None:
    words = {
        "school.name": "Elm Example Primary",
        "school.case_prefix": "EE",
        "mail.allowed_recipient_domains": "elm.example",
        "mail.host": "smtp.elm.example",
        "mail.sender": "alerts@elm.example",
        "page.public_url": "https://gate.elm.example",
        "x-main.handle": "ElmExample",
        "x-main.token": "marker-token",
    }
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        if question.asked(answers):
            invented = ""
            if question.key.startswith("roles."):
                role = question.key.split(".")[1]
                invented = f"{role}@elm.example" if question.key.endswith("email") else f"A. {role.title()}"
            answers[question.key] = words.get(question.key, invented) or question.default
    target = tmp_path / "config.toml"
    result = schoolgate("init", target, given=answers_to(list(answers.values())))
    assert result.exit_code == 0, result.output
    assert "marker-token" not in result.output
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert schoolgate("check-config", "--config", target).exit_code == 0
    again = schoolgate("init", target, given="")
    assert again.exit_code == 1
    assert "exists already" in again.stderr
