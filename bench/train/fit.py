"""Fine-tunes the network: several processes, each on its own share, that average their weights now and then (local SGD).

On processors without accelerator one process of several threads is much slower than several of one thread.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, distributed, multiprocessing

from bench.train.heads import HEADS
from bench.train.network import Network, pooled
from bench.train.noise import NOISY, noisy
from bench.train.seeds import Text
from bench.train.tokens import SPECIAL, line

BATCH = 64  # texts of one step of one process
TOGETHER = 25  # steps between two averages
WARM = 0.06  # of all steps
BUCKET = 40  # batches that are sorted by length together
WRAPPED = 0.1  # of all texts in a pass stand before or after something harmless
SHORT = 100  # characters of what they are wrapped in, at most
UNREAD = 0.06  # of all tokens are hidden, so that the others must tell
MOVED = 1.0  # how far all words of a batch are moved together
# Sums in numbers of half the length where the processor is made for them (AMX): twice as fast; elsewhere slower.
HALF = bool(torch.cpu.get_capabilities().get("amx_bf16"))


@dataclass(frozen=True)
class Stage:
    """One stage of training: `passes` over `texts` at the learning rate `rate`, falling to nothing."""

    name: str
    texts: Sequence[Text]
    passes: float
    rate: float


@dataclass(frozen=True)
class Plan:
    stages: Sequence[Stage]
    tokenizer: str  # as JSON
    start: Path
    result: Path
    processes: int
    seed: int


def fit(plan: Plan) -> None:
    """Trains from the weights of `plan.start` and writes `plan.result`."""
    rendezvous = plan.result.with_suffix(".rendezvous").absolute()
    rendezvous.unlink(missing_ok=True)
    if plan.processes == 1:
        _work(0, plan, rendezvous)
    else:
        multiprocessing.spawn(_work, (plan, rendezvous), nprocs=plan.processes)
    rendezvous.unlink(missing_ok=True)


def _work(rank: int, plan: Plan, rendezvous: Path) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed + rank)
    distributed.init_process_group(
        "gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=plan.processes
    )
    state = torch.load(plan.start, weights_only=True)
    network = Network(state["words.weight"].shape[0], len(HEADS))
    network.load_state_dict(state)
    tokenizer = Tokenizer.from_str(plan.tokenizer)
    for number, stage in enumerate(plan.stages):
        _stage(network, stage, tokenizer, random.Random(f"{plan.seed} {number}"), rank, plan.processes)
        if rank == 0:
            torch.save(network.state_dict(), plan.result)
    distributed.destroy_process_group()


def _stage(
    network: Network, stage: Stage, tokenizer: Tokenizer, rng: random.Random, rank: int, processes: int
) -> None:
    total = max(1, math.ceil(len(stage.texts) * stage.passes / (BATCH * processes)))
    optimiser = torch.optim.AdamW(_groups(network), lr=stage.rate, betas=(0.9, 0.98), fused=True)
    began, sums = time.monotonic(), 0.0
    network.train()
    for step, (ids, mask, known, labels) in enumerate(
        _batches(stage, tokenizer, rng, rank, processes, total)
    ):
        share = step / total
        rate = stage.rate * min(share / WARM, (1 - share) / (1 - WARM))
        for group in optimiser.param_groups:
            group["lr"] = rate * group["share"]
        hidden = (torch.rand(ids.shape) < UNREAD) & (ids >= len(SPECIAL))
        seen = ids.masked_fill(hidden, SPECIAL.index("[UNK]"))
        optimiser.zero_grad(set_to_none=True)
        loss = _learnt(network, seen, mask, known, labels)
        with _worst_words(network):
            _learnt(network, seen, mask, known, labels)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        sums += loss
        if (step + 1) % TOGETHER == 0 or step + 1 == total:
            _average(network, processes)
            if rank == 0 and (step + 1) % (TOGETHER * 4) == 0:
                done = (step + 1) * BATCH * processes
                pace = done / (time.monotonic() - began)
                print(
                    f"{stage.name}: step {step + 1} of {total}, loss {sums / TOGETHER / 4:.4f}, {pace:.0f} texts/s",
                    flush=True,
                )
                sums = 0.0


def _learnt(network: Network, ids: Tensor, mask: Tensor, known: Tensor, labels: Tensor) -> float:
    """The loss of a batch; what each weight adds to it is added to the weight's gradient."""
    with torch.autocast("cpu", torch.bfloat16, enabled=HALF):
        logits = network(ids, mask)
    loss = _loss(pooled(logits.float(), mask), labels, known)
    loss.backward()  # type: ignore[no-untyped-call]
    return loss.item()


@contextmanager
def _worst_words(network: Network) -> Iterator[None]:
    """With the words moved a little to where the batch is judged worst, by the gradient that they have (the "fast
    gradient method", Miyato et al. 2017, arXiv:1605.07725): so that no single word decides."""
    words = network.words.weight
    assert words.grad is not None
    moved = words.grad * (MOVED / (words.grad.norm() + 1e-9))
    with torch.no_grad():
        words.add_(moved)
    yield
    with torch.no_grad():
        words.sub_(moved)


def _groups(network: Network) -> list[dict[str, object]]:
    """The heads learn ten times as fast as MiniLM's own weights; norms and biases do not decay."""
    heads = {id(one) for one in network.heads.parameters()}
    plain = [one for one in network.parameters() if id(one) not in heads and one.dim() > 1]
    rest = [one for one in network.parameters() if id(one) not in heads and one.dim() == 1]
    return [
        {"params": plain, "share": 1.0, "weight_decay": 0.01},
        {"params": rest, "share": 1.0, "weight_decay": 0.0},
        {"params": list(network.heads.parameters()), "share": 10.0, "weight_decay": 0.0},
    ]


def _loss(logits: Tensor, labels: Tensor, known: Tensor) -> Tensor:
    """Binary cross-entropy, summed over the heads that a text tells something of, averaged over the texts."""
    each = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return (each * known).sum() / len(logits)


def _average(network: Network, processes: int) -> None:
    if processes == 1:
        return
    with torch.no_grad():
        flat = torch.nn.utils.parameters_to_vector(network.parameters())
        distributed.all_reduce(flat)
        torch.nn.utils.vector_to_parameters(flat / processes, network.parameters())


def _batches(
    stage: Stage, tokenizer: Tokenizer, rng: random.Random, rank: int, processes: int, total: int
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """`total` batches of this process; every pass in another order, with other noise."""
    left = total
    harmless = [one.text for one in stage.texts if is_harmless(one) and len(one.text) <= SHORT]
    while left > 0:
        order = list(range(len(stage.texts)))
        rng.shuffle(order)
        noise = random.Random(rng.random())
        mine = order[rank::processes]
        for at in range(0, len(mine), BATCH * BUCKET):
            some = [stage.texts[one] for one in mine[at : at + BATCH * BUCKET]]
            lines = [line(_varied(one.text, harmless, noise)) for one in some]
            read = sorted(
                zip(tokenizer.encode_batch(lines), some, strict=True), key=lambda pair: len(pair[0].ids)
            )
            shares = [read[low : low + BATCH] for low in range(0, len(read), BATCH)]
            noise.shuffle(shares)
            for share in shares:
                if left == 0:
                    return
                if len(share) == BATCH:
                    left -= 1
                    yield _tensors([one.ids for one, _ in share], [text for _, text in share])


def is_harmless(text: Text) -> bool:
    """Whether nobody objects to a text, and that is known of every head."""
    return len(text.labels) == len(HEADS) and not any(text.labels.values())


def _varied(text: str, harmless: Sequence[str], rng: random.Random) -> str:
    """The text with noise now and then, and now and then beside a harmless sentence: what it says stays as it is."""
    if harmless and rng.random() < WRAPPED:
        both = [text, rng.choice(harmless)]
        rng.shuffle(both)
        first, second = both
        text = first + ("" if first[-1:] in ".!?" else ".") + " " + second
    return noisy(text, rng) if rng.random() < NOISY else text


def _tensors(ids: list[list[int]], texts: list[Text]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    longest = max(map(len, ids))
    padded = torch.tensor([one + [0] * (longest - len(one)) for one in ids])
    mask = torch.tensor([[1] * len(one) + [0] * (longest - len(one)) for one in ids])
    labels = torch.tensor([[float(text.labels.get(head, 0)) for head in HEADS] for text in texts])
    known = torch.tensor([[float(head in text.labels) for head in HEADS] for text in texts])
    return padded, mask, known, labels
