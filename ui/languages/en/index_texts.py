"""The texts of the page of the index."""

from __future__ import annotations

from ui.overseen import Compared, Progress, Recall, Suspicions

INDEX = "Index"
LEAD = "What searches use, how well it finds, and another index beside it."
CURRENT = "The index that searches use"
ENGINES = {"edge": "in this process", "qdrant": "on a Qdrant server"}
NAME, EMBEDDER, VECTORS, CHUNK_TOKENS, SPARSE = "Name", "Embedder", "Vectors", "Longest chunk", "Learned sparse model"
DOCUMENTS, CHUNKS, TOKENS, SIZE, CATALOG, FREE = (
    "Documents",
    "Chunks",
    "Tokens of text",
    "Index on disk",
    "Catalog on disk",
    "Free on the disk",
)
ON_A_SERVER, NONE = "on a server", "none"
INDEX_FAILS = "The index does not say what it holds"
RECALL = "What searches find"
RECALL_HELP = (
    "Quick searches look at a part of the index. This asks with stored vectors, moved a little, and compares with"
    " searches that look at everything: for readers of all, and of small shares."
)
CHECK_RECALL = "Measure now"
NOT_MEASURED = "Not measured since the assistant was started."
ALWAYS_EXACT = "There is nothing to compare: the index is empty, or is always searched in full."
READER, FOUND = "Reader of", "Finds of the nearest"
LOW_RECALL = "Below 97 %, searches lose too much of what is there. Reindex, and tell whoever looks after the assistant."
OTHERS = "All indexes"
STATES = {
    "building": "Is being built",
    "ready": "Ready to take over",
    "current": "In use",
    "kept": "Kept, to go back to",
    "dropped": "Given up",
}
GO_ON, GO_OVER, GO_BACK, GIVE_UP, STOP = "Go on", "Go over to it", "Go back to it", "Give up", "Stop"
OVER_TITLE = "Let searches use this index?"
OVER_BODY = (
    "Searches use it within moments; none is lost on the way. The former index is kept and kept level, so that you can"
    " go back. It waits until no source is being synced."
)
FORCE_BODY = "It finds clearly less than the one in use: people will miss documents. Do this only if you know why."
BACK_TITLE = "Go back to the former index?"
BACK_BODY = "Searches use the former index again within moments. The one in use now is kept."
DROP_TITLE = "Give this index up?"
DROP_BODY = "Its files are deleted. There is no way back to it; it would have to be built again from the start."
BUILD = "Build another index"
BUILD_HELP = (
    "It is built beside this one from the stored text, while searches and syncs go on. At the end both are compared,"
    " and you decide which one searches use. Embedding takes nearly all of the time."
)
NEW_EMBEDDER = "Embedder"
NEW_EMBEDDER_HELP = "`onnx`, or the name or path of a sentence-transformers model."
NEW_CHUNKS, NEW_CHUNKS_HELP = "Longest chunk, in tokens", "Of the embedder's own; 32 to 8,192."
NEW_SPARSE = "Learned sparse model"
NEW_SPARSE_HELP = "The name or path of a SPLADE model, for a third search; empty: none."
BEGIN = "Build"
SAME = "Change at least one of the three: this index is made so already."
COMPARED = "Compared"
SUSPICIOUS = "Documents that read like orders to an assistant"
SHOW_SUSPICIOUS = "Look at them"
LACKING = "Documents that it lacks"
TASKS = {
    "build": "Building another index",
    "swap": "Going over to another index",
    "back": "Going back to the former index",
    "drop": "Deleting an index",
    "recall": "Measuring what searches find",
}
PHASES = {
    "preparing": "loading what it needs",
    "building": "embedding the documents",
    "comparing": "comparing it with the index in use",
    "swapping": "bringing it level and going over",
    "deleting": "deleting its files",
    "measuring": "searching in both ways",
    "done": "done",
    "stopped": "stopped",
    "failed": "failed",
}
STARTED = "Begun. This page shows how far it is."
STOPPING = "It stops after the document it is at. What was built stays."


def progress(one: Progress) -> str:
    """Say what is being done, and how far it is."""
    counts = f": {one.done:,} of {one.total:,} documents" if one.total and one.task == "build" else ""
    return f"{TASKS[one.task]} \u2013 {PHASES[one.phase]}{counts}"


def took(seconds: float) -> str:
    """Return how long work took."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def made_by(embedder: str, chunk_tokens: int, sparse: str) -> str:
    """Return what an index is made by."""
    weighed = f" and {sparse}" if sparse else ""
    return f"{embedder}{weighed}, chunks of {chunk_tokens:,} tokens"


def of_all(done: int, total: int) -> str:
    """Return how many of the documents an index holds."""
    return f"{done:,} of {total:,}" if total else ""


def number(amount: int) -> str:
    """Return a number."""
    return f"{amount:,}"


def in_index(amount: int, indexed: int | None) -> str:
    """Return a number, with the index's own where that is another."""
    if indexed is None or indexed == amount:
        return number(amount)
    return f"{amount:,} ({indexed:,} in the index, with versions that are about to go)"


def size(amount: int) -> str:
    """Return a number of bytes."""
    for unit, step in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if amount >= step:
            return f"{amount / step:.1f} {unit}"
    return f"{amount} bytes"


def part(share: float) -> str:
    """Return a share in per cent."""
    return f"{share:.1%}"


def tokens(amount: int) -> str:
    """Return a number of tokens."""
    return f"{amount:,} tokens"


def dimensions(amount: int) -> str:
    """Return how long a vector is."""
    return f"{amount:,} dimensions"


def measured(one: Recall, when: str) -> str:
    """Say what was measured."""
    return f"{one.queries:,} searches for the {one.best} nearest, {when}."


def compared(one: Compared) -> str:
    """Say what came of a comparison."""
    worst = min(one.recall.values(), default=1.0)
    return (
        f"{one.documents:,} documents in both. Chunks: {one.chunks[0]:,} now, {one.chunks[1]:,} in the new one. Of"
        f" {one.queries:,} sentences and headings, the index in use finds {one.found[0]:.1%} in its best ten, the new"
        f" one {one.found[1]:.1%}. The new one's quick search finds {worst:.1%} of the nearest."
    )


def suspicions(one: Suspicions) -> str:
    """Say how many documents people are warned of."""
    return (
        f"People are warned of {one.flagged:,}; {one.reviewed:,} were looked at and let pass; {one.slight:,} have"
        f" slight signs, below the score of {one.threshold:g} from which on people are warned."
    )
