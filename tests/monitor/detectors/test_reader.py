from __future__ import annotations

import math
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from monitor.detectors import Judge, Model, ModelError, load_rules
from monitor.detectors import reader as module
from monitor.detectors.harmless import INSTEAD, Harmless
from monitor.detectors.wording import wording
from monitor.domain import Severity

RULES = load_rules()
SHIPPED = Path(module.__file__).parent / module.FOLDER


@pytest.fixture(scope="module")
def model() -> Model:
    return Model()


@pytest.fixture(scope="module")
def judge(model: Model) -> Judge:
    """The model alone: every rule is silenced."""
    return Judge(RULES, model=model, silenced=frozenset(rule.id for rule in RULES.rules))


def found(judge: Judge, text: str) -> set[str]:
    return {one.category for one in judge(text) if one.detector.startswith("model.")}


def test_the_same_text_gets_the_same_answer_whatever_was_read_before(model: Model) -> None:
    read = Judge(RULES).read
    first = model.look(read("They should never have let those people move in"))
    model.look(read("Lovely assembly, well done all " * 5))
    assert model.look(read("They should never have let those people move in")) == first


def test_every_head_answers_with_a_chance(model: Model) -> None:
    chances = model.look(Judge(RULES).read("Lovely assembly")).chances
    assert chances.keys() == model.heads.keys()
    assert all(0 <= chance <= 1 for chance in chances.values())


def test_a_text_without_words_says_nothing(judge: Judge) -> None:
    assert judge("...!!! \U0001f389") == ()


def test_the_place_of_a_finding_lies_in_the_text(judge: Judge) -> None:
    text = "Lovely concert. " * 3 + "It is a pity that so many Poles had to be in the choir."
    places = [one.span for one in judge(text) if one.detector.startswith("model.")]
    assert places
    assert all(48 <= start < end <= len(text) for start, end in places)


def test_what_stands_at_the_end_of_a_long_comment_is_read(judge: Judge) -> None:
    text = "The choir sang well and the cakes were lovely. " * 10
    assert found(judge, text) == set()
    assert "bullying" in found(
        judge, text + "Your son is a fat smelly freak and everybody in his class hates him."
    )


def test_kind_sentences_around_it_do_not_hide_an_unkind_one(model: Model) -> None:
    read = Judge(RULES).read
    unkind = "Your son is a fat smelly freak and everybody in his class hates him."
    alone = model.look(read(unkind)).chances["bullying"]
    among = model.look(read(f"Such a lovely concert, thank you all. {unkind} See you at the summer fair."))
    assert alone > 0.9
    assert among.chances["bullying"] > 0.9


@pytest.mark.parametrize(
    ("harmless", "harmful"),
    [
        ("The walk back along the dyke must have been freezing", "That new teacher is a disgusting dyke"),
        ("Is it pussy willow they were painting?", "He is such a pussy"),
    ],
)
def test_the_model_is_not_shown_a_word_that_is_harmless_where_it_stands(
    judge: Judge, harmless: str, harmful: str
) -> None:
    assert found(judge, harmless) == set()
    assert found(judge, harmful) != set()


def test_a_phrase_that_is_harmless_where_it_stands_is_one_thing_to_the_model() -> None:
    reading = Judge(RULES).read("We had a walk along the dyke on Sunday")
    shown = Harmless(RULES.context("harmless"), {}).hidden(reading)
    pieces, _ = wording(shown, 0, len(shown.words))
    assert pieces.count(INSTEAD) == 1
    assert "" not in pieces
    assert "dyke" not in pieces
    assert len(shown.words) == len(reading.words)


def test_a_head_can_be_silenced_like_a_rule(model: Model) -> None:
    text = "Your son is a fat smelly freak and everybody in his class hates him."
    silenced = Judge(RULES, model=model, silenced=frozenset({"model"}))
    assert not [one for one in silenced(text) if one.detector.startswith("model.")]


@pytest.mark.parametrize("file", module.FILES)
def test_a_missing_file_is_one_sentence_with_the_cure(tmp_path: Path, file: str) -> None:
    shutil.copytree(SHIPPED, tmp_path / "model")
    (tmp_path / "model" / file).unlink()
    with pytest.raises(ModelError, match=r'cannot be loaded .*detection\.model = "off"'):
        Model(tmp_path / "model")


def test_a_damaged_model_is_one_sentence_with_the_cure(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "model")
    (tmp_path / "model" / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="install Schoolgate again"):
        Model(tmp_path / "model")


def test_the_model_is_small_enough_for_a_repository() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 25_000_000


def test_loading_it_brings_in_nothing_that_speaks_to_a_network() -> None:
    code = "import sys; from monitor.detectors import Model; Model(); print([m for m in ('httpx', 'requests', 'huggingface_hub') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_without_the_model_the_rules_stand_alone() -> None:
    (one,) = [one for one in Judge(RULES)("i will kill you") if one.category == "threat"]
    assert one.severity is Severity.CRITICAL
    assert not one.detector.startswith("model.")


def test_it_runs_under_the_units_ban_on_memory_that_is_written_and_run() -> None:
    """MemoryDenyWriteExecute of systemd/schoolgate.service, by prctl(2) where the kernel knows it (6.3)."""
    code = (
        "import ctypes; from monitor.detectors import Judge, Model, load_rules\n"
        "if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0): raise SystemExit(77)\n"
        "print(len(Judge(load_rules(), model=Model())('i will kill you')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode == 77:
        pytest.skip("this kernel cannot deny it")
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 0


def test_what_is_doubtful_in_a_line_is_no_finding_in_a_long_letter(model: Model) -> None:
    """The worst of many sentences looks worse by chance alone; one that is plain stays plain."""
    read, kind = Judge(RULES).read, "The hall was warm. We sang for an hour. " * 8
    doubtful, plain = "Whoever you are, we know which car is yours.", "I am coming to your house to stab you."
    alone, within = (model.look(read(text)).chances["threat"] for text in (doubtful, kind + doubtful))
    assert within < alone
    assert model.look(read(kind + plain)).chances["threat"] > model.heads["threat"].notice


def test_the_chance_of_a_text_is_that_of_its_tokens_mean(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = list(model.heads)
    logits = np.linspace(-3, 3, 5 * len(heads), dtype=np.float32).reshape(5, len(heads))
    monkeypatch.setattr(model, "_logits", lambda _: logits)
    seen = model.look(Judge(RULES).read("lovely school concert"))
    for column, name in enumerate(heads):
        assert seen.chances[name] == 1 / (1 + math.exp(-float(logits.mean(0)[column])))


def test_of_several_sentences_the_worst_counts_and_is_shown(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three sentences of four words, in a window of 3 * 4 words, 2 breaks and 2 edges; the second looks worst."""
    logits = np.full((16, len(model.heads)), -5, np.float32)
    logits[5:10] = 5  # the break counts with the word behind it
    monkeypatch.setattr(model, "_logits", lambda _: logits)
    reading = Judge(RULES).read("the choir sang well. your son hates everybody. see you all there.")
    assert len(reading.words) == 12
    seen = model.look(reading)
    odds = math.exp(5 - math.log(4 / 3))  # four passages, the text and its sentences, of which three are free
    for name, head in model.heads.items():
        assert seen.chances[name] == pytest.approx(odds / (1 + odds))
        if seen.chances[name] >= head.notice:
            assert seen.places[name] == (4, 8)
