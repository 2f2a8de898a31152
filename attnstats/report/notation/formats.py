"""A table of the report, and the formats it can be written in: CSV, Markdown, LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import pandas as pd

from attnstats.report.notation._words import ABSENT

_NUMERIC = re.compile(r"[-<>–∞.\d][\d.,%±\[\] <–-]*")
#: Columns wider than this many characters are set as paragraphs in LaTeX.
_PARAGRAPH = 40

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
        "[": "{[}",  # after \\ a bare bracket would be read as an optional length
        "±": r"$\pm$",
        "−": "$-$",
        "–": "--",
        "—": "---",
        "≤": r"$\le$",
        "≥": r"$\ge$",
        "×": r"$\times$",
        "∞": r"$\infty$",
        "½": r"$\frac{1}{2}$",
        "τ": r"$\tau$",
        "γ": r"$\gamma$",
        "δ": r"$\delta$",
        "Δ": r"$\Delta$",
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


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table of the report.

    Parameters
    ----------
    name : str
        File name without suffix.
    caption : str
        What the table shows, with the unit of replication.
    data : DataFrame
        The numbers in full.
    text : DataFrame
        The same rows as they print: every entry is text, rounded, with its interval or deviation.
    notes : tuple of str
        What stands below the table.

    Examples
    --------
    >>> import pandas as pd
    >>> shares = pd.DataFrame({"share": [0.12345]})
    >>> len(Table("shares", "Shares.", shares, shares.map("{:.2f}".format)))
    1
    """

    name: str
    caption: str
    data: pd.DataFrame
    text: pd.DataFrame
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.text)


class TableFormat(Protocol):
    """What a format must offer: a file suffix and a way to render a table, as `CSV`, `Markdown` and `LaTeX` do.

    Examples
    --------
    >>> from attnstats.report import CSV, LaTeX, Markdown
    >>> [table_format.suffix for table_format in (CSV(), Markdown(), LaTeX())]
    ['.csv', '.md', '.tex']
    """

    suffix: ClassVar[str]

    def render(self, table: Table) -> str:
        """Return the table as text."""
        ...


@dataclass(frozen=True, slots=True)
class CSV:
    """Comma-separated values with every digit and without caption, for machines.

    Examples
    --------
    >>> CSV().suffix
    '.csv'
    """

    suffix: ClassVar[str] = ".csv"

    def render(self, table: Table) -> str:
        """Return ``table.data`` as CSV; missing values are empty."""
        return table.data.to_csv(index=False, lineterminator="\n")


@dataclass(frozen=True, slots=True)
class Markdown:
    r"""A pipe table under its caption, as GitHub and most converters read it.

    pandas writes Markdown through tabulate, which leaves a ``|`` within a cell as it is.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import Table
    >>> text = pd.DataFrame({"Model": ["a|b"], "Texts": ["12"]})
    >>> print(Markdown().render(Table("counts", "Counts.", text, text)).splitlines()[-1])
    | a\|b  |    12 |
    """

    suffix: ClassVar[str] = ".md"

    def render(self, table: Table) -> str:
        """Return ``table.text`` as a Markdown table, special characters escaped."""
        text = table.text
        entries = [[escape_markdown(entry) for entry in row] for row in [list(text.columns), *text.to_numpy().tolist()]]
        widths = [max(3, *(len(row[i]) for row in entries)) for i in range(text.shape[1])]
        right = numeric_columns(text)
        rule = [f"{'-' * (width - 1)}:" if end else "-" * width for width, end in zip(widths, right, strict=True)]
        lines = []
        for row in [entries[0], rule, *entries[1:]]:
            padded = [
                entry.rjust(width) if end else entry.ljust(width)
                for entry, width, end in zip(row, widths, right, strict=True)
            ]
            lines.append(f"| {' | '.join(padded)} |")
        below = [f"\n{escape_markdown(note)}" for note in table.notes]
        return "\n".join([f"**{escape_markdown(table.caption)}**\n", *lines, *below]) + "\n"


@dataclass(frozen=True, slots=True)
class LaTeX:
    r"""A floating table with booktabs rules; the document needs ``\usepackage{booktabs}``.

    pandas' ``Styler.to_latex`` has no place for notes, and escapes neither brackets after a line break nor the signs
    that LaTeX sets in its mathematical mode.

    Examples
    --------
    >>> import pandas as pd
    >>> from attnstats.report import Table
    >>> text = pd.DataFrame({"Model": ["a_b"], "Share": ["50 %"]})
    >>> print(LaTeX().render(Table("shares", "Shares.", text, text)).splitlines()[8])
    a\_b & 50 \% \\
    """

    suffix: ClassVar[str] = ".tex"

    def render(self, table: Table) -> str:
        """Return ``table.text`` as a LaTeX table, special characters escaped."""
        text = table.text
        head, *body = [
            [escape_latex(entry) for entry in row] for row in [list(text.columns), *text.to_numpy().tolist()]
        ]
        lines = [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{escape_latex(table.caption)}}}",
            rf"\label{{tab:{table.name}}}",
            rf"\begin{{tabular}}{{{''.join(_latex_column(text[column]) for column in text.columns)}}}",
            r"\toprule",
            f"{' & '.join(head)} \\\\",
            r"\midrule",
            *(f"{' & '.join(row)} \\\\" for row in body),
            r"\bottomrule",
            r"\end{tabular}",
            *(rf"\par\smallskip{{\footnotesize {escape_latex(note)}}}" for note in table.notes),
            r"\end{table}",
        ]
        return "\n".join(lines) + "\n"


def escape_latex(text: str) -> str:
    """Return text that LaTeX prints as it stands; a minus before a digit becomes a minus sign."""
    return re.sub(r"(?<![\w.\]-])-(?=\.?\d)", "$-$", text.translate(_LATEX))


def escape_markdown(text: str) -> str:
    """Return text that Markdown prints as it stands, on one line."""
    return text.translate(_MARKDOWN)


def is_numeric(column: pd.Series) -> bool:
    """Return whether a printed column holds numbers throughout, and so stands flush right."""
    return len(column) > 0 and all(_NUMERIC.fullmatch(entry) for entry in column)


def numeric_columns(text: pd.DataFrame) -> list[bool]:
    """Return which columns of a printed table hold numbers throughout."""
    return [is_numeric(text[column]) for column in text]


def _latex_column(column: pd.Series) -> str:
    if is_numeric(column):
        return "r"
    return "p{5.5cm}" if column.str.len().max() > _PARAGRAPH else "l"


def printed(columns: Mapping[str, Iterable[object]]) -> pd.DataFrame:
    """Return columns of entries as a table of text, ABSENT where there is nothing."""
    table = pd.DataFrame({title: list(column) for title, column in columns.items()}).astype(object)
    return table.where(table.notna(), ABSENT).astype(str)
