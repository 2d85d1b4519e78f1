"""Writes the trained network as an ONNX graph in whole numbers of eight bits, with its token list and its description.

The graph is written by hand with onnxruntime's fused operators: they are twice as fast on an ordinary processor as what
a general exporter makes. It takes `ids` and `mask` [batch, length] and gives `logits` [batch, length, heads].
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from bench.train.network import EPSILON, LAYERS, MINDS

_FUSED = "com.microsoft"
Weights = Mapping[str, NDArray[np.float32]]


class _Graph:
    """Collects the nodes and weights of a graph."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, value: NDArray[np.generic]) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output


def graph(weights: Weights) -> onnx.ModelProto:
    """The float graph of a network's weights."""
    made = _Graph()
    made.add("Shape", ["ids"], "length", start=1, end=2)
    made.add("Gather", [made.weight("words", weights["words.weight"]), "ids"], "word")
    first = made.weight("first", np.array([0], np.int64))
    made.add("Slice", [made.weight("places", weights["places.weight"]), first, "length"], "place")
    made.add("Add", ["word", "place"], "summed")
    x = made.add(
        "LayerNormalization", ["summed", *_pair(made, weights, "norm")], "x", axis=-1, epsilon=EPSILON
    )
    made.add("Cast", ["mask"], "mask32", to=TensorProto.INT32)
    for number in range(LAYERS):
        x = _layer(made, weights, number, x)
    head = made.weight("heads", weights["heads.weight"].T)
    made.add("MatMul", [x, head], "raw")
    made.add("Add", ["raw", made.weight("heads.bias", weights["heads.bias"])], "logits")
    many = ["batch", "length"]
    return helper.make_model(
        helper.make_graph(
            made.nodes,
            "schoolgate",
            [helper.make_tensor_value_info(name, TensorProto.INT64, many) for name in ("ids", "mask")],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*many, len(weights["heads.bias"])])],
            made.weights,
        ),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(_FUSED, 1)],
        ir_version=9,
    )


def _layer(made: _Graph, weights: Weights, number: int, x: str) -> str:
    own, at = f"layers.{number}", f"l{number}"
    joint = made.weight(f"{at}.joint", weights[f"{own}.joint.weight"].T)
    bias = made.weight(f"{at}.joint.bias", weights[f"{own}.joint.bias"])
    made.add("Attention", [x, joint, bias, "mask32"], f"{at}.seen", _FUSED, num_heads=MINDS)
    made.add(
        "MatMul", [f"{at}.seen", made.weight(f"{at}.after", weights[f"{own}.after.weight"].T)], f"{at}.out"
    )
    x = _skip(made, weights, f"{at}.out", x, f"{own}.after.bias", f"{own}.norm", f"{at}.mid")
    made.add("MatMul", [x, made.weight(f"{at}.up", weights[f"{own}.up.weight"].T)], f"{at}.wide")
    up = made.weight(f"{at}.up.bias", weights[f"{own}.up.bias"])
    made.add("BiasGelu", [f"{at}.wide", up], f"{at}.bent", _FUSED)
    made.add(
        "MatMul", [f"{at}.bent", made.weight(f"{at}.down", weights[f"{own}.down.weight"].T)], f"{at}.narrow"
    )
    return _skip(made, weights, f"{at}.narrow", x, f"{own}.down.bias", f"{own}.last", f"{at}.end")


def _skip(made: _Graph, weights: Weights, new: str, old: str, bias: str, norm: str, output: str) -> str:
    scale, shift = _pair(made, weights, norm, output)
    extra = made.weight(f"{output}.added", weights[bias])
    # onnxruntime's fused SkipLayerNormalization takes twice as long as these three
    made.add("Add", [new, old], f"{output}.both")
    made.add("Add", [f"{output}.both", extra], f"{output}.all")
    return made.add("LayerNormalization", [f"{output}.all", scale, shift], output, axis=-1, epsilon=EPSILON)


def _pair(made: _Graph, weights: Weights, norm: str, prefix: str = "start") -> list[str]:
    return [made.weight(f"{prefix}.{part}", weights[f"{norm}.{part}"]) for part in ("weight", "bias")]


def export(state: Path, result: Path) -> None:
    """Writes the weights of `state` as an eight-bit graph to `result`."""
    weights = {name: value.numpy() for name, value in torch.load(state, weights_only=True).items()}
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        onnx.save(graph(weights), plain)
        quantize_dynamic(
            plain,
            result,
            per_channel=True,
            reduce_range=True,  # without VNNI the products of full eight bits overflow
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Attention", "Gather"],
            nodes_to_exclude=["raw"],
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )
