# ruff: noqa: RUF001 (signs that look like others are what this is about)
"""Names in LaTeX of the signs that formulas are written with."""

from __future__ import annotations

SYMBOLS = {
    "±": "pm", "∓": "mp", "×": "times", "÷": "div", "·": "cdot", "⋅": "cdot", "∙": "cdot", "∘": "circ", "∗": "ast",
    "∞": "infty", "≤": "leq", "≥": "geq", "≪": "ll", "≫": "gg", "≠": "neq", "≈": "approx", "≅": "cong", "∼": "sim",
    "≃": "simeq", "≡": "equiv", "∝": "propto", "≜": "triangleq", "≺": "prec", "≻": "succ",
    "∈": "in", "∉": "notin", "∋": "ni", "⊂": "subset", "⊃": "supset", "⊆": "subseteq", "⊇": "supseteq", "∪": "cup",
    "∩": "cap", "∖": "setminus", "∅": "emptyset", "∧": "wedge", "∨": "vee", "¬": "neg", "⊕": "oplus", "⊗": "otimes",
    "⊥": "perp", "∥": "parallel", "∠": "angle", "△": "triangle",
    "∀": "forall", "∃": "exists", "∄": "nexists", "∴": "therefore", "∵": "because",
    "→": "to", "←": "leftarrow", "↔": "leftrightarrow", "⇒": "Rightarrow", "⇐": "Leftarrow", "⇔": "Leftrightarrow",
    "↑": "uparrow", "↓": "downarrow", "↦": "mapsto", "⟶": "longrightarrow", "⟹": "Longrightarrow",
    "∂": "partial", "∇": "nabla", "∆": "Delta", "ℏ": "hbar", "ℓ": "ell", "ℵ": "aleph", "℘": "wp", "ℜ": "Re", "ℑ": "Im",
    "…": "ldots", "⋯": "cdots", "⋮": "vdots", "⋱": "ddots", "′": "prime", "°": "degree", "√": "surd",
    "ϵ": "epsilon", "ε": "varepsilon", "ϕ": "phi", "φ": "varphi", "ϑ": "vartheta", "ϱ": "varrho", "ϖ": "varpi",
    "ς": "varsigma", "ϰ": "varkappa", "∑": "sum", "∏": "prod", "∫": "int", "\\": "backslash",
}  # fmt: skip

LARGE = {
    "∑": "sum", "∏": "prod", "∐": "coprod", "∫": "int", "∬": "iint", "∭": "iiint", "∮": "oint", "∯": "oiint",
    "∰": "oiiint", "⋃": "bigcup", "⋂": "bigcap", "⋁": "bigvee", "⋀": "bigwedge", "⨁": "bigoplus", "⨂": "bigotimes",
    "⨀": "bigodot", "⨄": "biguplus", "⨆": "bigsqcup",
}  # fmt: skip

ACCENTS = {
    "\u0300": "grave", "\u0301": "acute", "\u0302": "hat", "^": "hat", "\u0303": "tilde", "~": "tilde",
    "\u0304": "bar", "\u0305": "overline", "\u0306": "breve", "\u0307": "dot", "\u0308": "ddot", "\u20db": "dddot",
    "\u030c": "check", "\u20d6": "overleftarrow", "\u20d7": "vec", "\u20e1": "overleftrightarrow",
}  # fmt: skip

FUNCTIONS = frozenset({
    "arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc", "deg", "det", "dim", "exp", "gcd", "hom",
    "inf", "ker", "lg", "lim", "liminf", "limsup", "ln", "log", "max", "min", "Pr", "sec", "sin", "sinh", "sup", "tan",
    "tanh",
})  # fmt: skip
