"""Whether a statement follows from the words that it cites: yes, no, or not to be told by a rule.

The rule reads amounts, dates, names, codes, negations and opposites, and counts the words that both have in common.
How often it is right is measured by `tests/benchmarks/citation_check.py`; the figures are in `infra/docs/citations.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from assistant.citations.quantities import Quantity, same
from assistant.citations.wording import Word, Wording, negates, opposites

HELD = 0.8  # share of a statement's words from which it says what its source says, all else being equal
OWN = 0.6  # of which so much must stand in the quote itself, not in headings above it
ABSENT = 0.4  # below it, the source does not speak of what is stated
NEAR = 0.7  # share of all words in a row of which two sentences are the same one, but for what differs

_RECKONED = """
    total sum combined together difference average mean ratio change growth increase increased decrease decreased rose
    fell times doubled tripled approximately about roughly around nearly almost net percentage
"""
_DERIVED = frozenset(_RECKONED.split())
_EXCEPTIONS = frozenset(("unless", "except", "excluding", "otherwise"))
_STRICT = frozenset(("must", "shall", "required", "mandatory", "always", "only", "all", "every", "never"))
_LOOSE = frozenset(("may", "might", "could", "optional", "sometimes", "some", "often", "usually"))


class Judge:
    """Compares one statement with one quote.

    Args:
        statement: what is said.
        quote: what stands in the source.
        above: the headings and titles that the quote stands under.
    """

    def __init__(self, statement: Wording, quote: Wording, above: Wording) -> None:
        self._said, self._quote, self._above = statement, quote, above
        self._own = quote.stems | {w.lower for w in quote.words}
        self._all = self._own | above.stems
        wanted = _wanted(statement)
        self.own = _share(wanted, self._own)
        self.held = _share(wanted, self._all)
        self.near = _near(statement.words, quote.words)

    def follows(self) -> bool:
        """Whether everything that the rule looks at says that the statement follows."""
        return (
            self.held >= HELD
            and self.own >= OWN
            and not self.missing_amounts()
            and not self.missing_names()
            and not self._turned()
            and not self._contrary()
            and not self._exceptional()
            and not self._displaced()
            and not self._stricter()
        )

    def contradicts(self) -> bool:
        """Whether both are the same sentence but for an amount, a name or a negation."""
        if self.near < NEAR and self.held < HELD:
            return False
        if self.missing_amounts() and (self.near >= NEAR or not self.derived()):
            return True
        if self.near < NEAR:
            return False
        replaced = bool(self.missing_names()) and self._replaced()
        return replaced or self._turned() or self._contrary() or len(self._displaced()) > 1

    def turned_or_exceptional(self) -> bool:
        """Whether the quote negates what is stated, or names an exception: then words that stand there say little."""
        return self._turned() or self._exceptional()

    def missing_amounts(self) -> list[Quantity]:
        """Return the statement's amounts that the quote does not have, nor the headings above it."""
        known = self._quote.quantities + self._above.quantities
        return [q for q in self._said.quantities if not q.spelled and not any(same(q, other) for other in known)] + [
            q
            for q in self._said.quantities
            if q.spelled and self._amount_matters(q) and not any(same(q, other) for other in known)
        ]

    def _amount_matters(self, amount: Quantity) -> bool:
        """Whether a number in words counts: `one` and `two` are often none."""
        return bool(amount.unit) or min(amount.values) > 2

    def missing_names(self) -> list[str]:
        """Return the stems of names and the codes that neither the quote nor the headings above it have."""
        text = f"{self._quote.text}\n{self._above.text}".lower()
        codes = [code for code in self._said.codes if code not in text]
        return [name for name in self._said.names if name not in self._all] + codes

    def derived(self) -> bool:
        """Whether the statement may say what was reckoned from its source."""
        return any(w.lower in _DERIVED for w in self._said.words)

    def _turned(self) -> bool:
        """Whether one negates what the other does not."""
        said, quote = self._said, self._quote
        if bool(said.negations) == bool(quote.negations):
            return said.negations != quote.negations and self.near >= NEAR and self._negations_differ()
        common = (said.stems & quote.stems) - quote.negated if said.negations else said.stems & quote.stems
        reach = said.negated if said.negations else quote.negated
        return bool(common & reach) or not (said.stems or quote.stems) or (not reach and bool(common))

    def _negations_differ(self) -> bool:
        common = self._said.stems & self._quote.stems
        return bool((self._said.negated ^ self._quote.negated) & common)

    def _contrary(self) -> bool:
        """Whether the statement has a word where the quote has its opposite."""
        said = {w.lower for w in self._said.words}
        quote = {w.lower for w in self._quote.words}
        return any(opposites(word) & (quote - said) for word in said - quote)

    def _exceptional(self) -> bool:
        """Whether the quote names an exception that the statement leaves out."""
        said = {w.lower for w in self._said.words}
        return any(w.lower in _EXCEPTIONS and w.lower not in said for w in self._quote.words)

    def _stricter(self) -> bool:
        """Whether the statement says that something must be, or always is, and the quote only that it may."""
        said = {w.lower for w in self._said.words}
        quote = {w.lower for w in self._quote.words}
        return bool(said & _STRICT - quote) and bool(quote & _LOOSE - said)

    def _replaced(self) -> bool:
        """Whether the quote has names, amounts or words where the statement has names that the quote has not."""
        missing = set(self.missing_names())
        said = self._said.words
        quote = [w.lower for w in self._quote.words]
        matcher = SequenceMatcher(None, [w.lower for w in said], quote, autojunk=False)
        return any(
            tag == "replace" and any(missing & {*w.stems, w.lower} for w in said[low:high])
            for tag, low, high, _, _ in matcher.get_opcodes()
        )

    def _displaced(self) -> list[str]:
        """Return the names and amounts that stand in another order in the two, and among other words."""
        marks = [w for w in self._said.words if _is_mark(w, self._said)]
        places: list[tuple[Word, int]] = []
        quote = self._quote.words
        for mark in marks:
            at = [n for n, w in enumerate(quote) if w.lower == mark.lower]
            if len(at) == 1:
                places.append((mark, at[0]))
        order = [at for _, at in places]
        if order == sorted(order):
            return []
        words = self._said.words
        index = {id(w): n for n, w in enumerate(words)}
        return [mark.lower for mark, at in places if not _neighbours(words, index[id(mark)]) & _neighbours(quote, at)]


def _is_mark(word: Word, wording: Wording) -> bool:
    return any(c.isdigit() for c in word.text) or bool(set(word.stems) & set(wording.names))


def _neighbours(words: Sequence[Word], at: int) -> set[str]:
    return {words[n].lower for n in (at - 1, at + 1) if 0 <= n < len(words)}


def _wanted(statement: Wording) -> frozenset[str]:
    """Return the stems that must be found; a statement of function words only is compared by these."""
    return statement.stems or frozenset(
        w.lower for w in statement.words if not negates(w.lower, statement.language) and not w.lower.isdigit()
    )


def _share(wanted: frozenset[str], held: set[str] | frozenset[str]) -> float:
    return len(wanted & held) / len(wanted) if wanted else 1.0


def _near(said: Sequence[Word], quote: Sequence[Word]) -> float:
    """Return the share of the statement's words that stand in the quote in the same order."""
    if not said:
        return 0.0
    matcher = SequenceMatcher(None, [w.lower for w in said], [w.lower for w in quote], autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / len(said)
