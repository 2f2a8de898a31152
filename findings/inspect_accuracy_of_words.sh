#!/bin/sh
# Inspect (inspect_ai): a sample that its scorer calls "correct" counts as wrong, and so does one of "70%".
#
# Guess: the accuracy of three samples scored "correct" is 1; a word or a number that the metric does not know is an
# error, or missing.
# Version: inspect_ai 0.3.285, Python 3.11.
# Behaviour: the metric turns scores into numbers by `value_to_float`. It knows C, I, P, N, yes, no, true, false and plain
# numbers; every other text is 0, with no more than a logged warning, and stays in the denominator. So "correct" is 0 where
# "C" is 1, and "70%" is 0 where "0.7" is 0.7.
# Seen: "C" 1.0, "yes" 1.0, "correct" 0.0, "pass" 0.0, "0.7" 0.7, "70%" 0.0, "nan" 0.0; accuracy of "correct" three times: 0.0
# Remedy: scorers that give CORRECT and INCORRECT, or numbers; or a `to_float` of one's own.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check inspect_ai==0.3.285
"$place/venv/bin/python" - <<'EOF'
from inspect_ai.scorer import SampleScore, Score, accuracy, value_to_float

number = value_to_float()
found = {text: number(text) for text in ("C", "yes", "correct", "pass", "0.7", "70%", "nan")}
three = accuracy()([SampleScore(score=Score(value="correct")) for _ in range(3)])
print(", ".join(f'"{text}" {value}' for text, value in found.items()), f'; accuracy of "correct" three times: {three}')
assert list(found.values()) == [1.0, 1.0, 0.0, 0.0, 0.7, 0.0, 0.0]
assert three == 0.0
EOF
