"""The network: MiniLM-L6 (six layers, 384 wide) under one linear layer with a row for each head.

The logit of a text is the mean of the logits of its tokens, so that what each token added can be read off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH, LAYERS, MINDS, INNER, POSITIONS = 384, 6, 12, 1536, 512
EPSILON = 1e-12
UNSEEN = -1e9  # added to what a token would make of one that is not there


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.joint = nn.Linear(WIDTH, 3 * WIDTH)
        self.after = nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.last = nn.LayerNorm(WIDTH, EPSILON)

    def forward(self, x: Tensor, mask: Tensor, drop: float) -> Tensor:
        batch, length, _ = x.shape
        asks, keys, values = (
            self.joint(x).view(batch, length, 3, MINDS, WIDTH // MINDS).permute(2, 0, 3, 1, 4).unbind()
        )
        # Written out: of texts as short as these torch's own takes longer to differentiate than all else together.
        shares = (asks @ keys.transpose(-1, -2) / (WIDTH // MINDS) ** 0.5 + mask).softmax(-1)
        seen = self.after((shares @ values).transpose(1, 2).reshape(batch, length, WIDTH))
        x = self.norm(x + dropped(seen, drop))
        inner = self.down(functional.gelu(self.up(x)))
        return self.last(x + dropped(inner, drop))


class Network(nn.Module):
    """Token ids and mask [batch, length] → logits of each token [batch, length, heads]."""

    def __init__(self, words: int, heads: int, drop: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(words, WIDTH)
        self.places = nn.Embedding(POSITIONS, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.heads = nn.Linear(WIDTH, heads)
        self.drop = drop

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        places = torch.arange(ids.shape[1], device=ids.device)
        drop = self.drop if self.training else 0.0
        x = dropped(self.norm(self.words(ids) + self.places(places)), drop)
        unseen = (1.0 - mask[:, None, None, :].to(x.dtype)) * UNSEEN
        for layer in self.layers:
            x = layer(x, unseen, drop)
        return self.heads(dropped(x, drop))  # type: ignore[no-any-return]


def dropped(x: Tensor, drop: float) -> Tensor:
    """The values without a random share of them, `drop` in steps of 1/256. One random number decides on eight of them:
    on a processor that takes half the time of torch's own."""
    out = round(drop * 256)
    if not out:
        return x
    numbers = torch.randint(-(2**63), 2**63 - 1, (x.numel() // 8 + 1,), device=x.device)
    falls = numbers.view(torch.uint8)[: x.numel()].view(x.shape) < out
    return x.masked_fill(falls, 0.0) * (256 / (256 - out))


def pooled(logits: Tensor, mask: Tensor) -> Tensor:
    """Logits of tokens [batch, length, heads] → logits of texts [batch, heads]."""
    weights = mask[:, :, None].to(logits.dtype)
    return (logits * weights).sum(1) / weights.sum(1)


def from_minilm(path: Path, kept: Sequence[int], heads: int) -> Network:
    """The network with MiniLM's weights for the tokens `kept` of its vocabulary; the heads start at nothing."""
    from safetensors.torch import load_file

    weights: Mapping[str, Tensor] = load_file(path)
    network = Network(len(kept), heads)
    pick = {name.removeprefix("bert."): value for name, value in weights.items()}
    with torch.no_grad():
        network.words.weight.copy_(pick["embeddings.word_embeddings.weight"][list(kept)])
        kind = pick["embeddings.token_type_embeddings.weight"][0]
        network.places.weight.copy_(pick["embeddings.position_embeddings.weight"] + kind)
        _copy(network.norm, pick, "embeddings.LayerNorm")
        for number, layer in enumerate(network.layers):
            assert isinstance(layer, Layer)
            base = f"encoder.layer.{number}"
            parts = [f"{base}.attention.self.{part}" for part in ("query", "key", "value")]
            layer.joint.weight.copy_(torch.cat([pick[f"{part}.weight"] for part in parts]))
            layer.joint.bias.copy_(torch.cat([pick[f"{part}.bias"] for part in parts]))
            _copy(layer.after, pick, f"{base}.attention.output.dense")
            _copy(layer.norm, pick, f"{base}.attention.output.LayerNorm")
            _copy(layer.up, pick, f"{base}.intermediate.dense")
            _copy(layer.down, pick, f"{base}.output.dense")
            _copy(layer.last, pick, f"{base}.output.LayerNorm")
        network.heads.weight.normal_(0, 0.02)
        network.heads.bias.fill_(-2.0)  # most texts are none of these
    return network


def _copy(into: nn.Linear | nn.LayerNorm, pick: Mapping[str, Tensor], name: str) -> None:
    into.weight.copy_(pick[f"{name}.weight"])
    into.bias.copy_(pick[f"{name}.bias"])
