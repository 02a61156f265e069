"""The texts of the page of models."""

from __future__ import annotations

from ui.overseen import Load, Trial

MODELS = "Models"
LEAD = "Which models answer, what their servers really take, and how quickly they write."
CHECK, CHECKING = "Check now", "Asking the model servers"
NO_MODELS = "No model server is set up"
NO_MODELS_HINT = (
    "Answers are quotes from the documents. Set `ASSISTANT_MODEL_URL`, or `[models]` in the settings file, for models"
    " that write."
)
ANSWERS, ANSWERS_NOT = "Answers", "Does not answer"
CONTEXT, ROLES, FOR_WHOM, PICTURES, TOOLS, COUNTING, LOAD = (
    "Context",
    "Roles",
    "For",
    "Pictures in a prompt",
    "Takes tools",
    "Counts tokens",
    "Load",
)
EVERYBODY, YES, NO = "everybody", "yes", "no"
ROLE_NAMES = {
    "answer": "answers",
    "long": "long contexts",
    "fast": "quick tasks",
    "teacher": "teaching",
    "vision": "pictures",
}
ORIGINS = {"discovered": "as the server says", "configured": "as set up", "assumed": "assumed"}
COUNTERS = {"server": "the server, exactly", "tokenizer": "a local tokenizer", "estimate": "an estimate, high"}
TRY = "Ask it something"
PROMPT, PROMPT_DEFAULT = "Test prompt", "Say in one sentence what you can do."
MOST = "Longest answer, in tokens"
MOST_HELP = "The model stops there, wherever it is."
ASK = "Ask"
WAITING = "Waits for the first word"
NOTHING_CAME = "The model ended without a word."
CUT = "It stopped at the longest answer."
PARTS = "Models in this process"
PART_NAMES = {
    "embedder": "Embedder",
    "sparse_embedder": "Learned sparse model",
    "picture_embedder": "Picture embedder",
    "reranker": "Reranker",
}
LOADED, NOT_LOADED, NOT_SET = "Loaded", "Loads with its first use", "None is set up"
COLUMNS = ("Part", "Model", "Device", "State")
ANY_DEVICE = "best there is"


def tokens(number: int) -> str:
    """Return a number of tokens."""
    return f"{number:,} tokens"


def adapts(model: str) -> str:
    """Say which model an adapter belongs to."""
    return f"adapter of {model}"


def dimension(number: int) -> str:
    """Return how long the vectors are."""
    return f"{number:,} dimensions"


def load(told: Load) -> str:
    """Say how busy a server is."""
    parts = [f"writes {told.at_work} of at most {told.most} answers for this assistant"]
    if told.waiting:
        parts.append(f"{told.waiting} waiting here")
    if told.running is not None:
        parts.append(f"the server works on {told.running}")
    if told.queued is not None:
        parts.append(f"{told.queued} queued there")
    if told.cache is not None:
        parts.append(f"{told.cache:.0%} of its cache in use")
    return ", ".join(parts)


def figures(trial: Trial) -> str:
    """Say how long a trial took."""
    parts = []
    if trial.first_seconds is not None:
        parts.append(f"First word after {trial.first_seconds:.2f} s")
    if trial.tokens_per_second is not None:
        parts.append(f"{trial.tokens_per_second:,.1f} tokens a second")
    if trial.answer_tokens is not None:
        parts.append(f"{trial.answer_tokens:,} tokens written")
    if trial.prompt_tokens is not None:
        cached = f" ({trial.cached_tokens:,} from its cache)" if trial.cached_tokens else ""
        parts.append(f"{trial.prompt_tokens:,} read{cached}")
    return " \u00b7 ".join([*parts, f"{trial.seconds:.2f} s in all"])
