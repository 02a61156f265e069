"""Folds letters that look alike to one of them, and drops what nobody sees."""

from __future__ import annotations

import re
import unicodedata

# Never seen, and never needed to write a language: control characters, tags, variation selectors of other planes, what
# turns the direction of reading over, blanks of no width, soft hyphens. Joiners and a single variation selector are
# needed, rows of them not.
UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\u00ad\u034f\u180e\u200b\u2060-\u2064\u202a-\u202e\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
    "|[\ufe00-\ufe0f]{2,}|[\u200c\u200d]{2,}"
)
_DROPPED = re.compile("[\u200c\u200d\ufe00-\ufe0f\u115f\u1160\u3164\uffa0\u2800]")
_PAIRS = (
    # Cyrillic, Greek, Armenian and others that stand for Latin letters
    "\u0430a \u0432b \u0441c \u0501d \u0435e \u0451e \u0581g \u04bbh \u0456i \u0131i \u0458j \u043ak \u04cfl \u043cm"
    " \u0578n \u043eo \u0440p \u051bq \u0433r \u0455s \u0442t \u057du \u0475v \u051dw \u0445x \u0443y \u03b1a \u03b5e"
    " \u03b9i \u03bak \u03bfo \u03c1p \u03c4t \u03c5u \u03bdv \u03c7x \u0585o \u0570h"
    # what stands for a bracket, a bar, a stroke
    " \u2039< \u203a> \u3008< \u3009> \u27e8< \u27e9> \u276e< \u276f> \u02c2< \u02c3> \u1438< \u1433>"
    " \u2223| \u01c0| \u2758| \u2502| \u2044/ \u2215/ \u29f8/ \u2571/"
)
_LIKE = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})


def folded(text: str) -> str:
    """Return the text as it is meant to be read, in small Latin letters where it only looks like them.

    It has another length: it is for looking at, not for pointing into.
    """
    plain = unicodedata.normalize("NFKC", _DROPPED.sub("", UNSEEN.sub("", text)))
    bare = "".join(c for c in unicodedata.normalize("NFD", plain.lower()) if not unicodedata.combining(c))
    return bare.translate(_LIKE)
