"""This project: a home of its own, the same ingestion as a company's documents, `Retriever.search`.

Everything is as installed, nothing is set: the ONNX embedder (int8), the embedded index on disk, the default chunks.
The exported model is kept in the cache folder between runs, as on a machine on which the assistant ran once; the
catalog, the extracted texts and the index are written to disk, which the others do not do. The modes `dense` and
`bm25` are the two single searches that are fused, on the same index.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from assistant.types import LOCAL_OPERATOR
from tests.benchmarks.peers.common import CANDIDATES, Document, first_documents


class Assistant:
    modes = ("fused", "dense", "bm25")

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
        if self.mode != "fused":
            return first_documents(self._single(query), k)
        found = self._app.retriever.search(query, LOCAL_OPERATOR, CANDIDATES)
        return first_documents([passage.ref.key for passage in found], k)

    def _single(self, query: str) -> list[str]:
        """Return the document of each passage that one of the engine's two searches finds, best first."""
        from qdrant_edge import Query, QueryRequest, SparseVector

        from assistant.adapters import points, sparse

        if self.mode == "dense":
            wanted = Query.Nearest(self._app.embedder.embed_query(query).tolist(), using=points.DENSE)
        else:
            terms = sparse.embed_query(query)
            wanted = Query.Nearest(SparseVector(list(terms.indices), list(terms.values)), using=points.SPARSE)
        hits = self._app.index._found(QueryRequest(limit=CANDIDATES, query=wanted, with_payload=True))
        keys = {info.ref.id: info.ref.key for info in self._app.library.documents(LOCAL_OPERATOR)}
        return [keys[hit.document_id] for hit in hits]

    def close(self) -> None:
        self._app.close()
        shutil.rmtree(self._home, ignore_errors=True)


def make(variant: str) -> Assistant:
    return Assistant(variant)
