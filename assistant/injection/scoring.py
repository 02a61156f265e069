"""Says how much a text reads like orders to an assistant: by rules that can be read, in several languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from assistant.injection.folding import folded

Sign = Literal["override", "addressed", "answer", "role", "send", "address", "tool", "secrecy", "unseen", "hidden"]
FLAGGED = 0.5  # from which on a document is shown to admins and marked in prompts
_NEAR = 700  # characters within which signs count together
_WEIGHTS: Mapping[Sign, float] = {
    "override": 0.6,
    "addressed": 0.35,
    "answer": 0.5,
    "role": 0.45,
    "send": 0.3,
    "address": 0.45,
    "tool": 0.3,
    "secrecy": 0.35,
    "unseen": 0.6,
    "hidden": 0.5,
}

_FORGET = (
    "ignor\\w*|disregard\\w*|forget|override|bypass|skip over|vergiss|vergessen sie|missachte\\w*|ubergeh\\w*|"
    "oubli\\w*|"
    "neglige\\w*|olvida\\w*|omite|desestima\\w*|ignora\\w*|esqueca|desconsidere|dimentica\\w*|trascura\\w*|"
    "negeer|vergeet|"
    "zignoruj|zapomnij|ignoruj|do not follow|don't follow|stop following"
)
_EARLIER = (
    "previous|prior|above|preceding|earlier|foregoing|former|original|initial|existing|vorherig\\w*|vorig\\w*|"
    "obig\\w*|"
    "bisherig\\w*|fruher\\w*|precedent\\w*|anterieur\\w*|ci-dessus|anterior\\w*|previ[ao]\\w*|preced\\w*|eerdere|"
    "voorgaande|poprzedni\\w*|powyzsz\\w*|your|deine\\w*|ihre\\w*|tes|vos|tus|sus|seus|suas|tue|tuoi|system|"
    "all|any|alle\\w*|"
    "todas|toutes|tutte|the"
)
_ORDERS = (
    "instructions?|prompts?|rules?|directions?|directives?|guidelines?|commands?|messages?|anweisung\\w*|"
    "regeln|befehle?|"
    "vorgaben|consignes?|regles|instrucciones|reglas|ordenes|indicaciones|instrucoes|regras|istruzioni|regole|"
    "instructies|regels|instrukcj\\w*|polecen\\w*"
)
_MODEL = (
    "ai|a\\.i\\.|ki|ia|llm|language model|sprachmodell|modele de langue|modelo de lenguaje|"
    "modelo de linguagem|chatbot|"
    "chat bot|ai assistant|ki-assistent\\w*|assistant ia|asistente de ia|virtual assistant|gpt(?:-?\\d\\w*)?|chatgpt|"
    "copilot|gemini|claude|llama|mistral"
)
_ANSWER = (
    "(?:your|deine[rnm]?|ihre[rnm]?|ta|votre|tu|su|sua|tua|je|uw|twoj\\w*) (?:own |final |next |generated |entire |"
    "whole |complete )?(?:response|answer|reply|output|summary|antwort\\w*|ausgabe|zusammenfassung|reponse|resume|"
    "respuesta|resumen|resposta|resumo|risposta|riassunto|antwoord|samenvatting|odpowiedz\\w*)"
)
_SHAPE = (
    "add|append|include|insert|integrate|incorporate|introduce|embed|begin|start|end|finish|conclude|put|"
    "place|use|write|"
    "replace|rearrange|remove|reverse|encode|translate|repeat|provide|present|mention|weave|sprinkle|substitute|swap|"
    "fuge\\w*|beginne|beende|schreib\\w*|ersetze|ajoute\\w*|inclu\\w*|termine\\w*|commence\\w*|anade|agrega|escribe|"
    "adiciona\\w*|escreva|aggiungi|inserisci|scrivi|voeg|schrijf|dodaj|napisz|modify|alter|change|convert|make|craft|"
    "respond|answer|reply|output"
)
_AFTER = "to|in|into|within|throughout|with|of|from|zu|in|an|dans|a|en|con|na|em|alla|aan|do|w|as|for"
_PRECIOUS = (
    "system prompt|prompt|password\\w*|passwort\\w*|credentials?|api[ _-]?keys?|access tokens?|secrets?|"
    "(?:conversation|chat)(?: history)?|security codes?|verification codes?|everything (?:above|you know)|"
    "contrasen\\w*|"
    "mot de passe|senha\\w*|private data|personal data|all (?:the )?(?:documents|files|e-?mails|messages)"
)
_SEND = (
    "send|forward|post|upload|transmit|exfiltrate|leak|e-?mail|share|reveal|sende|schick\\w*|leite|"
    "envoie\\w*|envia\\w*|invia|stuur|wyslij"
)
_QUIET = (
    "(?:do not|don't|never|without) (?:tell\\w*|inform\\w*|mention\\w*|reveal\\w*|show\\w*|warn\\w*|"
    "notify\\w*|alert\\w*|"
    "ask\\w*|disclos\\w*|say\\w*)[^.\\n]{0,40}(?:user|human|person|anyone|this (?:message|instruction|note)|them)|"
    "(?:sag|verrate|erwahne) (?:es )?(?:dem|der) (?:nutzer|benutzer)\\w* nicht|ne (?:dis|dites|"
    "mentionne)\\w*[^.\\n]{0,30}"
    "utilisateur|no (?:le )?(?:digas|menciones|reveles)[^.\\n]{0,30}usuario|nao (?:diga|mencione)[^.\\n]{0,30}usuario"
)
_TOOLS = (
    "(?:call|use|invoke|run|execute|trigger|rufe?|nutze|appelle|utilise|llama|usa|chame|chiama) (?:the |your |"
    "das |die |den "
    "|l'|la |le |el |a |o |il )?(?:[a-z]+_[a-z_]+|(?:\\w+ )?(?:tool|function|plugin|werkzeug|funktion|outil|fonction|"
    "herramienta|funcion|ferramenta|funcao|strumento|funzione)\\b)|\\b(?:send|delete|create|read|search|"
    "forward)_[a-z_]+\\b"
)
_RULES: tuple[tuple[Sign, str], ...] = (
    ("override", rf"\b(?:{_FORGET})\b[^.\n]{{0,30}}?\b(?:{_EARLIER})\b[^.\n]{{0,40}}?\b(?:{_ORDERS})\b"),
    (
        "override",
        r"\bnew (?:system )?(?:instructions?|task|rules|prompt)\s*[:>]|\b(?:you are|act) now (?:a|an|"
        r"in|as)\b",
    ),
    (
        "override",
        r"\bbefore you (?:can )?(?:solve|answer|do|complete|continue|finish)\b[^.\n]{0,80}\b(?:first|"
        r"do the)\b",
    ),
    (
        "override",
        r"\b(?:developer|jailbreak|dan|god|admin|debug|maintenance) mode\b[^.\n]{0,40}\b(?:on|"
        r"enabled|activat|now)",
    ),
    (
        "addressed",
        rf"\b(?:you are|you're|as|dear|attention|hey|to|note to|message to|hinweis an|an) (?:an? |"
        rf"the |any |all |die |das "
        rf"|your )?(?:\w+ )?(?:{_MODEL})(?:s\b|\b)|\b(?:if|when|falls|si|cuando|se) (?:you are|"
        rf"you're|du bist|tu es|eres"
        rf"|voce e) (?:an? )?(?:{_MODEL})\b|\b(?:{_MODEL})s?(?: \w+)? (?:must|should|shall|has to|"
        rf"have to|muss|doit|debe|"
        r"deve|reading|processing|summari[sz]ing|that read)",
    ),
    (
        "addressed",
        r"<information>|to you, \w|\bimportant (?:message|instruction|note)s? (?:from|for|to) (?:me|"
        r"you|the (?:ai|"
        r"assistant|model))|\b(?:the|this) (?:assistant|model|agent) (?:must|should|shall|will now)\b",
    ),
    (
        "addressed",
        r"\bwhen (?:you )?(?:answer|summari[sz]e|respond|reply|process|"
        r"read)\w*\b[^.\n]{0,50}\b(?:this|the) (?:document|"
        r"e-?mail|page|text|message|question|user)",
    ),
    ("answer", rf"\b(?:{_SHAPE})\b[^\n]{{0,160}}?\b(?:{_AFTER}) {_ANSWER}\b"),
    (
        "answer",
        rf"\b(?:in|into|within|throughout|inside) {_ANSWER}\b|\b(?:words?|letters?|vowels|spaces|"
        rf"sentences?) (?:in|of) your "
        r"(?:message|answer|response|reply)\b",
    ),
    ("answer", rf"\b(?:{_SHAPE}) {_ANSWER}\b|\b{_ANSWER} (?:must|should|shall|has to|muss|soll|doit|debe|deve) "),
    (
        "answer",
        r"(?:^|[.!?:;\n\"]\s*)(?:respond|answer|reply|antworte\w*|reponds|responde|rispondi) (?:only |"
        r"nur |uniquement |solo |always )?(?:with|"
        r"in|mit|par|avec|con|com) ",
    ),
    (
        "role",
        r"<\s*\|?\s*(?:im_start|im_end|system|eot|eot_id|begin_of_text|start_header_id|header_start|"
        r"endoftext|user|assistant)"
        r"\s*\|?\s*>|\[/?inst\]|<</?sys>>|<start_of_turn>|<tool_call>|(?:^|\n)\s*#+ ?(?:system|"
        r"instruction)s?\b ?:?|(?:^|\n)"
        r"\s*(?:system|assistant|human)\s*:|\b(?:begin|end) (?:of )?system (?:prompt|message)|"
        r"</?document(?: [0-9a-f]+)?>",
    ),
    ("send", rf"\b(?:{_SEND})\b[^.\n]{{0,60}}?\b(?:{_PRECIOUS})\b"),
    ("address", r"(?:https?:)?//[^\s)>\"']{3,200}(?:\?|=|/)(?:\{|\[|<|%7b|\$\{?|\(\()[^\s]{0,80}"),
    (
        "address",
        r"!\[[^\]\n]{0,100}\]\([^)\s]{0,300}\?[^)\s]{0,200}(?:=|\{)|"
        r"https?://\S{3,200}[?&]\w+=(?:insert|data|secret|summary|"
        r"conversation|history|content|answer|replace|user)[^\s]*",
    ),
    (
        "address",
        rf"\b(?:visit|open|fetch|load|request|go to|navigate to|link(?:ing)? to|"
        rf"points? to)\b[^.\n]{{0,80}}\b{_ANSWER}",
    ),
    ("tool", rf"(?<!\w)(?:{_TOOLS})"),
    ("secrecy", rf"\b(?:{_QUIET})"),
)
_COMPILED: tuple[tuple[Sign, re.Pattern[str]], ...] = tuple((sign, re.compile(rule)) for sign, rule in _RULES)
_TAGS = re.compile("[\U000e0020-\U000e007f]{4,}")


@dataclass(frozen=True, slots=True)
class Judgement:
    """How much a text reads like orders to an assistant.

    Attributes:
        score: 0 to 1.
        signs: how often each was met, by its name (see `Sign`).
    """

    score: float = 0.0
    signs: Mapping[str, int] = field(default_factory=dict)

    @property
    def flagged(self) -> bool:
        """Whether admins are shown the document, and readers and models are told."""
        return self.score >= FLAGGED


NOTHING_FOUND = Judgement()


def judged(text: str, hidden: Sequence[str] = ()) -> Judgement:
    """Judge a document.

    Args:
        text: all that a reader sees.
        hidden: stretches that no reader sees, whether they are in the text as well or not: what reads like an order
            there weighs more, and other words that are hidden weigh nothing by themselves.
    """
    found = list(_signs(text))
    best, counts = _strongest(found), _counted(found)
    for stretch in hidden:
        below = [*_signs(stretch)]
        if below:
            best = max(best, _strongest([*below, (below[0][0], "hidden")]))
            counts = _summed(counts, _counted(below), {"hidden": 1})
    return Judgement(round(best, 3), {str(sign): count for sign, count in counts.items()})


def _signs(text: str) -> Iterable[tuple[int, Sign]]:
    for tags in _TAGS.finditer(text):  # letters in characters that nothing shows: there is no other use for them
        yield tags.start(), "unseen"
    plain = text.lower() if text.isascii() else folded(text)
    for sign, rule in _COMPILED:
        for match in rule.finditer(plain):
            yield match.start(), sign


def _strongest(found: Sequence[tuple[int, Sign]]) -> float:
    """Return the highest score of signs that stand near each other."""
    best, ordered = 0.0, sorted(found)
    first = 0
    for last, (at, _) in enumerate(ordered):
        while ordered[first][0] < at - _NEAR:
            first += 1
        rest = 1.0
        for sign in {sign for _, sign in ordered[first : last + 1]}:
            rest *= 1 - _WEIGHTS[sign]
        best = max(best, 1 - rest)
    return best


def _counted(found: Iterable[tuple[int, Sign]]) -> dict[Sign, int]:
    counts: dict[Sign, int] = {}
    for _, sign in found:
        counts[sign] = counts.get(sign, 0) + 1
    return counts


def _summed(*several: Mapping[Sign, int]) -> dict[Sign, int]:
    total: dict[Sign, int] = {}
    for counts in several:
        for sign, count in counts.items():
            total[sign] = total.get(sign, 0) + count
    return total
