"""How text is written so that a format prints it as it stands."""

from __future__ import annotations

import re
from html import escape

#: The Greek letters that have a name in LaTeX.
_NAMES = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi"
_NAMES += " omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"
_GREEK = dict(zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ", _NAMES.split(), strict=True))
#: Those that look like Latin ones, which they become.
_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True))
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", [*"0123456789", "+", "$-$", "n"], strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", [*"0123456789", "+", "$-$"], strict=True))
_MATHEMATICAL = {
    "≤": "le", "≥": "ge", "×": "times", "∞": "infty", "≠": "ne", "≈": "approx", "→": "to", "←": "gets", "↑": "uparrow",
    "↓": "downarrow", "↔": "leftrightarrow", "⇒": "Rightarrow", "⇐": "Leftarrow", "⇔": "Leftrightarrow", "∈": "in",
    "∉": "notin", "∅": "emptyset", "∂": "partial", "∇": "nabla", "∆": "Delta", "∑": "sum", "∏": "prod", "∫": "int",
    "√": "surd", "∝": "propto", "∧": "wedge", "∨": "vee", "∩": "cap", "∪": "cup", "∼": "sim", "≡": "equiv", "≪": "ll",
    "≫": "gg", "⊂": "subset", "⊆": "subseteq", "∗": "ast", "∘": "circ", "∥": "parallel", "⟂": "perp", "′": "prime",
    "ς": "varsigma",
}  # fmt: skip
_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': "''",
        "`": r"\textasciigrave{}",
        "\u200b": "{}",
        "[": "{[}",  # after \\ a bare bracket would be read as an optional length
        "±": r"$\pm$",
        "−": "$-$",
        "–": "--",
        "—": "---",
        "½": r"$\frac{1}{2}$",
        "⅓": r"$\frac{1}{3}$",
        "⅔": r"$\frac{2}{3}$",
        "\u2009": r"\,",
        "\u202f": r"\,",
        **{sign: rf"$\{name}$" for sign, name in (_GREEK | _MATHEMATICAL).items()},
        **_LATIN,
        **{sign: rf"\textsuperscript{{{plain}}}" for sign, plain in _RAISED.items()},
        **{sign: rf"\textsubscript{{{plain}}}" for sign, plain in _LOWERED.items()},
        "\n": " ",
        "\r": " ",
    }
)
_MARKDOWN = str.maketrans(
    {
        **{character: f"\\{character}" for character in "\\`*_[]|~#$"},
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "\n": " ",
        "\r": " ",
    }
)
_TYPST = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": " ", "\r": " "})


def escape_latex(text: str) -> str:
    """Return text that LaTeX prints as it stands; a minus before a digit becomes a minus sign."""
    apart = re.sub("-(?=-)", "-\u200b", text)  # two hyphens would be set as a dash
    return re.sub(r"(?<![\w.\]-])-(?=\.?\d|\$\\infty)", "$-$", apart.translate(_LATEX))


def escape_markdown(text: str) -> str:
    """Return text that Markdown prints as it stands, on one line."""
    return text.translate(_MARKDOWN)


def escape_html(text: str) -> str:
    """Return text that HTML shows as it stands, with minus signs before digits."""
    return escape(with_minus(text))


def quote_typst(text: str) -> str:
    """Return text as a string of Typst, in which nothing is markup, with minus signs before digits."""
    quoted = with_minus(text).translate(_TYPST)
    return f'"{quoted}"'


def with_minus(text: str) -> str:
    """Return text with a minus sign where a hyphen stands before a number."""
    return re.sub(r"(?<![\w.\]-])-(?=\.?\d|∞)", "−", text)
