"""From a data source to the index: list, compare, parse, chunk, embed, make current."""

from assistant.ingest.catching_up import CatchUp
from assistant.ingest.comparing import Comparison, Searched, compare
from assistant.ingest.index_ledger import IndexLedger
from assistant.ingest.ingestor import Ingestor, OnProgress, Progress
from assistant.ingest.picture_copies import PictureCopies
from assistant.ingest.pictures import Pictures
from assistant.ingest.pipeline import Limits, Pipeline
from assistant.ingest.reindexing import IndexBuilder
from assistant.ingest.retries import Retries

__all__ = [
    "CatchUp",
    "Comparison",
    "IndexBuilder",
    "IndexLedger",
    "PictureCopies",
    "Searched",
    "compare",
    "Ingestor",
    "Limits",
    "OnProgress",
    "Pictures",
    "Pipeline",
    "Progress",
    "Retries",
]
