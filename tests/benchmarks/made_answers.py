"""Answers made by script with citations of which is known whether they are right, shifted, paraphrased or invented."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.types import Document, Passage

Kind = Literal[
    "verbatim", "paraphrased", "shifted", "elsewhere", "word", "number", "name", "negated", "swapped", "made up"
]
INVENTED = ("number", "name", "negated", "swapped", "made up")

# Nothing here is taken from the code that is measured: the script has words and rules of its own.
_SENTENCE = re.compile(
    r"(?:(?<=[.!?]\s)|(?<=\n\n))[A-Z][^.!?|\n#`<>{}]{40,280}?(?:\n[^.!?|\n#`<>{}]{1,200}?){0,3}\.(?=\s)"
)
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_NUMBER = re.compile(r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?![\w-])")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-zA-Z]{2,}(?: [A-Z][a-zA-Z]{2,})*")
_VERB = re.compile(r"\b(is|are|was|were|will|can|should|must|may|has|have|does|do)\b(?! not|n't)")
_SYNONYMS = {
    "employees": "staff", "must": "have to", "should": "ought to", "use": "make use of", "help": "assist",
    "also": "in addition", "before": "prior to", "however": "yet", "because": "since", "within": "inside",
    "if": "in case", "need to": "have to", "team": "group", "create": "set up", "send": "submit", "start": "begin",
    "make sure": "ensure", "ensure": "make sure", "provide": "give", "such as": "for example", "purchase": "buy",
    "receive": "get", "primarily": "mainly", "due to": "because of", "during": "in",
    "compared to": "in comparison with", "require": "call for", "required": "needed", "additional": "further",
    "many": "a lot of", "currently": "at present", "people": "persons", "work": "job", "several": "a number of",
    "determine": "find out", "contact": "get in touch with", "review": "look over", "supervisor": "manager",
    "as well as": "and", "in order to": "to", "will": "is going to", "complete": "finish", "important": "essential",
    "responsible for": "in charge of", "ask": "request", "issue": "problem", "try": "attempt",
}  # fmt: skip
_CONTRACTIONS = {"don't": "do not", "doesn't": "does not", "can't": "cannot", "it's": "it is", "you'll": "you will",
                 "we're": "we are", "you're": "you are", "isn't": "is not", "won't": "will not", "we'll": "we will",
                 "they're": "they are", "you've": "you have", "we've": "we have", "that's": "that is"}  # fmt: skip
_LEADS = ("According to the handbook, ", "The document says that ", "In short, ", "As a rule, ", "It is stated that ")
_MADE_UP = (
    "The {0} committee approved a budget of ${1},000 for {2} in {3}.",
    "Every visitor of the {0} office in {2} has to sign the register before {1} in the morning.",
    "{0} merged with {2} in {3} and took over {1} of its branches.",
    "The {0} award is given to {1} persons from {2} each spring.",
    "Laptops of the {0} group are replaced after {1} months by a supplier from {2}.",
)
_STRANGE = (
    "Belmora",
    "Tarquin",
    "Ostrava",
    "Quellmark",
    "Vindaria",
    "Pellworm",
    "Samarra",
    "Ixelles",
    "Brackwater",
    "Ulmstedt",
)


@dataclass(frozen=True, slots=True)
class Made:
    """A statement of an answer, what it cites, and where it stands in truth.

    Attributes:
        text: what is said, without its marker.
        kind: in which way it is right or wrong.
        number: the source that it cites.
        document: of the source that it was made from.
        start, end: the sentence in that document's text.
    """

    text: str
    kind: Kind
    number: int
    document: Document
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MadeAnswer:
    """An answer, its sources by number, and its statements in order."""

    text: str
    sources: dict[int, Passage | Document]
    statements: tuple[Made, ...]


def shown(text: str) -> str:
    """Return a sentence of Markdown as a model would repeat it."""
    return " ".join(re.sub(r"\*+|(?<!\w)_|_(?!\w)", "", _LINK.sub(r"\1", text)).split())


def made_answers(
    documents: Sequence[Document], cut: Callable[[Document], list[Passage]], count: int, seed: int
) -> Iterator[MadeAnswer]:
    """Yield answers of two to four statements each, over four passages of two documents, or over these documents."""
    chance = random.Random(seed)
    held = [(d, [p for p in cut(d) if _sentences(p)]) for d in documents]
    usable = [(d, passages) for d, passages in held if len(passages) > 2]
    for number in range(count):
        (one, own), (other, others) = chance.sample(usable, 2)
        at, beside = chance.randrange(len(own) - 2), chance.randrange(len(others) - 1)
        passages = [*own[at : at + 3], *others[beside : beside + 1]]
        whole = number % 4 == 3
        sources: dict[int, Passage | Document] = dict(enumerate((one, other) if whole else passages, 1))
        statements = []
        for kind in chance.sample(_KINDS, chance.randint(2, 4)):
            made = _statement(kind, passages, documents, chance, whole=whole)
            if made is not None and all(made.start != s.start for s in statements):
                statements.append(made)
        if statements:
            yield MadeAnswer(_written(statements, chance), sources, tuple(statements))


_KINDS: tuple[Kind, ...] = (
    "verbatim", "verbatim", "verbatim", "paraphrased", "paraphrased", "shifted", "elsewhere", "word", "number",
    "name", "negated", "swapped", "made up",
)  # fmt: skip


def _statement(
    kind: Kind, passages: Sequence[Passage], documents: Sequence[Document], chance: random.Random, *, whole: bool
) -> Made | None:
    """Return a statement of a kind that cites a source; None where no sentence of a passage can be made one."""
    number = chance.randrange(3)
    passage = passages[number]
    document, other = (next(d for d in documents if d.ref.id == passages[n].ref.id) for n in (number, 3))
    if kind == "shifted" and whole:
        return None
    cited = {"shifted": (2, 1, 2)[number], "elsewhere": 2 if whole else 4}.get(kind, 1 if whole else number + 1)
    for start, end in chance.sample(found := _sentences(passage), len(found)):
        text = _said(kind, shown(document.text[start:end]), document, documents, other, chance)
        if text:
            return Made(text, kind, cited, document, start, end)
    return None


def _said(
    kind: Kind, said: str, document: Document, documents: Sequence[Document], other: Document, chance: random.Random
) -> str | None:
    """Return a sentence as a statement of a kind; None where it has nothing to change."""
    makers: dict[Kind, Callable[[], str | None]] = {
        "paraphrased": lambda: _paraphrased(said, chance),
        "elsewhere": lambda: None if _flat(said) in _flat(other.text) else said,  # what both say is right in both
        "word": lambda: _other_word(said, document, chance),
        "number": lambda: _numbered(said, chance),
        "name": lambda: _renamed(said, documents, chance),
        "negated": lambda: _negated(said, chance),
        "swapped": lambda: _swapped(said),
        "made up": lambda: _made_up(chance),
    }
    return makers[kind]() if kind in makers else said


def _flat(text: str) -> str:
    return " ".join(shown(text).lower().split())


def _sentences(passage: Passage) -> list[tuple[int, int]]:
    """Return where sentences stand that say something by themselves; those of a table of contents do not."""
    found = []
    for match in _SENTENCE.finditer(passage.text):
        words = shown(match.group())
        whole = words.count("(") == words.count(")") and not re.search(r"[\[:]", words)
        if whole and 8 <= len(words.split()) <= 45 and not re.search(r"\n\d+\n", match.group()):
            found.append((passage.start + match.start(), passage.start + match.end()))
    return found


def _paraphrased(said: str, chance: random.Random) -> str | None:
    """Return the sentence in other words: at least two changes that keep what it says."""
    text, changes = said, 0
    for old, new in chance.sample(sorted(_SYNONYMS.items()), len(_SYNONYMS)):
        replaced = re.sub(rf"\b{old}\b", new, text, count=1)
        changes += replaced != text
        text = replaced
        if changes >= 3:
            break
    for old, new in _CONTRACTIONS.items():
        replaced = re.sub(rf"\b{old}\b", new, text.replace("\u2019", "'"))
        changes += replaced != text.replace("\u2019", "'")
        text = replaced
    moved = re.match(r"((?:If|When|After|In|During|For|As) [^,]{8,80}), ([a-z][^,;]{20,200})\.$", text)
    if moved:
        text, changes = f"{moved[2][0].upper()}{moved[2][1:]} {moved[1][0].lower()}{moved[1][1:]}.", changes + 1
    shorter = re.sub(r" \([^)]{3,60}\)", "", text)
    if shorter != text and not re.search(r"\d", text[len(shorter) :]):
        text, changes = shorter, changes + 1
    if changes and chance.random() < 0.4 and text[0].isupper() and text.split()[0] not in {"I"}:
        text, changes = chance.choice(_LEADS) + text[0].lower() + text[1:], changes + 1
    return text if changes >= 2 else None


def _other_word(said: str, document: Document, chance: random.Random) -> str | None:
    """Return the sentence with another word of the document in place of one: it says something else, or nothing."""
    found = list(re.finditer(r"(?<=[a-z] )[a-z]{6,}(?=[ .,])", said))
    others = [w for w in re.findall(r"(?<=[a-z] )[a-z]{6,}(?=[ .,])", document.text) if w[:5] not in said]
    if not found or not others:
        return None
    match = chance.choice(found)
    return said[: match.start()] + chance.choice(others) + said[match.end() :]


def _numbered(said: str, chance: random.Random) -> str | None:
    found = list(_NUMBER.finditer(said))
    if not found:
        return None
    match = chance.choice(found)
    digits = match.group()
    place = chance.choice([n for n, sign in enumerate(digits) if sign.isdigit()])
    other = chance.choice([c for c in "123456789" if c != digits[place]])
    return said[: match.start()] + digits[:place] + other + digits[place + 1 :] + said[match.end() :]


def _renamed(said: str, documents: Sequence[Document], chance: random.Random) -> str | None:
    found = list(_NAME.finditer(said))
    if not found:
        return None
    match = chance.choice(found)
    for _ in range(20):
        text = chance.choice(documents).text
        names = [m.group() for m in _NAME.finditer(text) if m.group() not in said and m.group() not in match.group()]
        if names:
            return said[: match.start()] + chance.choice(names) + said[match.end() :]
    return None


def _negated(said: str, chance: random.Random) -> str | None:
    removed = re.sub(r"\b(is|are|was|were|will|can|should|must|may|has|have|does|do|did) not\b", r"\1", said, count=1)
    if removed != said:
        return removed
    if re.search(r"\b(not|no|never|none|without|cannot|nor|unable|unless)\b|n['\u2019]t\b", said):
        return None
    found = [m for m in _VERB.finditer(said) if m.start() > 3]
    if not found:
        return None
    match = chance.choice(found[:2])
    return f"{said[: match.end()]} not{said[match.end() :]}"


def _swapped(said: str) -> str | None:
    """Return the sentence with two of its numbers, or two of its names, in each other's place."""
    for pattern in (_NUMBER, _NAME):
        found = list(pattern.finditer(said))
        if len(found) > 1 and found[0].group() != found[1].group():
            one, other = found[:2]
            between = said[one.end() : other.start()]
            if re.fullmatch(r",? ?(?:and|or)? ?", between):
                continue  # an enumeration says the same in any order
            return said[: one.start()] + other.group() + between + one.group() + said[other.end() :]
    return None


def _made_up(chance: random.Random) -> str:
    one, other = chance.sample(_STRANGE, 2)
    return chance.choice(_MADE_UP).format(one, chance.randint(11, 97), other, chance.randint(1981, 2023))


def _written(statements: Sequence[Made], chance: random.Random) -> str:
    """Return the answer: prose with markers behind or before the full stop, a list, or a list under a heading."""
    style = chance.randrange(4)
    if style == 0:
        return " ".join(f"{s.text} [{s.number}]" for s in statements)
    if style == 1:
        return " ".join(f"{s.text.rstrip('.')} [{s.number}]." for s in statements)
    if style == 2:
        return "Here is what I found:\n\n" + "\n".join(f"- {s.text.rstrip('.')} [{s.number}]" for s in statements)
    return "## Answer\n\n" + "\n\n".join(f"**{n}.** {s.text}[{s.number}]" for n, s in enumerate(statements, 1))
