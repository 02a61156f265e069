"""What the department of contracts adds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.interfaces import DocumentReader, Structure, Tool
from plugins.contracts.comparison import CompareVersions
from plugins.contracts.finder import FindClauses
from plugins.contracts.structure import Clauses
from plugins.contracts.table import Obligations

_PROMPT = """\
Where the documents are contracts:
- Name the clause that a statement rests on by its number as the contract has it ("7.2(b)", "§ 4 (1)"), and the\
 contract.
- Say who has the right or the duty, by the name that the contract gives the party, and by when: the date or the\
 period, and what the period counts from.
- Terms that a contract defines mean what it defines; quote the definition where the answer rests on it.
- Keep exceptions, conditions and limits ("except", "unless", "provided that", "soweit", "es sei denn") with what they\
 limit.
- If an amendment or a later version changes a clause, give both wordings and say which is later.
- Where the contracts are silent, say so; do not add what the law says. You give no legal advice."""


class Contracts:
    """See `interfaces.Pack`."""

    name = "contracts"
    description = "Clauses, duties with their dates, and comparison of contracts in English and German."
    prompt = _PROMPT

    @property
    def structure(self) -> Structure:
        """See `interfaces.Pack`."""
        return Clauses()

    @property
    def evaluation(self) -> Path:
        """See `interfaces.Pack`."""
        return Path(__file__).parent / "evaluation"

    def tools(self, documents: DocumentReader) -> Sequence[Tool]:
        """See `interfaces.Pack`."""
        return FindClauses(documents), Obligations(documents), CompareVersions(documents)
