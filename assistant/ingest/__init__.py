"""From a data source to the index: list, compare, parse, chunk, embed, make current."""

from assistant.ingest.ingestor import Ingestor, Limits, OnProgress, Progress
from assistant.ingest.pictures import Pictures
from assistant.ingest.retries import Retries

__all__ = ["Ingestor", "Limits", "OnProgress", "Pictures", "Progress", "Retries"]
