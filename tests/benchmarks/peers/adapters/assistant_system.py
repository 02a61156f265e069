"""This project: a home of its own, the same ingestion as a company's documents, `Retriever.search`.

Everything is as installed, nothing is set: the ONNX embedder (int8), the embedded index on disk, the default chunks.
The exported model is kept in the cache folder between runs, as on a machine on which the assistant ran once; the
catalog, the extracted texts and the index are written to disk, which the others do not do. The modes `dense` and
`bm25` are the two single searches that are fused, on the same index, and `rrf` fuses them by ranks alone.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from assistant.retrieval import Retriever, Stages
from assistant.types import LOCAL_OPERATOR
from assistant.types.ranking import Method
from tests.benchmarks.peers.common import CANDIDATES, Document, first_documents

_METHODS: dict[str, Method] = {"dense": "meaning", "bm25": "words", "rrf": "ranks"}


class Assistant:
    modes = ("fused", "dense", "bm25", "rrf")

    def __init__(self, variant: str) -> None:
        from assistant.app import build
        from assistant.settings import load_settings
        from assistant.telemetry import configure_logging

        del variant
        self.mode = self.modes[0]
        self._home = Path(tempfile.mkdtemp(prefix="assistant-peers-"))
        settings = load_settings(home=self._home)
        configure_logging("ERROR", settings.log_format)
        self._app = build(settings)
        _ = self._app.ingestor  # loads the model, as the others do

    def index(self, corpus: Mapping[str, Document]) -> None:
        from assistant.evaluation.sources import KIND, NoConfig, TextsSource

        app = self._app
        texts = {key: (one.title, one.content) for key, one in corpus.items()}
        app.registry.add_source(KIND, NoConfig, lambda _: TextsSource(texts, "text/plain"))
        app.catalog.sources.add(KIND, KIND, {}, {})
        report = app.ingestor.sync(KIND, "cli")
        if report.failures:
            raise SystemExit(f"{report.failed} documents could not be indexed, first {report.failures[0]}")

    def search(self, query: str, k: int) -> list[str]:
        found = self._retriever().search(query, LOCAL_OPERATOR, CANDIDATES)
        return first_documents([passage.ref.key for passage in found], k)

    def _retriever(self) -> Retriever:
        """Return the assistant's own, or one on the same index that ranks by one of its two searches, or by ranks."""
        app = self._app
        if self.mode == "fused":
            return app.retriever
        return Retriever(app.index, app.embedder, app.library, stages=Stages(fusion=_METHODS[self.mode]))

    def close(self) -> None:
        self._app.close()
        shutil.rmtree(self._home, ignore_errors=True)


def make(variant: str) -> Assistant:
    return Assistant(variant)
