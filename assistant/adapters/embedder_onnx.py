"""Embeds with all-MiniLM-L6-v2 on ONNX Runtime on the CPU: the default, without torch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from assistant.adapters import minilm
from assistant.adapters.cores import available_cores
from assistant.adapters.onnx_export import Precision, exported_model
from assistant.adapters.texts import encodable, pieces
from assistant.errors import ConfigurationError, EmbedderError
from assistant.interfaces import Embedder, Vectors

# Tokens that one run takes at most. Texts of equal length share a run, which helps short ones: a matrix product of a
# few rows leaves the processor waiting for the weights. In int8 the operator finds one scale for all rows of a run, so
# that a text's vector would depend on its neighbours; there every text runs alone (5 % slower on short texts).
_RUN_TOKENS: dict[Precision, int] = {"fp32": 512, "int8": 0}

# Texts that are tokenized at once: what a long list needs of memory beyond its vectors.
_SLICE = 256

# Characters. A longer text is counted in pieces, for the tokenizer needs some hundred bytes a token. It never joins
# what a space or a line end divides, so the count is the same.
_PIECE = 100_000


def load_onnx_embedder(cache: Path, precision: str = "int8", threads: int = 0) -> Embedder:
    """Load the default embedder, exporting the model first if the cache does not hold it.

    Args:
        cache: folder of the exported model; made if missing.
        precision: `int8` or `fp32`.
        threads: threads for embedding; 0: the cores that this process may use.

    Raises:
        ConfigurationError: unknown precision, or a negative number of threads.
        EmbedderError: the model is not installed, its files are not the published ones, or it cannot be loaded.
        StorageFullError: no space left in the cache folder.
    """
    if precision not in _RUN_TOKENS:
        raise ConfigurationError(f"unknown precision {precision!r}", f"choose one of: {', '.join(_RUN_TOKENS)}")
    if threads < 0:
        raise ConfigurationError(f"threads cannot be {threads}", "choose 0 for the cores that are there, or more")
    tokenizer = _load_tokenizer(minilm.published_bytes(minilm.model_folder(), minilm.TOKENIZER))
    return OnnxEmbedder(_load_session(cache, precision), tokenizer, precision, threads or available_cores())


class OnnxEmbedder:
    """Implements `interfaces.Embedder`; made by `load_onnx_embedder`.

    Each of its threads runs whole texts on one core. Compared with several cores on one text, no core waits for
    another, so that both throughput and CPU time are better; and nothing runs between calls.

    Args:
        session: an ONNX Runtime session of a model that `onnx_export` wrote.
        tokenizer: a `tokenizers.Tokenizer` without truncation and padding.
        precision: the session's arithmetic.
        threads: how many texts are embedded at once.
    """

    dimension = minilm.DIMENSION
    max_tokens = minilm.MAX_TOKENS

    def __init__(self, session: Any, tokenizer: Any, precision: Precision, threads: int) -> None:
        self.name = f"{minilm.NAME}/{precision}"
        self.threads = threads
        self._session = session
        self._tokenizer = tokenizer
        self._run_tokens = _RUN_TOKENS[precision]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `interfaces.Embedder`."""
        counts = []
        for text in texts:
            parts = [encodable(part) for part in pieces(text, _PIECE)]
            encodings = self._tokenizer.encode_batch_fast(parts, add_special_tokens=False)
            counts.append(sum(len(encoding) for encoding in encodings))
        return counts

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `interfaces.Embedder`."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _SLICE):
            self._embed_slice(texts[start : start + _SLICE], vectors[start : start + _SLICE])
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """See `interfaces.Embedder`."""
        vector: Vectors = self._run(self._tokenize([text]))[0]
        return vector

    def _embed_slice(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Write the texts' vectors into `vectors`."""
        ids = self._tokenize(texts)

        def embed(rows: list[int]) -> None:
            vectors[rows] = self._run([ids[row] for row in rows])

        runs = list(_runs([len(row) for row in ids], self._run_tokens))
        workers = min(self.threads, len(runs))
        if workers <= 1:
            for rows in runs:
                embed(rows)
            return
        # A pool a call, not one for good: it costs a tenth of a millisecond, and nothing is lost in a forked process.
        with ThreadPoolExecutor(workers, thread_name_prefix="embed") as pool:
            for _ in pool.map(embed, runs):
                pass  # taking the results raises what a thread raised

    def _tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text, special ones included, cut to what the model reads."""
        encodings = self._tokenizer.encode_batch_fast([encodable(text) for text in texts])
        return [_cut(encoding.ids) for encoding in encodings]

    def _run(self, ids: list[list[int]]) -> Vectors:
        """Return the vectors of texts of equal length."""
        vectors: Vectors = self._session.run(None, {"ids": np.array(ids, dtype=np.int32)})[0]
        return vectors


def _runs(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """Group texts into runs: of equal length, so that nothing is padded, and of at most `tokens` or a single text.

    The longest come first, so that at the end no thread is left alone with a long one.

    Args:
        lengths: tokens of each text.
        tokens: tokens of a run.

    Yields:
        Positions in `lengths`; each position once.
    """
    run: list[int] = []
    for position in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        length = lengths[position]
        if run and (lengths[run[0]] != length or (len(run) + 1) * length > tokens):
            yield run
            run = []
        run.append(position)
    if run:
        yield run


def _cut(ids: list[int]) -> list[int]:
    """Return the ids cut to `minilm.MAX_TOKENS`; the closing special token stays last."""
    return ids if len(ids) <= minilm.MAX_TOKENS else [*ids[: minilm.MAX_TOKENS - 1], ids[-1]]


def _load_tokenizer(data: bytes) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(data)
    tokenizer.no_padding()  # the published file pads and cuts to 128 tokens
    tokenizer.no_truncation()
    return tokenizer


def _load_session(cache: Path, precision: Precision) -> Any:
    # From 1.32 on, ONNX Runtime reports its use to its maker unless this stands in the environment when it is imported;
    # its own `disable_telemetry_events()` comes too late. Nothing is to leave the company's machines.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a run stays in the thread that calls it; no other thread exists or spins
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only, and those are raised too
    options.enable_cpu_mem_arena = False  # the arena would keep the memory of the largest run; it is no faster
    # The graph is written as it is to run. Fused further, GELU with its bias and the norm with its sum take three and
    # ten times as long as the operators one by one (1.32).
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.enable_mem_pattern = False  # patterns serve runs of one shape; here every length is another
    path = exported_model(cache, precision)
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no common class of their own
        raise EmbedderError(
            f"ONNX Runtime {onnxruntime.__version__} cannot load {path}: {error}", "install the pinned onnxruntime"
        ) from error
