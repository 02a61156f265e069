"""Whether an answer holds a fact, by words: a rule that needs no model and says the same each time.

Both texts are read as stems (Snowball, English; lower case, no accents, function words left out; Chinese, Japanese and
Korean as pairs of signs) and as codes: words with a digit, `1,000` as `1000`, numbers up to twelve also where they are
spelled. A fact is held where every code of it is in the answer, and so are all of its stems, or 80 % where it has
five or more: a long statement may be said in other words, a number may not. The rule knows no synonyms and no negation,
so what it finds missing may be there; a judge (a language model) may be asked beside it.
"""

from __future__ import annotations

from collections import Counter

from assistant.answer.words import codes, stems

HELD = 0.8  # share of a long fact's stems
_LONG = 5  # stems


def share_held(fact: str, answer: str) -> float:
    """Return the share of the fact's distinct stems and codes that the answer has, from 0 to 1."""
    wanted, said = _terms(fact), _terms(answer)
    return len(wanted & said) / len(wanted) if wanted else 0.0


def holds(answer: str, fact: str) -> bool:
    """Whether the answer holds the fact, by the rule above; a fact without any word is held where it stands there."""
    numbers, words = codes(fact), set(stems(fact))
    if not numbers and not words:
        return bool(fact.strip()) and fact.strip().lower() in answer.lower()
    if not numbers <= codes(answer, spelled=True):
        return False
    said = set(stems(answer))
    words -= {stem for stem in words if any(c.isdigit() for c in stem)}  # those are codes, or parts of one
    if not words:
        return True
    share = len(words & said) / len(words)
    return share >= (HELD if len(words) >= _LONG else 1.0)


def token_f1(answer: str, gold: str) -> float:
    """Return the F1 of the answer's stems against a gold answer's, each as often as it stands there.

    After Rajpurkar et al., SQuAD, 2016 (https://arxiv.org/abs/1606.05250), with stems in place of words.
    """
    said, wanted = Counter(stems(answer)), Counter(stems(gold))
    both = sum((said & wanted).values())
    if not both:
        return 0.0
    precision, recall = both / sum(said.values()), both / sum(wanted.values())
    return 2 * precision * recall / (precision + recall)


def _terms(text: str) -> set[str]:
    return {stem for stem in stems(text) if not any(c.isdigit() for c in stem)} | codes(text, spelled=True)
