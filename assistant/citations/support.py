"""Whether a statement follows from the words that it cites: yes, no, or not to be told by a rule.

The rule reads amounts, dates, names, codes, negations and opposites, and counts the words that both have in common.
How often it is right is measured by `tests/benchmarks/citation_check.py`; the figures are in `infra/docs/citations.md`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from assistant.citations.exchanges import exchanged, groups, is_mark, torn
from assistant.citations.quantities import Quantity, quantities, same
from assistant.citations.wording import Word, Wording, negates, opposites

HELD = 0.8  # share of a statement's words from which it says what its source says, all else being equal
OWN = 0.6  # of which so much must stand in the quote itself, not in headings above it
ABSENT = 0.4  # below it, the source does not speak of what is stated
HALF, FAR = 0.6, 0.35  # nor where it has no more of the words, and they stand in another order
NEAR = 0.7  # share of all words in a row of which two sentences are the same one, but for what differs
_SCATTERED, _FEW = 3, 4
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
        self._said, self.quote, self.above = statement, quote, above
        self._own = quote.stems | {w.lower for w in quote.words}
        self._all = self._own | above.stems
        wanted = _wanted(statement)
        self.own = _share(wanted, self._own)
        self.held = _share(wanted, self._all)
        matcher = SequenceMatcher(
            None, [w.lower for w in statement.words], [w.lower for w in quote.words], autojunk=False
        )
        self._codes = matcher.get_opcodes()
        equal = [code for code in self._codes if code[0] == "equal"]
        self.near = sum(high - low for _, low, high, _, _ in equal) / max(1, len(statement.words))
        self._span = (equal[0][3], equal[-1][4]) if equal else (0, 0)  # of the quote's words that are the same

    def follows(self) -> bool:
        """Whether everything that the rule looks at says that the statement follows."""
        return (
            self.held >= HELD
            and self.own >= OWN
            and not self._scattered()
            and not self.missing_amounts()
            and not self.missing_names()
            and not self._turned()
            and not self._contrary()
            and not self._exceptional()
            and not self._stricter()
            and not (self.near >= NEAR and self._reworded())
            and not self._exchanged()
        )

    def contradicts(self) -> bool:
        """Whether both are the same sentence but for an amount, a name or a negation."""
        if self.near < NEAR and self.held < HELD:
            return False
        if self.missing_amounts() and (self.near >= NEAR or not self.derived()):
            return True
        if self.near < NEAR:
            return self.held == 1 and self._exchanged() and not self._passive()
        return self._renamed() or self._turned() or self._contrary() or self._exchanged()

    def turned_or_exceptional(self) -> bool:
        """Whether the quote negates what is stated, or names an exception: then words that stand there say little."""
        return self._turned() or self._exceptional()

    def missing_amounts(self) -> list[Quantity]:
        """Return the statement's amounts that the quote does not have, nor the headings above it."""
        known = self.quote.quantities + self.above.quantities
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
        text = f"{self.quote.text}\n{self.above.text}".lower()
        codes = [code for code in self._said.codes if code not in text]
        return [name for name in self._said.names if name not in self._all] + codes

    def derived(self) -> bool:
        """Whether the statement may say what was reckoned from its source."""
        return any(w.lower in _DERIVED for w in self._said.words)

    def _turned(self) -> bool:
        """Whether one negates what the other does not."""
        said, quote = self._said, self.quote
        if bool(said.negations) == bool(quote.negations):
            return self.near >= NEAR and self._odd()
        common = (said.stems & quote.stems) - quote.negated if said.negations else said.stems & quote.stems
        reach = said.negated if said.negations else quote.negated
        return bool(common & reach) or not (said.stems or quote.stems) or (not reach and bool(common))

    def _odd(self) -> bool:
        """Whether one of two sentences that are nearly the same has a negation more: two of them make none."""
        low, high = self._span
        said = sum(negates(w.lower, self._said.language) for w in self._said.words)
        quote = sum(negates(w.lower, self.quote.language) for w in self.quote.words[low:high])
        return (said - quote) % 2 == 1

    def _contrary(self) -> bool:
        """Whether the statement has a word where the quote has its opposite."""
        said = {w.lower for w in self._said.words}
        quote = {w.lower for w in self.quote.words}
        return any(opposites(word) & (quote - said) for word in said - quote)

    def _exceptional(self) -> bool:
        """Whether the quote names an exception that the statement leaves out."""
        said = {w.lower for w in self._said.words}
        return any(w.lower in _EXCEPTIONS and w.lower not in said for w in self.quote.words)

    def _stricter(self) -> bool:
        """Whether the statement says that something must be, or always is, and the quote only that it may."""
        said = {w.lower for w in self._said.words}
        quote = {w.lower for w in self.quote.words}
        return bool(said & _STRICT - quote) and bool(quote & _LOOSE - said)

    def _renamed(self) -> bool:
        """Whether the statement has names that the quote has not, and the quote something else in their place."""
        missing = set(self.missing_names())
        return bool(missing) and any(
            any(missing & {*w.stems, w.lower} for w in said) and any(w.stems for w in quote)  # not `it` in its place
            for said, quote in self._replaced()
        )

    def _reworded(self) -> bool:
        """Whether a word stands in place of another one: whether both mean the same, no rule here can tell."""
        for said, quote in self._replaced():
            one, other = ({stem for w in words for stem in w.stems} for words in (said, quote))
            if one != other:
                return True
        return False

    def _scattered(self) -> bool:
        """Whether the words of the statement stand far from one another in the quote, or a name is torn apart."""
        if self.near < NEAR:
            far = len(self.quote.stems) > _SCATTERED * max(_FEW, len(self._said.stems))
        else:
            far = self._span[1] - self._span[0] > 2 * max(_FEW, len(self._said.words))
        return far or torn(groups(self._said.words, frozenset(self._said.names)), self.quote.words)

    def _replaced(self) -> list[tuple[Sequence[Word], Sequence[Word]]]:
        """Return the words of the statement that stand where the quote has others, with those."""
        said, quote = self._said.words, self.quote.words
        return [(said[a:b], quote[c:d]) for tag, a, b, c, d in self._codes if tag == "replace"]

    def _passive(self) -> bool:
        """Whether one may say in the passive voice what the other says in the active one."""
        said, quote = ({w.lower for w in wording.words} for wording in (self._said, self.quote))
        return ("by" in said) != ("by" in quote)

    def _only(self, kind: str) -> list[list[str]]:
        """Return the runs of words that the statement (`delete`) or the quote (`insert`) has and the other has not."""
        said, quote = self._said.words, self.quote.words
        return [[w.lower for w in (*said[a:b], *quote[c:d])] for tag, a, b, c, d in self._codes if tag == kind]

    def _exchanged(self) -> bool:
        """Whether two names or amounts stand in each other's place."""
        replaced = [({w.lower for w in said}, {w.lower for w in quote}) for said, quote in self._replaced()]
        names = frozenset(self._said.names + self.quote.names)
        marked = {w.lower for w in self._said.words if is_mark(w, names)}
        for at, (said, quote) in enumerate(replaced):
            for other_said, other_quote in replaced[at + 1 :]:
                if said & other_quote & marked and other_said & quote & marked:
                    return True
        taken, put = (self._only(tag) for tag in ("delete", "insert"))
        if any(sorted(one) == sorted(other) and one != other and marked & set(one) for one in taken for other in put):
            return True
        return exchanged(groups(self._said.words, names), self.quote.words)


def wrong_column(statement: Wording, columns: Sequence[tuple[str, str]]) -> bool:
    """Whether a statement takes an amount from a table's row that stands there for another year, or date, than it says.

    Args:
        statement: what is said.
        columns: of the row: what each column is called, and what stands in it.
    """
    labels = [frozenset(re.findall(r"\w*\d\w*", name.lower())) for name, _ in columns]
    said = {w.lower for w in statement.words}
    own = [label - frozenset().union(*labels[:at], *labels[at + 1 :]) for at, label in enumerate(labels)]
    named = {at for at, label in enumerate(own) if label & said}
    if not named:
        return False
    for amount in statement.quantities:
        held = {at for at, (_, cell) in enumerate(columns) if any(same(amount, other) for other in quantities(cell))}
        if held and not held & named and all(own[at] for at in held):
            return True
    return False


def _wanted(statement: Wording) -> frozenset[str]:
    """Return the stems that must be found; a statement of function words only is compared by these."""
    return statement.stems or frozenset(
        w.lower for w in statement.words if not negates(w.lower, statement.language) and not w.lower.isdigit()
    )


def _share(wanted: frozenset[str], held: set[str] | frozenset[str]) -> float:
    return len(wanted & held) / len(wanted) if wanted else 1.0
