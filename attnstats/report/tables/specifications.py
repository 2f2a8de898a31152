"""The specification curve as a table: each primary claim, asked in other ways."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from attnstats.frame import check_frame
from attnstats.report.notation import _words as notation
from attnstats.report.notation._rows import rows_of
from attnstats.report.notation._settings import CHOICES, SETTINGS, measure_name, setting_text
from attnstats.report.notation.formats import Table, printed
from attnstats.report.tables.verdicts import interval_name


def specification_table(frame: pd.DataFrame) -> Table:
    """Return every specification of a primary claim, with effect, interval and whether it agrees, in the frame's order.

    Raises
    ------
    FrameError
        If `frame` is no results frame.

    Examples
    --------
    >>> from attnstats.frame import Row, encode_parameters, to_frame
    >>> about = encode_parameters(hypothesis="i.deep", measure="mi_normalised_mean", agrees=True, by_construction=False)
    >>> row = Row(quantity="specification", finding="i", view="rank", estimator="Ross()", output="class", value=0.1,
    ...           ci_low=0.05, ci_high=0.15, ci_level=0.95, parameters=about)
    >>> specification_table(to_frame([row])).text.iloc[0].tolist()
    ['i', 'i.deep', 'U of places', 'rank', 'Ross()', 'class', '–', '0.100 [0.050, 0.150]', 'yes']
    """
    about = ["hypothesis", "measure", *SETTINGS, "agrees", "by_construction"]
    rows = rows_of(check_frame(frame), "specification", *about).reset_index(drop=True)
    columns = ["unit", "value", "ci_low", "ci_high", "ci_level", "ci_method", "n_seeds"]
    data = rows[["finding", "hypothesis", *CHOICES, *columns, "agrees", "by_construction"]]
    data = data.rename(columns={"value": "effect"})
    agrees = data["agrees"].map({True: "yes", False: "no"}).mask(data["by_construction"].eq(True), "by construction")
    text: dict[str, Iterable[object]] = {
        "Finding": data["finding"],
        "Hypothesis": data["hypothesis"],
        "Measure": data["measure"].map(measure_name, na_action="ignore"),
        "View": data["view"],
        "Estimator": data["estimator"],
        "Output": data["output"],
        "Setting": [setting_text(each) for each in data[SETTINGS].to_dict("records")],
        f"Effect [{interval_name(rows)}]": map(notation.estimate, data["effect"], data["ci_low"], data["ci_high"]),
        "Agrees": agrees,
    }
    note = (
        "U: mutual information over the entropy of the output. Places: attention ranks, or positions. Agrees: the "
        "effect lies on the same side of what is claimed as that of the hypothesis."
    )
    return Table("specifications", "The primary claims, asked in other ways.", data, printed(text), (note,))
