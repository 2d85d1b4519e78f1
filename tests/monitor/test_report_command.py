from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import app

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example's, with made-up secrets and without the model."""
    text = EXAMPLE.read_text("utf-8")
    (tmp_path / "secrets").mkdir()
    for name in re.findall(r"^\w+_file = \"(secrets/.+?)\"", text, re.MULTILINE):
        (tmp_path / name).write_text("ab" * 32)
        (tmp_path / name).chmod(0o600)
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    monkeypatch.setenv("SCHOOLGATE_DETECTION__MODEL", "off")
    return path


def termly(config: Path, target: Path) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["report", "termly", "--out", str(target), "--config", str(config)])
    return ran.exit_code, " ".join(ran.output.split())


def test_the_report_is_a_pdf_that_only_its_owner_reads(config: Path, tmp_path: Path) -> None:
    target = tmp_path / "governors.pdf"
    code, said = termly(config, target)
    assert code == 0, said
    assert target.read_bytes().startswith(b"%PDF")
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_not_written_over(config: Path, tmp_path: Path) -> None:
    target = tmp_path / "governors.pdf"
    target.write_text("mine")
    code, _ = termly(config, target)
    assert code == 1
    assert target.read_text() == "mine"


def test_a_folder_that_is_not_there_is_named(config: Path, tmp_path: Path) -> None:
    code, said = termly(config, tmp_path / "nowhere" / "governors.pdf")
    assert code == 1
    assert "not a folder" in said
