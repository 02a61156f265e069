"""Every Protocol of the house, a module a kind; adapters and plugins implement these and nothing else."""

from assistant.interfaces.agent import Agent, Job, Writer
from assistant.interfaces.blobs import BlobStore
from assistant.interfaces.chat import ChatModel, ChatStream, Overseen
from assistant.interfaces.index import Index
from assistant.interfaces.models import (
    Captioner,
    Embedder,
    Judge,
    PictureEmbedder,
    QueryExpander,
    Reranker,
    SparseEmbedder,
    Vectors,
)
from assistant.interfaces.packs import DocumentReader, Pack, Structure
from assistant.interfaces.parsing import Chunker, PageDrawer, PagePool, Parser
from assistant.interfaces.plugins import Plugin, Registry
from assistant.interfaces.sources import DataSource
from assistant.interfaces.tools import CheckedTool, Outward, PostProcessor, Restricted, Tool

__all__ = [
    "Agent",
    "CheckedTool",
    "BlobStore",
    "Captioner",
    "ChatModel",
    "ChatStream",
    "Chunker",
    "DataSource",
    "DocumentReader",
    "Embedder",
    "Index",
    "Job",
    "Judge",
    "Outward",
    "Pack",
    "Overseen",
    "PageDrawer",
    "PagePool",
    "Parser",
    "PictureEmbedder",
    "Plugin",
    "PostProcessor",
    "QueryExpander",
    "Registry",
    "Restricted",
    "Reranker",
    "SparseEmbedder",
    "Structure",
    "Tool",
    "Vectors",
    "Writer",
]
