"""Finds who has to do what by when in a contract, in English and German."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.types import Document
from plugins.contracts.clauses import Clause, clauses_of
from plugins.contracts.dates import Due, dues_of
from plugins.contracts.sentences import sentences_of

KINDS = ("duty", "prohibition", "notice", "date")

_USUAL = (
    "Customer|Client|Supplier|Provider|Service Provider|Vendor|Contractor|Subcontractor|Licensee|Licensor|Lessee|Lessor"
    "|Tenant|Landlord|Buyer|Purchaser|Seller|Employer|Employee|Recipient|Receiving Party|Disclosing Party|Company"
    "|Distributor|Processor|Controller|Borrower|Lender|Consultant|Agency|Partner|Contributor|Publisher|Bank|You"
    "|(?:Auftraggeber|Auftragnehmer|Anbieter|Käufer|Verkäufer|Mieter|Vermieter|Lizenznehmer|Lizenzgeber|Arbeitgeber"
    "|Arbeitnehmer|Dienstleister|Empfänger|Darlehensnehmer|Darlehensgeber)(?:in)?"
    "|Kunden?|Kundin|Lieferant(?:en|in)?|Auftragsverarbeiter|Verantwortliche[rn]?"
)
_SIDES = (
    r"(?:each|either|neither|no|both|the other|such|any|a)\s+part(?:y|ies)|the\s+parties|part(?:y|ies)"
    r"|(?:jede|keine|beide|die andere|eine)\s+(?:vertrags)?partei(?:en)?|(?:vertrags)?parteien|vertragspartner"
)
_QUOTES = '["\u201c\u201d\u201e*]{1,4}'
_DEFINED = re.compile(rf"{_QUOTES}(?P<name>[A-Z\u00c4\u00d6\u00dc][\w-]+(?: [A-Z][\w-]+)?){_QUOTES}")
_ROLES = re.compile(r"(?:er|or|ee|ant|ent|in|party|partei|kunde|company|gmbh|ag)$", re.IGNORECASE)
_ENGLISH = (
    r"shall|must|will|may|cannot|agrees? (?:not )?to|undertakes? to|(?:is|are) (?:required|obliged|obligated) to"
    r"|(?:has|have) to"
)
_GERMAN = (
    r"verpflichtet sich|verpflichten sich|(?:ist|sind) (?:dazu )?verpflichtet|muss|müssen|darf|dürfen|soll|sollen"
    r"|(?:ist|sind|hat|haben)(?=[^.;]{1,300}\bzu\b\s\w+|[^.;]{1,300}\w+zu\w+en\b)|wird|werden"
    r"|zahlt|zahlen|erbringt|erbringen|liefert|liefern|leistet|leisten|übergibt|übergeben|informiert|erstattet|erstatten"
)
_WORDS = rf"\b(?:(?P<english>{_ENGLISH})|(?P<german>{_GERMAN}))\b(?P<not>\s+(?:not|nicht|keine?n?)\b)?"
_MODAL = re.compile(_WORDS.replace(" ", r"\s+"), re.IGNORECASE)
_ALLOWS = frozenset({"may", "darf", "dürfen"})  # say a duty only where it is denied
_FIRM = frozenset({"shall", "must", "muss", "müssen"})  # the others oblige only with a party beside them
_DUE = re.compile(
    r"\b(?:is|are|shall be|becomes?)\s+(?:\w+ ){0,3}?(?:due|payable)\b"
    r"|\b(?:ist|sind|wird|werden)\b[^.;]{0,120}\b(?:fällig|zahlbar)\b"
    r"|\b(?:payable|zahlbar|fällig)\b(?= (?:within|on|by|innerhalb|binnen|zum|am|bis))",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"\bnotice\b|\bterminat|\bnon-renewal|kündig|\bfrist\b|ankündigung|\bwiderruf|kündigungsfrist", re.IGNORECASE
)
_ASIDE = re.compile(r"\([^()]*\)|,[^,]*,")  # between a party and its verb
_DENIED = re.compile(r"\bnicht\b|\bnur\b", re.IGNORECASE)
_AND = re.compile(r"\b(?:and|or|but|und|oder)\s+$", re.IGNORECASE)
_BREAK = re.compile(r"[.;:,]|\b(?:that|which|who|this|dass|weil|wenn)\b", re.IGNORECASE)
_MOST_BETWEEN = 3  # words
_NEVER = re.compile(r"neither|no|keine", re.IGNORECASE)
_PASSIVE = re.compile(r"\s*[.,;]")  # "... ausgetauscht werden."
_NO_DUTY = re.compile(
    r"\s*(?:be deemed|have the (?:meaning|right)|mean\b|apply\b|survive|include\b|be (?:liable|construed))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Duty:
    """One row: `kind` is one of `KINDS`; `party` is empty where the sentence names none; `due` None where it has none.

    `start` and `end` are where its sentence stands in the document's text.
    """

    kind: str
    party: str
    text: str
    due: Due | None
    clause: Clause | None
    start: int
    end: int


def duties_of(document: Document) -> list[Duty]:
    """Return the duties, prohibitions, notice periods and dates of a document, in its order."""
    text = document.own_text
    party = _parties(text)
    found: list[Duty] = []
    for start, end, clause in _stretches(clauses_of(document), len(text)):
        for first, last in sentences_of(text, start, end):
            found += _of_sentence(text, first, last, clause, party)
    return found


def _stretches(clauses: Sequence[Clause], length: int) -> Iterator[tuple[int, int, Clause | None]]:
    """Yield the parts of a text, each with its clause: what stands before the first has none."""
    yield 0, clauses[0].start if clauses else length, None
    for clause in clauses:
        yield clause.head_end, clause.own_end, clause


def _parties(text: str) -> re.Pattern[str]:
    """Return what finds parties: by the names that the contract's begin defines, and those that are usual."""
    defined = {match["name"] for match in _DEFINED.finditer(text, 0, 6000) if _ROLES.search(match["name"])}
    names = "|".join(sorted(map(re.escape, defined), key=len, reverse=True))
    own = f"{names}|" if names else ""
    # names are written with capitals, the sides in any way
    return re.compile(rf"(?i:\b(?:{_SIDES})\b)|\b(?:{own}{_USUAL})\b(?!['\u2019]s?\b)")


def _of_sentence(text: str, start: int, end: int, clause: Clause | None, party: re.Pattern[str]) -> Iterator[Duty]:
    sentence = text[start:end]
    dues = dues_of(sentence)
    shown = " ".join(sentence.split())
    modals = list(_modals(sentence, party))
    for at, (modal, who, forbidden) in enumerate(modals):
        until = modals[at + 1][0].start() if at + 1 < len(modals) else len(sentence)
        own = [due for due in dues if modal.start() <= due.start < until] or (dues if len(modals) == 1 else [])
        yield Duty("prohibition" if forbidden else "duty", who, shown, own[0] if own else None, clause, start, end)
    if modals or not dues:
        return
    if _NOTICE.search(sentence):
        yield from (Duty("notice", _first(sentence, party), shown, due, clause, start, end) for due in dues)
    elif _DUE.search(sentence):
        yield Duty("duty", _first(sentence, party), shown, dues[0], clause, start, end)
    else:
        yield from (Duty("date", "", shown, due, clause, start, end) for due in dues if due.day)


def _modals(sentence: str, party: re.Pattern[str]) -> Iterator[tuple[re.Match[str], str, bool]]:
    """Yield the words that oblige somebody, with who that is and whether it is forbidden."""
    last = ""
    for match in _MODAL.finditer(sentence):
        word = (match["english"] or match["german"]).lower()
        never = bool(match["not"]) or "not to" in " ".join(word.split())
        goes_on = _AND.search(sentence, 0, match.start())
        who = last if goes_on and last else _who(sentence, match, party)
        never = never or bool(_NEVER.match(who)) or (word in _ALLOWS and bool(_DENIED.search(sentence, match.end())))
        if (word in _ALLOWS and not never) or (word in {"wird", "werden"} and _PASSIVE.match(sentence, match.end())):
            continue
        if _NO_DUTY.match(sentence, match.end()):
            continue
        if not who and not (word in _FIRM and dues_of(sentence)):
            continue
        last = who
        yield match, who, never or word == "cannot"


def _who(sentence: str, modal: re.Match[str], party: re.Pattern[str]) -> str:
    """Return the party next to the verb: right before it, or right after it, as German has it."""
    if (modal["german"] or "").lower() in {"ist", "sind"}:
        return ""  # something is to be done, to a party or by one: nobody can tell
    before = list(party.finditer(sentence, 0, modal.start()))
    if before:
        between = _ASIDE.sub(" ", sentence[before[-1].end() : modal.start()])
        if len(between.split()) <= _MOST_BETWEEN and not _BREAK.search(between):
            return _name(before[-1].group())
    near = min(len(sentence), modal.end() + 40)
    after = party.search(sentence, modal.end(), near) if modal["german"] else None
    return _name(after.group()) if after else ""


def _first(sentence: str, party: re.Pattern[str]) -> str:
    found = party.search(sentence)
    return _name(found.group()) if found else ""


def _name(found: str) -> str:
    words = " ".join(found.split())
    return words[:1].upper() + words[1:]
