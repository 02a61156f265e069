"""What is known of the licences of teachers: what they ask of a model that is trained on what the teacher wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Licence:
    """A teacher's licence.

    Attributes:
        name: what it is called.
        note: what it asks, as far as it is known here; no legal advice.
    """

    name: str
    note: str


_NAMED = "a model trained on this has to have 'Llama' at the beginning of its name, and to say 'Built with Llama'"
_PROVIDERS = "the provider's terms restrict training other models on what it writes: read them first"
_KNOWN: tuple[tuple[str, Licence], ...] = (
    (
        r"llama-?4|maverick|scout",
        Licence(
            "Llama 4 Community License",
            f"{_NAMED}; a company domiciled in the EU gets no rights to Llama 4's multimodal models",
        ),
    ),
    (r"llama-?3[.-]?2", Licence("Llama 3.2 Community License", f"{_NAMED}; its vision models are not for the EU")),
    (r"llama-?3[.-]?[13]", Licence("Llama 3.1 or 3.3 Community License", _NAMED)),
    (
        r"llama-?[23]",
        Licence("Llama 2 or 3 Community License", "what it writes may only be used to train Llama models"),
    ),
    (r"gemma", Licence("Gemma Terms of Use", "a model trained on this counts as a derivative of Gemma")),
    (r"gpt-oss", Licence("Apache-2.0", "")),
    (r"gpt|\bo[134]\b|chatgpt", Licence("OpenAI's terms", _PROVIDERS)),
    (r"claude", Licence("Anthropic's terms", _PROVIDERS)),
    (r"gemini", Licence("Google's terms", _PROVIDERS)),
)


def licence_of(model: str, stated: str = "") -> Licence:
    """Return the licence of a model.

    Args:
        model: its name on its server.
        stated: what the operator says that its licence is; what is known of the model is noted all the same.
    """
    lowered = model.lower().replace("_", "-").replace("meta-llama/", "")
    known = next((licence for pattern, licence in _KNOWN if re.search(pattern, lowered)), None)
    if known is not None:
        return Licence(stated or known.name, known.note)
    if stated:
        return Licence(stated, "")
    return Licence("unknown", f"nothing is known here of the licence of {model}: read it before you train on this")
