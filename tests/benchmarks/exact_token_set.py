"""Makes a test set of exact tokens from folders of documents: what people copy into a search box.

A token is a number or code of a form or ticket, an advisory, a constant or error name, a path, a file name, a command,
a person, a name in mixed case, a channel or mail address, or a phrase of five words. Rules, the same for every folder:

- Tokens are read from what a reader sees of Markdown, YAML and plain text: without front matter (but its title), tags,
  comments, shortcodes and the targets of links.
- A document holds a token if its text or its file has it, in any case, not as a part of a longer word, path segment or
  number. Only tokens that one to three documents of all folders hold are kept.
- Of each kind, tokens are taken in the order of their SHA-256, at most `PER_DOCUMENT` of one document, until there are
  `per_kind`. Nothing else is chosen, so that the same folders give the same set.
- Each token is asked in three shapes: bare, within a short question, and in double quotes. Half of the tokens (the
  lowest bit of the hash) are for development, the rest are held out.

Office files and PDFs are searched with the rest, but no token is taken from them.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

TEXTS = {".md", ".txt", ".yml", ".yaml"}
MOST_HOLDERS = 3
PER_DOCUMENT = 3
SHAPES = ("bare", "question", "quoted")

_PATTERNS = {
    "number": r"(?:[A-Z]{1,4}-\d{1,5}[A-Z]?|(?:Form|SF|OF|Circular) \d{1,5}[A-Z]?)",
    "advisory": r"(?:CVE|GHSA|RHSA|CWE)-[0-9a-z]+(?:[-:][0-9a-z]+)*",
    "constant": r"(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]\w+(?:Error|Exception))",
    "path": r"(?:~|\.{1,2})?/?[\w.-]+(?:/[\w.*-]+)+/?",
    "file": r"(?:[a-z_][\w-]*|[A-Z]+|[A-Z]\w*[-_][\w-]*)\."
    r"(?:md|ya?ml|json|go|tsx?|jsx?|py|rb|sh|sql|txt|csv|pdf|docx|xlsx|toml|env|lock|conf|tf|png)",
    "name": r"[A-Z][a-z]+(?:[A-Z][a-z]+)+",
    "handle": r"(?:#[a-z][a-z0-9]+(?:-[a-z0-9]+)+|[\w.+-]+@[\w-]+\.[\w.]*\w)",
}
_PROGRAMS = (
    "git|npm|npx|yarn|pnpm|docker|docker-compose|kubectl|helm|gcloud|gsutil|sg|src|brew|cf|aws|terraform|ssh|curl|psql"
    "|make|go|bundle|rake|pip|bazel|cargo|gpg|gh|az|minikube|jq|vim|code|nvm|asdf"
)
_COMMAND = re.compile(rf"`((?:{_PROGRAMS}) [^`\n$<>{{}}]{{2,50}})`")
_LINE = re.compile(rf"^\s*\$? ?((?:{_PROGRAMS}) [^\n$<>{{}}`]{{2,50}})$", re.M)  # in a code block
_QUESTIONS = {
    "number": ("What is {}?", "When do I need {}?"),
    "advisory": ("What is {}?", "Are we affected by {}?"),
    "constant": ("What does {} mean?", "Where is {} used?"),
    "path": ("What is in {}?", "Which page mentions {}?"),
    "file": ("What is {} for?", "Where do I find {}?"),
    "command": ("What does {} do?", "When do I run {}?"),
    "person": ("Who is {}?", "What does {} work on?"),
    "name": ("What is {}?", "How do we use {}?"),
    "handle": ("What is {} for?", "When do I write to {}?"),
    "phrase": ("Where does it say {}?", "Which page has the words {}?"),
}
KINDS = tuple(_QUESTIONS)


@dataclass(frozen=True, slots=True)
class Document:
    """A file: `id` is the folder's name and the path in it, `seen` what a reader sees, `text` that and all in small."""

    id: str
    seen: str
    raw: str
    text: str


@dataclass(frozen=True, slots=True)
class Token:
    """A token, its kind, and the ids of the documents that hold it."""

    text: str
    kind: str
    holders: frozenset[str]

    @property
    def held_out(self) -> bool:
        """Whether it is kept for the last look."""
        return _hash(self.text)[-1] % 2 == 1

    def query(self, shape: str) -> str:
        """Return what is asked, in one of `SHAPES`."""
        if shape == "bare":
            return self.text
        if shape == "quoted":
            return f'"{self.text}"'
        questions = _QUESTIONS[self.kind]
        return questions[_hash(self.text)[0] % len(questions)].format(self.text)


def read_documents(folders: Mapping[str, Path]) -> list[Document]:
    """Return the texts of all folders, by name and path."""
    documents = []
    for name, folder in folders.items():
        for path in sorted(path for path in folder.rglob("*") if path.suffix in TEXTS):
            raw = path.read_text(encoding="utf-8", errors="replace")
            seen = visible(raw) if path.suffix == ".md" else raw
            documents.append(
                Document(f"{name}/{path.relative_to(folder).as_posix()}", seen, raw, f"{seen}\n{raw}".lower())
            )
    return documents


def visible(markdown: str) -> str:
    """Return what a reader sees of Markdown, code included, line breaks kept."""
    front = re.match(r"---\n(.*?)\n---\n", markdown, re.S)
    title = ""
    if front:
        markdown = markdown[front.end() :]
        named = re.search(r"^title: *['\"]?(.*?)['\"]?$", front.group(1), re.M)
        title = f"{named.group(1)}\n\n" if named else ""
    markdown = re.sub(r"<!--.*?-->|\{%.*?%\}|\{\{.*?\}\}|\{[#:.].*?\}", " ", markdown, flags=re.S)
    markdown = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)  # the words of links
    markdown = re.sub(r"^\[[^\]]+\]:.*$", "", markdown, flags=re.M)  # and their targets at the end
    markdown = re.sub(r"</?[a-zA-Z][^>\n]*>", " ", markdown)
    markdown = re.sub(r"\w+://\S+", " ", markdown)
    return title + re.sub(r"\*\*|__(?=\w)|(?<=\w)__", "", markdown)


def make_tokens(documents: list[Document], per_kind: int) -> list[Token]:
    """Return the test set, kind by kind."""
    found: dict[str, dict[str, set[str]]] = {kind: defaultdict(set) for kind in KINDS}
    people = _people(documents)
    for document in documents:
        for kind, token in _candidates(document, people):
            found[kind][token].add(document.id)
    tokens = []
    for kind, candidates in found.items():
        rare = sorted((t for t, ids in candidates.items() if len(ids) <= MOST_HOLDERS), key=_hash)
        tokens.extend(_chosen(kind, rare, documents, per_kind))
    return tokens


def _chosen(kind: str, candidates: list[str], documents: list[Document], most: int) -> list[Token]:
    taken: list[Token] = []
    of_document: Counter[str] = Counter()
    known: set[str] = set()
    for text in candidates:
        if len(taken) == most:
            break
        holders = _holders(text, documents)
        if text.lower() in known or not 1 <= len(holders) <= MOST_HOLDERS or of_document[min(holders)] >= PER_DOCUMENT:
            continue
        known.add(text.lower())
        of_document[min(holders)] += 1
        taken.append(Token(text, kind, frozenset(holders)))
    return taken


def _holders(text: str, documents: list[Document]) -> set[str]:
    low = text.lower()
    words = r"\s+".join(re.escape(word) for word in low.split())
    whole = re.compile(rf"(?<![\w#@-]){words}(?![\w-]|\.\w)")
    first = max(low.split(), key=len)
    return {document.id for document in documents if first in document.text and whole.search(document.text)}


def _candidates(document: Document, people: set[str]) -> Iterator[tuple[str, str]]:
    seen = document.seen
    for kind, pattern in _PATTERNS.items():
        for match in re.finditer(rf"(?<![\w/#@.~-]){pattern}(?![\w/@-]|\.\w)", seen):
            token = match.group().rstrip(".")
            if kind != "path" or _is_path(token):
                yield kind, token
    for command in _commands(seen):
        if 2 <= len(command.split()) <= 5 and command[-1] not in ".:,;" and '"' not in command:
            yield "command", command
    words = set(re.findall(r"[A-Z]\S* [A-Z]\w+", seen))
    for person in people & words:
        yield "person", person
    phrase = _phrase(document)
    if phrase:
        yield "phrase", phrase


def _commands(seen: str) -> Iterator[str]:
    blocks = re.findall(r"^ *```[^\n]*\n(.*?)^ *```", seen, re.M | re.S)
    for text, pattern in ((seen, _COMMAND), *((block, _LINE) for block in blocks)):
        for match in pattern.finditer(text):
            yield match.group(1).strip()


def _is_path(token: str) -> bool:
    """Tell a path from words with a slash between them (`and/or`, `9/30`, `AWS/GCP/Azure`, `coffee/tea/lunch`)."""
    parts = [part for part in token.strip("/").split("/") if part]
    if len(parts) < 2 or not re.search(r"[a-z]", token) or all(part[0].isupper() for part in parts):
        return False
    return token[0] in "/~." or any(re.search(r"\w[._]\w|\w-\w+-\w|\*", part) for part in parts)


def _people(documents: list[Document]) -> set[str]:
    """Return the people whom a YAML file lists under `name:`, with a first and a last name."""
    lists = (d.seen for d in documents if d.id.endswith("team.yml"))
    return {
        name for text in lists for name in re.findall(r"^ +name: ['\"]?([A-Z][^\s'\"]+ [A-Z]\w+)['\"]?$", text, re.M)
    }


def _phrase(document: Document) -> str | None:
    """Return five words that follow each other in a sentence of the document's plain prose; the hash chooses."""
    prose = [line for line in document.raw.splitlines() if re.fullmatch(r"[A-Z][\w ,.;:'’()-]{80,}", line.strip())]
    sentences = [s.split() for line in prose for s in re.split(r"[.;:,()]", line) if len(s.split()) >= 6]
    if not sentences or not document.id.endswith(".md"):
        return None
    digest = _hash(document.id)
    sentence = sentences[digest[0] % len(sentences)]
    start = digest[1] % (len(sentence) - 4)
    words = sentence[start : start + 5]
    return " ".join(words) if sum(len(word) > 4 for word in words) >= 3 else None


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
