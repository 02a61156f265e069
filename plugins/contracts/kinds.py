"""The kinds of clauses, and by which words one is known in English and German."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plugins.contracts.clauses import Clause


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of clauses.

    Attributes:
        search: what finds documents with such clauses.
        title: in a title or one above.
        text: in the text itself, where the title does not say it.
    """

    search: str
    title: re.Pattern[str]
    text: re.Pattern[str]


def _kind(search: str, title: str, text: str) -> Kind:
    return Kind(search, re.compile(title, re.IGNORECASE), re.compile(text, re.IGNORECASE))


KINDS: Mapping[str, Kind] = {
    "termination": _kind(
        "termination notice period Kündigung Kündigungsfrist",
        r"\bterminat|\bcancellation|kündigung|vertragsende|beendigung",
        r"\bmay terminate|\bterminates? (?:this|the) (?:agreement|contract|licen[sc]e)"
        r"|\b(?:will|shall|be) terminated?\b"
        r"|\bterminate automatically|\bnotice of termination|gekündigt|kündigung|\bkündigen",
    ),
    "liability": _kind(
        "limitation of liability damages Haftung Haftungsbeschränkung",
        r"\bliabilit|\bdamages|haftung|schadens?ersatz",
        r"\b(?:be|held) (?:\w+ )?liable\b|\b(?:total|aggregate|maximum|entire)(?: \w+)? liability"
        r"|\bliability (?:of|for|under)|\bhaftet|\bhaften|haftung|schadens?ersatz",
    ),
    "payment": _kind(
        "payment fees invoice due Vergütung Zahlung Rechnung",
        r"\bpayments?\b|\bfees?\b|\bprices?\b|\bpricing|\bcharges\b|\binvoic|\bcompensation|\broyalt"
        r"|\brent\b|zahlung|vergütung|\bpreise?\b|entgelt|rechnung|gebühr|\bmiete\b",
        r"\b(?:shall|will|must) pay\b|\binvoices? (?:is|are|shall|must|within)|\bdue and payable"
        r"|\bpayable (?:within|on)"
        r"|\blate (?:payment|fee)|zu zahlen|zahlbar|\bzahlt\b|rechnungs(?:stellung|erhalt|eingang)|verzugszins",
    ),
    "confidentiality": _kind(
        "confidentiality confidential information Geheimhaltung Vertraulichkeit",
        r"confidential|non-?disclosure|secrecy|vertraulich|geheimhalt|verschwiegen",
        r"\bconfidential information|\bin (?:strict )?confidence|\b(?:keep|as) (?:\w+ )?confidential"
        r"|vertrauliche\w* informationen|geheim ?(?:zu ?)?halt|stillschweigen|verschwiegenheit",
    ),
    "governing_law": _kind(
        "governing law applicable law anwendbares Recht",
        r"governing law|applicable law|choice of law|anwendbares recht|rechtswahl",
        r"\bgoverned by\b(?=[^.]{0,120}\blaws?\b)|\blaws? of (?:the )?[A-Z]\w+[^.]{0,80}\b(?:apply|govern)"
        r"|\bgilt (?:ausschließlich )?(?:das )?(?:deutsche|österreichische|schweizer\w*|materielle)?\s*recht\b"
        r"|unterliegt (?:dem )?(?:\w+ )?recht|\bes gilt das recht\b|un-kaufrecht",
    ),
    "disputes": _kind(
        "jurisdiction arbitration dispute resolution Gerichtsstand Schiedsverfahren",
        r"jurisdiction|arbitration|dispute|\bvenue\b|\blitigation|gerichtsstand|schieds|streitbeilegung",
        r"\b(?:exclusive )?jurisdiction of|\barbitrat|\bcourts? (?:of|located|sitting)|gerichtsstand|schiedsgericht"
        r"|zuständig\w* gericht",
    ),
    "renewal": _kind(
        "term renewal automatically renew Laufzeit Verlängerung",
        r"\brenewal|^(?:initial )?term\b(?!s)|\bterm and\b|\bterm of (?:this|the)?\s*(?:agreement|contract)"
        r"|\bduration\b|laufzeit|vertragsdauer|verlängerung",
        r"\b(?:automatically )?renew(?:s|ed|al)?\b|\bsuccessive (?:\S+ ){0,2}(?:terms|periods)|\binitial term"
        r"|verlängert sich|auf unbestimmte zeit|vertragslaufzeit|mindestlaufzeit",
    ),
    "warranty": _kind(
        "warranty disclaimer as is Gewährleistung Garantie",
        r"warrant|\brepresentations?\b|disclaimer|gewährleist|garantie|mängel",
        r"\brepresents? and warrants?|\bas is\b|\bwarrant(?:s that|y|ies)\b|gewährleist|mängelansprüche|sichert zu",
    ),
    "indemnity": _kind(
        "indemnification indemnify hold harmless Freistellung",
        r"indemni|hold harmless|freistell",
        r"\bindemnif|\bhold (?:\w+ ){0,4}harmless|freistell|stellt (?:\w+ ){1,6}frei\b|freizustellen",
    ),
    "data_protection": _kind(
        "data protection personal data Datenschutz DSGVO",
        r"data protection|privacy|personal data|datenschutz|personenbezogen|auftragsverarbeitung",
        r"\bpersonal (?:data|information)\b|\bgdpr\b|\bdata protection|personenbezogene|dsgvo|datenschutz",
    ),
    "intellectual_property": _kind(
        "intellectual property license ownership Urheberrecht Nutzungsrechte",
        r"intellectual property|proprietary rights|\bownership|\bgrants?\b(?=$|.*(?:licen[sc]e|rights?|scope))"
        r"|copyright|trademark|patent|\blicen[sc]e (?:grants?|to the)|nutzungsrecht|urheberrecht|schutzrecht"
        r"|rechteeinräumung|geistiges eigentum",
        r"\bintellectual property|\bgrants? (?:\w+,? ){0,4}(?:a|an|the)\b[^.]{0,120}\blicen[sc]e\b"
        r"|\bright, title,? and interest|nutzungsrecht|urheberrecht|geistig\w+ eigentum",
    ),
    "assignment": _kind(
        "assignment transfer of the agreement Abtretung Übertragung",
        r"\bassign|\btransferab|abtretung|übertragung|vertragsübernahme",
        r"\b(?:not|may|neither party may) (?:\w+ )?assign\b|\bassign (?:this|its|any)"
        r"|\bsuccessors and (?:permitted )?assigns|abtret",
    ),
    "force_majeure": _kind(
        "force majeure höhere Gewalt",
        r"force majeure|höhere gewalt",
        r"\bforce majeure|\bbeyond (?:its|their|the) (?:reasonable )?control|\bacts? of god|höhere\w* gewalt",
    ),
    "notices": _kind(
        "notices in writing written notice Schriftform Mitteilungen",
        r"\bnotices?\b|mitteilung|schriftform|benachrichtigung",
        r"\bnotices?\b[^.]{0,60}\b(?:in writing|sent|delivered|deemed)|\bwritten notice\b|schriftform"
        r"|schriftlich\w* (?:mitteil|erklär|benachrichtig)",
    ),
}


_QUOTES = ('"', "\u201c", "\u201e")  # around a term that is defined, which says nothing of what is agreed


def kinds_of(clause: Clause, text: str) -> dict[str, str]:
    """Return the kinds of a clause, and by what it is known: `title` or `text`.

    Args:
        clause: one of the document's.
        text: its own text, without that of its sub-clauses.
    """
    found = {}
    text = " ".join(text.split())
    for name, kind in KINDS.items():
        if kind.title.search(clause.title) and not clause.title.startswith(_QUOTES):
            found[name] = "title"
        elif kind.text.search(text):
            found[name] = "text"
    return found


def outermost(clauses: Sequence[Clause]) -> list[Clause]:
    """Return those clauses that stand in no other one of them; the clauses are in order."""
    found: list[Clause] = []
    for clause in clauses:
        if not found or clause.start >= found[-1].end:
            found.append(clause)
    return found
