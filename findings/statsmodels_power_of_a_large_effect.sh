#!/bin/sh
# statsmodels: the power of a two-sided paired t test is NaN for a large effect, and 1 again for a larger one.
#
# Guess: power grows with the effect, and is 1 to all digits where the test cannot fail.
# Version: statsmodels 0.15.0 (with numpy 2.4.6, scipy 1.17.1), Python 3.11.
# Behaviour: the two-sided power is the sum of both tails of a noncentral t, and the tail on the wrong side, which is 0
# to all digits, comes back from SciPy as NaN in a band of noncentralities. The one-sided power is right. No warning.
# Seen (TTestPower, n = 8, alpha = .05): effect 3: 1.000   effect 4: nan   effect 5: nan   effect 6: 1.000
# Remedy: where the power is NaN take the one-sided power at alpha / 2.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    statsmodels==0.15.0 numpy==2.4.6 scipy==1.17.1
"$place/venv/bin/python" - <<'END'
import numpy as np
from statsmodels.stats.power import TTestPower

test = TTestPower()
effects = (3, 4, 5, 6)
both = [float(test.power(effect, 8, 0.05)) for effect in effects]
one = [float(test.power(effect, 8, 0.025, alternative="larger")) for effect in effects]
print("   ".join(f"effect {effect}: {power:.3f}" for effect, power in zip(effects, both)))
assert np.isnan(both).tolist() == [False, True, True, False], both
assert min(one) > 0.999, one
END
