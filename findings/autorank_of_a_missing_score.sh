#!/bin/sh
# autorank: one missing score among populations that do not differ, and the report rejects their equality with p = nan.
#
# Guess: a table with a missing score is refused, or the row is left out, as Friedman's test needs complete rows.
# Version: autorank 1.3.0, pandas 2.3.3, numpy 2.2.6, scipy 1.16.3, Python 3.11.
# Behaviour: Friedman's test of scipy gives nan for columns that hold nan, and autorank asks whether p is at least alpha: nan
# is not. So the omnibus test counts as significant, the report says "We reject the null hypothesis (p=nan)" and goes on to
# post-hoc comparisons with mean ranks over rows of different lengths. Complete, the same table gives p = 0.558.
# Seen: complete: failed to reject (p=0.558); one score missing: reject (p=nan)
# Remedy: data.dropna() beforehand, or a comparison that says what it does with missing cells.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    autorank==1.3.0 pandas==2.3.3 numpy==2.2.6 scipy==1.16.3
"$place/venv/bin/python" -W ignore - <<'EOF'
import contextlib
import io
import re

import numpy as np
import pandas as pd
from autorank import autorank, create_report


def said(table):
    """Return what the report says of the omnibus test."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        create_report(autorank(table, alpha=0.05, force_mode="nonparametric"))
    pattern = r"We (reject|failed to reject) the null hypothesis (\(p=\S+\)) of the Friedman test"
    return re.search(pattern, printed.getvalue()).groups()


scores = pd.DataFrame(np.random.default_rng(0).normal(size=(12, 3)), columns=["ours", "theirs", "third"])
complete = said(scores)
scores.iloc[0, 1] = np.nan
missing = said(scores)
print(f"complete: {' '.join(complete)}; one score missing: {' '.join(missing)}")
assert complete[0] == "failed to reject"
assert missing == ("reject", "(p=nan)")
EOF
