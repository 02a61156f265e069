"""The models that search and ingestion use, each behind a few methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from assistant.types.sparse import SparseVector

Vectors = NDArray[np.float32]


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors of unit length. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """Names model and arithmetic, e.g. `all-MiniLM-L6-v2/int8`; an index belongs to one name."""
        ...

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """The longest text the model reads, in tokens with the special ones; what is beyond is cut."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in the model's own tokens, special ones left out, nothing cut."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text: shape `(len(texts), dimension)`, float32, rows of unit length, in order."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """Return the query's vector: shape `(dimension,)`, float32, unit length."""
        ...


@runtime_checkable
class SparseEmbedder(Protocol):
    """Weighs the words that a text is about, also those that it does not say: a learned sparse model such as SPLADE.

    A text and a question belong together as far as their words do: by the sum of the products of their weights. Safe to
    call from several threads.
    """

    @property
    def name(self) -> str:
        """Names model and arithmetic, e.g. `splade-v3@0a1b2c3d/fp32`; the chunks in an index belong to one name."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> list[SparseVector]:
        """Return one vector a text, in order; weights are finite and above 0. What is over the model's length is cut.

        Args:
            texts: of any length; an empty one may have an empty vector.
        """
        ...

    def embed_query(self, text: str) -> SparseVector:
        """Return the query's vector, likewise."""
        ...


@runtime_checkable
class PictureEmbedder(Protocol):
    """Turns pictures and texts into vectors of one space, of unit length. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """Names model and arithmetic, e.g. `clip-ViT-B-32@0a1b2c3d/fp32`; the pictures in an index belong to one."""
        ...

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        ...

    def embed_pictures(self, pictures: Sequence[bytes]) -> Vectors:
        """Return one row a picture: shape `(len(pictures), dimension)`, float32, rows of unit length, in order.

        Args:
            pictures: image files (PNG, JPEG, GIF, WEBP, BMP, TIFF); of several frames the first counts.

        Raises:
            DamagedDocumentError: a picture cannot be decoded.
        """
        ...

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of a picture's description: shape `(dimension,)`, float32, unit length."""
        ...


@runtime_checkable
class Captioner(Protocol):
    """Says in words what a picture shows: a vision model. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """Names the model; pictures are described anew where it changes."""
        ...

    def caption(self, picture: bytes, context: str) -> str:
        """Return a description on one line.

        Args:
            picture: an image file.
            context: what is known of it: its document's title and the text beside it, maybe nothing.

        Raises:
            ModelUnavailableError: the model does not answer now.
            ModelServerError: it refuses this picture.
        """
        ...


@runtime_checkable
class Judge(Protocol):
    """Says which facts an answer holds: a language model that measures answers. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """Names the model; runs that two models judged are not alike."""
        ...

    def held(self, question: str, answer: str, facts: Sequence[str]) -> list[bool]:
        """Return for each fact whether the answer states it, in other words or the same, and does not contradict it.

        Args:
            question: what was asked.
            answer: what was answered.
            facts: at least one.

        Raises:
            ModelUnavailableError: the model does not answer now.
            ModelServerError: it refuses, or says something else than was asked for.
        """
        ...


@runtime_checkable
class Reranker(Protocol):
    """Says how well texts answer a question, reading both together: a cross-encoder. Safe to call from threads."""

    @property
    def name(self) -> str:
        """Names the model."""
        ...

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return a score for each text, in order, the better the higher; only their order means something.

        Args:
            query: the question.
            texts: of any length; what is over the model's own length is cut.

        Raises:
            ModelUnavailableError, ModelServerError: a model behind a server does not answer, or refuses.
        """
        ...


@runtime_checkable
class QueryExpander(Protocol):
    """Says a question in other words, so that documents that use them are found. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """Names the model."""
        ...

    def expand(self, query: str) -> list[str]:
        """Return other wordings of the question, the best first, none where there is nothing to say otherwise.

        Raises:
            ModelUnavailableError: the model does not answer now.
            ModelServerError: it refuses, or answers with something else.
        """
        ...
