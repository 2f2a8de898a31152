#!/bin/sh
# scikit-learn: the mutual information of a column depends on where its zero is.
#
# Guess: adding a constant to a feature changes nothing, as with every estimator of mutual information by distances,
# as long as the numbers keep their digits.
# Version: scikit-learn 1.9.1 (with numpy 2.4.6, scipy 1.17.1), Python 3.11.
# Behaviour: mutual_info_regression divides a column by its standard deviation without centring it, and adds normal
# noise of 1e-10 times the mean absolute value. A column whose mean is 1e9 standard deviations from zero (a time in
# nanoseconds since 1970 that varies over a second has 6e9) gets a tenth of its spread as noise, one at 1e10 as much
# noise as it varies. The float64 numbers below keep five digits or more of the values' spread.
# Seen (y = x + 0.1 e, 1,000 rows, truth 2.31 nats):
#   mean 0: 2.279   mean 1e9: 1.948   mean 1e10: 0.381   mean 1e11: 0.007
# Remedy: centre the columns first.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
"$place/venv/bin/python" - <<'EOF'
import numpy as np
from sklearn.feature_selection import mutual_info_regression

rng = np.random.default_rng(0)
x = rng.normal(size=1000)
y = x + 0.1 * rng.normal(size=1000)
found = {}
for mean in (0.0, 1e9, 1e10, 1e11):
    shifted = x + mean
    assert np.corrcoef(shifted - mean, x)[0, 1] > 1 - 1e-9  # the values themselves are still there
    found[mean] = mutual_info_regression(shifted[:, np.newaxis], y, random_state=0)[0]
    centred = mutual_info_regression((shifted - shifted.mean())[:, np.newaxis], y, random_state=0)[0]
    print(f"mean {mean:g}: {found[mean]:.3f} nats, centred first: {centred:.3f}")
    assert abs(centred - found[0.0]) < 0.01
assert abs(found[0.0] - 2.279) < 0.01
assert abs(found[1e9] - 1.948) < 0.03
assert abs(found[1e10] - 0.381) < 0.05
assert found[1e11] < 0.05
EOF
