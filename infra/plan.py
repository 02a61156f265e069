"""How many machines the assistant takes, on paper: `plan.py [--set NAME=VALUE]... [--json]`.

It prints the numbers of infra/docs/capacity.md, or those of other inputs. Every input is an assumption with a number, a
source and a value that can be set; every result has a formula of their names. GPUs are reckoned by
infra/vllm/capacity.py. Only the standard library is needed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
DAY = 86_400.0


@dataclass(frozen=True)
class Assumption:
    """An input: its name for `--set`, what it means with its unit, its value, and where that comes from."""

    name: str
    meaning: str
    value: float
    source: str


@dataclass(frozen=True)
class Result:
    """An output: its name, what it means, the formula, the value and its unit."""

    name: str
    meaning: str
    formula: str
    value: float
    unit: str


def _chosen(name: str, meaning: str, value: float, why: str = "") -> Assumption:
    return Assumption(name, meaning, value, f"assumed{': ' if why else ''}{why}")


ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption("users", "people with an account", 10_000, "the task"),
    Assumption("chunks", "chunks in the index", 100e6, "the task"),
    _chosen("chunks_per_document", "chunks of a document", 10, "a handbook here has 11.4"),
    Assumption("dimension", "numbers of a vector", 384, "the default embedder"),
    Assumption("chunk_tokens", "tokens of a chunk", 152, "measured: benchmarks.md (product_docs_rag)"),
    _chosen("original_kb", "kB of an original", 500),
    _chosen("active", "share of the people who ask on a working day", 0.4),
    _chosen("questions", "questions of such a person a day", 8),
    _chosen("peak_hour", "share of a day's questions in its busiest hour", 0.2),
    _chosen("burst", "questions of the busiest minute against that hour's mean", 2),
    _chosen("searches", "searches of a question: rewritten, second step, suggestions", 1.5),
    _chosen("open_pages", "share of the people who have a page open at the peak", 0.15),
    _chosen("work_days", "days of a year with such questions", 230),
    _chosen("keep_years", "years that conversations and audit log are kept", 2),
    _chosen("changed", "share of the documents that are new or changed a day", 0.01),
    _chosen("load_days", "days that the first ingestion may take", 7),
    _chosen("scanned", "share of the documents that are scans", 0.05),
    _chosen("pages", "pages of a document", 5),
    _chosen("busy", "share of their time that processes and GPUs work at the peak", 0.6, "more, and queues grow"),
    Assumption("disk_chunk", "bytes on disk of a chunk (384 numbers)", 4983, "measured: scale.md, 1,000,000 chunks"),
    Assumption("ram_chunk", "bytes of memory of a chunk, all searched", 3519, "measured: scale.md, the same"),
    Assumption("search_ms", "CPU ms of a search in 1,000,000 chunks", 23.8, "measured: scale.md, p95 for a tenth"),
    Assumption("write_rate", "chunks a second that one index process writes", 2315, "measured: scale.md"),
    Assumption("embed_rate", "tokens that a core embeds a second", 15_800, "measured: benchmarks.md"),
    Assumption("staged", "chunks a second by stages against the embedder alone", 0.87, "measured: ingestion.md"),
    _chosen("ocr_seconds", "CPU seconds to read a scanned page", 5, "depends on the scan"),
    Assumption("answer_ms", "CPU ms of an answer in the API", 98, "measured: models.md, the upper figure"),
    Assumption("document_bytes", "bytes of a document in the catalog", 1014, "measured: `catalog_rows`, two groups"),
    _chosen("question_bytes", "bytes of a question in the catalog", 8000, "`catalog_rows`: 6,226 with one sentence"),
    _chosen("question_rows", "rows written for a question", 20, "`catalog_rows`: 9.1, and one each second of 10"),
    _chosen("question_wal", "bytes of write-ahead log for a question", 45000, "the same: 15,204, and 3,000 a second"),
    Assumption("document_wal", "bytes of write-ahead log for a document", 1764, "measured: `catalog_rows`"),
    _chosen("row_pages", "pages of 8 kB read and written for a row, none cached", 4, "row, two indexes, log"),
    _chosen("session_mb", "MB of a web UI process for an open page", 2, "`ui_load`: 0.5 with two short answers"),
    Assumption("ui_sessions", "open pages that one UI process bears", 50, "measured: ui.md, not tried with more"),
    _chosen("replicas", "copies of the index", 2),
    _chosen("node_gb", "GB of memory of an index node", 128),
    _chosen("node_share", "share of it that the index may fill", 0.75),
    _chosen("shards_each", "shards of the index on a node", 2, "Qdrant advises at least 2"),
    Assumption("qdrant_overhead", "memory against the vectors' bytes", 1.5, "published: Qdrant's capacity planning"),
    _chosen("prompt", "tokens of a prompt from passages, with history", 8000),
    _chosen("long_prompt", "tokens of a prompt from whole documents", 100_000),
    _chosen("long_share", "share of the questions that take one", 0.1),
    _chosen("cached", "share of the prompts' tokens that the prefix cache has", 0.3),
    _chosen("answer_tokens", "tokens of an answer", 400),
    _chosen("gpus", "GPUs of a model machine", 8, "H100, Maverick in FP8"),
    _chosen("compute_share", "share of a GPU's operations that is reached", 0.4, "infra/vllm/capacity.py"),
    _chosen("bandwidth_share", "share of its bandwidth that is reached", 0.5, "infra/vllm/capacity.py"),
    _chosen("copy_rate", "MB a second of a backup's disk or network", 200),
    _chosen("token_bytes", "bytes on the wire for a token of an answer", 200, "an event of its own"),
    _chosen("page_kb", "kB of a page of the web UI with its data", 500),
    _chosen("price_gpu", "price of a GPU hour", 2.5, "example, no offer"),
    _chosen("price_core", "price of a core hour", 0.04, "example, no offer"),
    _chosen("price_ram", "price of a GB of memory for an hour", 0.005, "example, no offer"),
    _chosen("price_disk", "price of a GB of fast disk for a month", 0.1, "example, no offer"),
    _chosen("price_object", "price of a GB of object store for a month", 0.02, "example, no offer"),
)
NUMBERS = {one.name: f"A{number}" for number, one in enumerate(ASSUMPTIONS, 1)}


def vllm() -> ModuleType:
    """Return the calculator for GPUs.

    Raises:
        ImportError: it is not beside this file.
    """
    spec = importlib.util.spec_from_file_location("vllm_capacity", HERE / "vllm" / "capacity.py")
    if spec is None or spec.loader is None:
        raise ImportError("infra/vllm/capacity.py is missing")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


class Plan:
    """The results for one set of inputs, reckoned one after the other; later ones use earlier ones by name."""

    def __init__(self, inputs: dict[str, float]) -> None:
        """Reckon everything from the inputs, by their names; all have to be given."""
        self._inputs = inputs
        self.sections: dict[str, list[Result]] = {}
        self._found: dict[str, Result] = {}
        for title, reckon in (
            ("Questions", self._questions),
            ("Index", self._index),
            ("Catalog", self._catalog),
            ("Ingestion", self._ingestion),
            ("API and web UI", self._processes),
            ("Model", self._model),
            ("Network and backup", self._copies),
            ("Cost a month", self._cost),
        ):
            self.sections[title] = []
            reckon(title)

    def __getattr__(self, name: str) -> float:
        """Return an input or an earlier result."""
        if name in self._inputs:
            return self._inputs[name]
        if name in self._found:
            return self._found[name].value
        raise AttributeError(name)

    @property
    def results(self) -> dict[str, Result]:
        """All results by name."""
        return dict(self._found)

    def _add(self, title: str, name: str, meaning: str, formula: str, value: float, unit: str = "") -> None:
        self._found[name] = Result(name, meaning, formula, value, unit)
        self.sections[title].append(self._found[name])

    def _questions(self, at: str) -> None:
        add = self._add
        day = self.users * self.active * self.questions
        add(at, "day", "questions a day", "users * active * questions", day)
        peak = self.day * self.peak_hour / 3600 * self.burst
        add(at, "peak", "questions a second at the peak", "day * peak_hour / 3600 * burst", peak)
        add(at, "year", "questions a year", "day * work_days", self.day * self.work_days)

    def _index(self, at: str) -> None:
        add, wider = self._add, self.dimension - 384
        add(at, "full", "vectors in full", "chunks * dimension * 4", self.chunks * self.dimension * 4 / 1e9, "GB")
        add(at, "small", "vectors in int8", "chunks * dimension", self.chunks * self.dimension / 1e9, "GB")
        all_in = self.full * self.qdrant_overhead
        add(at, "all_in_memory", "memory by Qdrant's formula, in full", "full * qdrant_overhead", all_in, "GB")
        int8_in = self.small * self.qdrant_overhead
        add(at, "int8_in_memory", "the same, int8 in memory", "small * qdrant_overhead", int8_in, "GB")
        ram = self.chunks * (self.ram_chunk + 5 * wider) / 1e9
        add(at, "copy_ram", "memory of a copy as measured", "chunks * (ram_chunk + 5 * (dimension - 384))", ram, "GB")
        disk = self.chunks * (self.disk_chunk + 5 * wider) / 1e9
        add(at, "copy_disk", "disk of a copy", "chunks * (disk_chunk + 5 * (dimension - 384))", disk, "GB")
        nodes = max(self.replicas + 1, math.ceil(self.replicas * self.copy_ram / (self.node_gb * self.node_share)))
        formula = "max(replicas + 1, replicas * copy_ram / (node_gb * node_share))"
        add(at, "nodes", "Qdrant nodes", formula, nodes)
        shards = math.ceil(self.nodes * self.shards_each / self.replicas)
        add(at, "shards", "shards (`shard_number`)", "nodes * shards_each / replicas", shards)
        add(at, "shard", "chunks of a shard", "chunks / shards", self.chunks / self.shards)
        node_disk = 2 * self.replicas * self.copy_disk / self.nodes
        add(
            at, "node_disk", "disk of a node, half free to rewrite", "2 * replicas * copy_disk / nodes", node_disk, "GB"
        )
        growth = max(1.0, math.log(self.shard) / math.log(1e6))
        each = self.shards * self.search_ms / 1000 * growth
        formula = "shards * search_ms * ln(shard) / ln(1,000,000)"
        add(at, "search", "core seconds of a search over all shards", formula, each, "s")
        cores = self.peak * self.searches * self.search / self.busy
        add(at, "index_cores", "cores for searches, all nodes", "peak * searches * search / busy", cores)

    def _catalog(self, at: str) -> None:
        add = self._add
        add(at, "documents", "documents", "chunks / chunks_per_document", self.chunks / self.chunks_per_document)
        size = self.documents * self.document_bytes / 1e9
        add(at, "catalog_documents", "of documents", "documents * document_bytes", size, "GB")
        size = self.year * self.keep_years * self.question_bytes / 1e9
        formula = "year * keep_years * question_bytes"
        add(at, "catalog_questions", "of conversations, audit and measures", formula, size, "GB")
        size = self.catalog_documents + self.catalog_questions
        add(at, "catalog", "Postgres", "catalog_documents + catalog_questions", size, "GB")
        rate = self.peak * self.question_rows * self.row_pages
        add(at, "iops", "operations a second at the peak", "peak * question_rows * row_pages", rate)
        log = (self.day * self.question_wal + self.documents * self.changed * self.document_wal) / 1e9
        formula = "day * question_wal + documents * changed * document_wal"
        add(at, "wal", "write-ahead log a day", formula, log, "GB")

    def _ingestion(self, at: str) -> None:
        add = self._add
        embed = self.chunks * self.chunk_tokens / (self.embed_rate * self.staged) / 3600
        formula = "chunks * chunk_tokens / (embed_rate * staged)"
        add(at, "embed_hours", "core hours to parse, cut and embed all", formula, embed, "h")
        ocr = self.documents * self.scanned * self.pages * self.ocr_seconds / 3600
        formula = "documents * scanned * pages * ocr_seconds"
        add(at, "ocr_hours", "core hours to read scans", formula, ocr, "h")
        cores = (self.embed_hours + self.ocr_hours) / 24 / self.load_days / self.busy
        formula = "(embed_hours + ocr_hours) / load_days / busy"
        add(at, "load_cores", "worker cores for the first ingestion", formula, cores)
        cores = (self.embed_hours + self.ocr_hours) * self.changed / 24 / self.busy
        add(at, "daily_cores", "worker cores from then on", "(embed_hours + ocr_hours) * changed / day / busy", cores)
        hours = self.replicas * self.chunks / (self.write_rate * self.nodes) / 3600
        add(at, "write_hours", "hours to write the index", "replicas * chunks / (write_rate * nodes)", hours, "h")

    def _processes(self, at: str) -> None:
        add = self._add
        api = max(2, math.ceil(self.peak * self.answer_ms / 1000 / self.busy) + 1)
        add(at, "api", "API processes, one to spare", "max(2, peak * answer_ms / busy + 1)", api)
        add(at, "pages_open", "open pages at the peak", "users * open_pages", self.users * self.open_pages)
        ui = math.ceil(self.pages_open / self.ui_sessions)
        add(at, "ui", "web UI processes", "pages_open / ui_sessions", ui)
        memory = self.pages_open * self.session_mb / 1000
        add(at, "ui_ram", "memory of open pages", "pages_open * session_mb", memory, "GB")

    def _model(self, at: str) -> None:
        add, tool, gpus = self._add, vllm(), int(self.gpus)
        config = json.loads((HERE / "vllm/models/llama-4-maverick.json").read_text(encoding="utf-8"))
        model = tool.spread(tool.read_model(config), gpus)
        gpu = tool.GPUS["H100"]
        mean = (1 - self.long_share) * self.prompt + self.long_share * self.long_prompt
        formula = "(1 - long_share) * prompt + long_share * long_prompt"
        add(at, "mean_prompt", "tokens of a prompt on average", formula, mean)

        def read(tokens: float) -> float:
            seconds: float = tool.read_seconds(model, gpu, gpus, "fp8", int(tokens), self.compute_share)
            return seconds

        reading = (1 - self.cached) * (
            (1 - self.long_share) * read(self.prompt) + self.long_share * read(self.long_prompt)
        )
        add(at, "read", "machine seconds to read one", "(1 - cached) * read_seconds, by share", reading, "s")
        each = tool.cache_bytes(model, "bf16", int(self.mean_prompt + self.answer_tokens))
        room = tool.room(model, gpu, gpus, "fp8")
        add(at, "at_once", "answers that a machine's cache holds", "room / cache_bytes", math.floor(room / each))
        rate = tool.write_rate(model, gpu, gpus, "fp8", int(self.at_once), each, self.bandwidth_share)
        add(at, "each_rate", "tokens a second of each of them", "write_rate", rate)
        writing = self.answer_tokens / (self.at_once * rate)
        formula = "answer_tokens / (at_once * each_rate)"
        add(at, "write", "machine seconds to write an answer", formula, writing, "s")
        machines = math.ceil(self.peak * (self.read + self.write) / self.busy) + 1
        formula = "peak * (read + write) / busy + 1"
        add(at, "machines", "machines of 8 GPUs, one to spare", formula, machines)
        seconds = self.read + self.answer_tokens / self.each_rate
        add(at, "answer_seconds", "seconds of an answer", "read + answer_tokens / each_rate", seconds, "s")
        open_now = self.peak * self.answer_seconds
        add(at, "answering", "answers at once at the peak", "peak * answer_seconds", open_now)

    def _copies(self, at: str) -> None:
        add = self._add
        out = self.peak * self.answer_tokens * self.token_bytes * 8 / 1e6
        add(at, "answer_net", "answers to people", "peak * answer_tokens * token_bytes", out, "Mbit/s")
        pages = self.peak * self.page_kb * 8 / 1000
        add(at, "page_net", "pages to people", "peak * page_kb", pages, "Mbit/s")
        blobs = self.documents * self.original_kb / 1e6
        add(at, "originals", "originals", "documents * original_kb", blobs, "GB")
        size = self.catalog + self.copy_disk + self.originals
        add(at, "backup", "a full backup", "catalog + copy_disk + originals", size, "GB")
        hours = self.backup * 1000 / self.copy_rate / 3600
        add(at, "backup_hours", "hours to write or read it", "backup / copy_rate", hours, "h")
        hours = (self.catalog + self.copy_disk) * 1000 / self.copy_rate / 3600
        formula = "(catalog + copy_disk) / copy_rate"
        add(at, "state_hours", "hours where originals are kept elsewhere", formula, hours, "h")

    def _cost(self, at: str) -> None:
        add, hours = self._add, DAY * 30 / 3600
        gpus = self.machines * self.gpus * self.price_gpu * hours
        add(at, "cost_gpus", "GPUs", "machines * gpus * price_gpu * 720", gpus)
        cores = self.index_cores + self.daily_cores + self.api + self.ui + 8
        add(at, "cores", "cores (8 of them for Postgres)", "index_cores + daily_cores + api + ui + 8", cores)
        add(at, "cost_cores", "cores", "cores * price_core * 720", self.cores * self.price_core * hours)
        ram = self.nodes * self.node_gb + self.ui_ram + 64
        add(at, "ram", "memory (64 GB for the rest)", "nodes * node_gb + ui_ram + 64", ram, "GB")
        add(at, "cost_ram", "memory", "ram * price_ram * 720", self.ram * self.price_ram * hours)
        disk = self.nodes * self.node_disk + 2 * self.catalog
        add(at, "disk", "fast disk", "nodes * node_disk + 2 * catalog", disk, "GB")
        add(at, "cost_disk", "fast disk", "disk * price_disk", self.disk * self.price_disk)
        stored = (self.originals + self.backup) * self.price_object
        add(at, "cost_objects", "originals and one backup", "(originals + backup) * price_object", stored)
        whole = sum(self._found[f"cost_{part}"].value for part in ("gpus", "cores", "ram", "disk", "objects"))
        add(at, "cost", "all of it", "the sum", whole)
        add(at, "cost_user", "a person", "cost / users", self.cost / self.users)


def inputs(changes: list[str]) -> dict[str, float]:
    """Return all inputs by name, some of them changed by `NAME=VALUE`.

    Raises:
        ValueError: there is no such input, or that is no number.
    """
    found = {one.name: float(one.value) for one in ASSUMPTIONS}
    for change in changes:
        name, _, value = change.partition("=")
        if name not in found:
            raise ValueError(f"there is no input {name!r}; they are {', '.join(found)}")
        found[name] = float(value)
    return found


def said(value: float) -> str:
    """Return a number as people write it: three figures, thousands apart."""
    return f"{value:,.0f}" if value == 0 or value >= 100 else f"{value:.3g}"


def markdown(plan: Plan) -> str:
    """Return the tables of the page."""
    rows = [
        f"| {NUMBERS[one.name]} | `{one.name}` | {one.meaning} | {_exact(one.value)} | {one.source} |"
        for one in ASSUMPTIONS
    ]
    head = "### Assumptions\n\n| | Name | Meaning | Value | From |\n| --- | --- | --- | --- | --- |\n"
    parts = [head + "\n".join(rows)]
    for title, results in plan.sections.items():
        rows = [
            f"| `{one.name}` | {one.meaning} | `{one.formula}` | {said(one.value)} {one.unit}".rstrip() + " |"
            for one in results
        ]
        head = f"### {title}\n\n| Name | Meaning | Formula | Value |\n| --- | --- | --- | --- |\n"
        parts.append(head + "\n".join(rows))
    return "\n\n".join(parts)


def _exact(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def page() -> str:
    """Return what stands on the page, from the values of the assumptions."""
    return markdown(Plan(inputs([])))


def main(arguments: list[str]) -> int:
    """Print the plan. Return 0, or 2 for an input that there is not."""
    parser = argparse.ArgumentParser(description="How many machines the assistant takes, on paper.")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="another value of an input")
    parser.add_argument("--json", action="store_true", help="print the results as one JSON object")
    options = parser.parse_args(arguments)
    try:
        plan = Plan(inputs(options.set))
    except ValueError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    if options.json:
        sys.stdout.write(json.dumps({name: one.value for name, one in plan.results.items()}) + "\n")
    else:
        sys.stdout.write(markdown(plan) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
