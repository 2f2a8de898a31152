"""The figures of the report, each declared once with its caption, and their files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pandas as pd

from attnstats._files import write_files
from attnstats.frame import check_frame
from attnstats.report.figures._style import image_bytes
from attnstats.report.figures._summaries import summary_figures
from attnstats.report.figures.along import plot_along
from attnstats.report.figures.contrasts import plot_contrasts
from attnstats.report.figures.heads import plot_heads
from attnstats.report.figures.illustration import WITHIN_SHARES, Illustration
from attnstats.report.figures.plots import plot_agreement, plot_concordance, plot_information_by_rank, plot_skew
from attnstats.report.figures.primary import plot_primary_claims
from attnstats.report.figures.specifications import plot_specifications
from attnstats.report.notation._claims import primary_claims
from attnstats.report.notation._rows import heads_rows

_OVER_SEEDS = "The unit of replication is the trained model (a seed)."

#: Every figure of the report, in its order.
FIGURES = (
    Illustration(
        "contrasts",
        "contrast",
        "Every declared hypothesis",
        "Effect and confidence interval of each declared hypothesis, by finding, with its verdict and its adjusted "
        f"p-value. The line at zero is no effect; a grey strip is the margin where one is "
        f"declared. {_OVER_SEEDS}",
        plot_contrasts,
    ),
    Illustration(
        "specifications",
        "specification",
        "The primary claims asked in other ways",
        "Specification curve of each primary claim: effect and confidence interval by every view, estimator, output, "
        "measure and setting that the study holds, in order of size, over a mark for each choice that was made. "
        "Dashed: the effect that decides; grey strip: its margin; red crosses: on another side of what is claimed; "
        "hollow: true by construction, and not counted. Measures in tokens stand in the table of specifications alone. "
        f"{_OVER_SEEDS}",
        plot_specifications,
    ),
    Illustration(
        "information_by_rank",
        "mi_normalised",
        "Information by attention rank",
        "Mutual information between the predicted class and the hidden state with the r-th largest attention of its "
        "review, divided by the entropy of the predicted class, by the estimator that decides; the others stand in the "
        "table of what was measured in other ways. Line: mean over seeds; band: 95 % t interval over seeds; dotted: "
        f"null floor, the same estimator on permuted pairs. {_OVER_SEEDS}",
        plot_information_by_rank,
        view="rank",
    ),
    Illustration(
        "agreement",
        "tau_b",
        "Agreement of attention with pointwise information",
        "Kendall's tau-b between the attention and the pointwise mutual information of the tokens of a review, "
        "averaged over reviews. Pale dots: seeds; sign: their mean; bar: 95 % t interval over seeds; grey signs: the "
        f"mean when the attention is replaced. {_OVER_SEEDS}",
        plot_agreement,
    ),
    Illustration(
        "concordance",
        "concordance",
        "Near ties of attention",
        "Share of token pairs of a review that attention and pointwise information order alike, against the gap of the "
        "two log attention weights. Dashed: the same share if attention were the true order and the information were "
        "measured with its own noise; only what falls below it is more than measurement noise. Bands: 95 % t intervals "
        f"over seeds. {WITHIN_SHARES} {_OVER_SEEDS}",
        plot_concordance,
    ),
    Illustration(
        "skew",
        "gini",
        "Skew of attention",
        "Gini coefficient of the attention of a review, averaged over reviews, by normalizer. Pale dots: seeds; sign: "
        f"their mean; bar: 95 % t interval over seeds. {WITHIN_SHARES} {_OVER_SEEDS}",
        plot_skew,
    ),
    Illustration(
        "along",
        "step_size",
        "Along training",
        "Every measure at checkpoints of each training, against the learning rate times the number of updates (the "
        "sum of the rates, where they change); the initial weights stand at the left end. Where the curves of two "
        "trainings fall on one another, that product alone says what training does to the measure; the table of "
        "trainings apart says how far they miss. Line: mean over seeds; band: 95 % t interval over seeds; hollow: a "
        f"mean without the models that predict one class only, which have no MI. {_OVER_SEEDS}",
        plot_along,
    ),
)

#: The figure of all heads of one model, of which none over seeds can be made.
HEADS = Illustration(
    "heads",
    "heads",
    "Layers and heads",
    "Mean over texts of Kendall's tau-b between the attention of each layer and head and the pointwise mutual "
    "information of the words with the predicted class. Dots: p-value at most .05 after correction over all of "
    "them; numbers: groups that order words alike; hatched: not tested.",
    plot_heads,
)

#: The figure of what interventions on the heads of one model change.
HEAD_ABLATIONS = Illustration(
    "heads",
    "heads",
    "Interventions on heads",
    "Mean over texts of what an intervention on each layer and head changes in the output of the running model. Dots: "
    "p-value at most .05 after correction over all of them; hatched: not tested, as heads that change no text.",
    plot_heads,
)


def finding_figures(frame: pd.DataFrame) -> Iterator[Illustration]:
    """Yield for each finding the figure of the claims that decide it."""
    for finding in dict.fromkeys(primary_claims(frame)["finding"].dropna()):
        yield Illustration(
            finding_figure_name(finding),
            "contrast",
            f"The claims that decide finding ({finding})",
            "Effect and confidence interval of each claim; grey: the margin within which a difference does not matter.",
            partial(plot_primary_claims, finding=finding),
        )


def finding_figure_name(finding: str) -> str:
    """Return the file name, without suffix, of the figure of a finding.

    >>> finding_figure_name("iv"), finding_figure_name("more/less")
    ('finding_iv', 'finding_more_less')
    """
    return "finding_" + re.sub(r"\W", "_", finding)


def figure_files(frame: pd.DataFrame) -> Iterator[tuple[Illustration, str, bytes]]:
    """Yield each figure for which the frame holds rows, with suffix and content of its files."""
    heads = frame.loc[heads_rows(frame), "quantity"].unique()
    if len(heads):
        drawn = [HEADS if "tau_b" in heads else HEAD_ABLATIONS]
    else:
        of_claims = (*FIGURES, *finding_figures(frame))
        drawn = [*(each for each in of_claims if each.applies_to(frame)), *summary_figures(frame)]
    for illustration in drawn:
        figure = illustration.plot(frame)
        for suffix in (".png", ".svg"):
            yield illustration, suffix, image_bytes(figure, suffix)


def write_figures(frame: pd.DataFrame, directory: str | Path) -> list[Path]:
    """Write every figure of which a results frame holds rows as PNG (150 dpi) and SVG, and return the paths.

    The same frame gives the same bytes. The directory is made if it is not there; each file is written atomically.

    Raises
    ------
    FrameError
        If `frame` is no results frame, or as for the figures.
    MissingExtraError
        If matplotlib is not installed.
    OutputError
        If the directory cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from attnstats.frame import Row, to_frame
    >>> rows = [Row(quantity="gini", value=0.5 + 0.01 * seed, seed=seed) for seed in range(3)]
    >>> with TemporaryDirectory() as directory:
    ...     paths = write_figures(to_frame(rows), directory)
    >>> [path.name for path in paths]
    ['skew.png', 'skew.svg']
    """
    files = [(f"{each.name}{suffix}", content) for each, suffix, content in figure_files(check_frame(frame))]
    return write_files(files, directory)
