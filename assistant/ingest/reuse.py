"""Takes over vectors that the index has: what a changed or moved document still says is not embedded a second time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.adapters.points import DENSE, hit, pages
from assistant.catalog import Catalog, KnownDocument
from assistant.ingest.batches import embed_in_batches
from assistant.ingest.leases import unwatched
from assistant.ingest.pipeline_names import chunker_of
from assistant.ingest.prepare import SPECIAL_TOKENS, Prepared, embedding_texts
from assistant.interfaces import Embedder, Index, Vectors
from assistant.types import document_id
from assistant.types.index_points import IndexPoint

_AT_ONCE = 100  # documents whose points are read together


@dataclass(frozen=True, slots=True)
class FormerVectors:
    """Embeds prepared documents, and takes from the index what was embedded of their current versions.

    The index does not hold what was embedded, but all that it was put together from: it is put together again, and a
    vector is taken over where that is, to the letter, what is to be embedded now.

    Args:
        catalog: knows the current versions.
        index: made by `embedder`.
        embedder: embeds the rest.
        batch: texts that it is given at once, at most.
        advanced: called as the work gets on.
    """

    catalog: Catalog
    index: Index
    embedder: Embedder
    batch: int = 256
    advanced: Callable[[], None] = unwatched

    def embed(self, prepared: Sequence[Prepared]) -> Vectors:
        """Return one row a text of the prepared documents, in order. Raises IndexUnavailableError."""
        texts = [text for step in prepared for text in step.texts]
        former = self._former(prepared)
        found = self._found(former, {text for step in prepared if _had_another(step) for text in step.texts})
        if not found:
            return self._embedded(texts)
        vectors = np.empty((len(texts), self.embedder.dimension), dtype=np.float32)
        missing = [at for at, text in enumerate(texts) if text not in found]
        if missing:
            vectors[missing] = self._embedded([texts[at] for at in missing])
        for at, text in enumerate(texts):
            if text in found:
                vectors[at] = found[text]
        return vectors

    def _embedded(self, texts: Sequence[str]) -> Vectors:
        return embed_in_batches(self.embedder.embed_passages, texts, self.batch, self.advanced)

    def _former(self, prepared: Sequence[Prepared]) -> dict[str, KnownDocument]:
        """Return the current versions that the same chunker made, by the documents' ids.

        With another chunker, other things may be embedded of the same chunk.
        """
        wanted: dict[str, dict[str, Prepared]] = {}
        for step in prepared:
            if _had_another(step):
                wanted.setdefault(step.job.source, {})[step.job.origin or step.job.key] = step
        found: dict[str, KnownDocument] = {}
        for source, steps in wanted.items():
            for key, known in self.catalog.documents.known(source, list(steps)).items():
                version = steps[key].version
                is_other = known.version != version.info.ref.version or key != version.info.ref.key
                if is_other and chunker_of(known.pipeline) == chunker_of(version.pipeline):
                    found[document_id(source, key)] = known
        return found

    def _found(self, former: Mapping[str, KnownDocument], wanted: set[str]) -> dict[str, Vectors]:
        """Return the vectors of those of the texts that were embedded of the former versions."""
        found: dict[str, Vectors] = {}
        ids = list(former)
        for start in range(0, len(ids), _AT_ONCE):
            for page in pages(self.index, ids[start : start + _AT_ONCE]):
                self.advanced()
                for document, points in _by_document(page, former).items():
                    rows = (np.frombuffer(point.vectors[DENSE], "<f4") for point in points)
                    texts = self._texts(former[document].title, points)
                    found |= {text: row for text, row in zip(texts, rows, strict=True) if text in wanted}
                if len(found) == len(wanted):
                    return found
        return found

    def _texts(self, title: str, points: Sequence[IndexPoint]) -> list[str]:
        chunks = [hit(point.payload, 0.0).chunk for point in points]
        most = self.embedder.max_tokens - SPECIAL_TOKENS
        return embedding_texts(title, chunks, self.embedder.count_tokens, most)


def _had_another(step: Prepared) -> bool:
    return not step.is_new or step.job.origin is not None


def _by_document(page: Sequence[IndexPoint], former: Mapping[str, KnownDocument]) -> dict[str, list[IndexPoint]]:
    """Return the chunks of the former versions by document."""
    found: dict[str, list[IndexPoint]] = {}
    for point in page:
        document = str(point.payload["document_id"])
        if DENSE in point.vectors and point.payload["version"] == former[document].version:
            found.setdefault(document, []).append(point)
    return found
