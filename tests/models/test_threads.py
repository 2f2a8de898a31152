"""Thread limits, in processes of their own since TensorFlow takes them once."""

import subprocess
import sys

import pytest


def run(code):
    return subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)


@pytest.mark.slow
def test_limit_holds_and_tensorflow_starts_in_silence():
    result = run(
        "from attnstats.models import limit_threads; limit_threads(1); limit_threads(1)\n"
        "import tensorflow as tf; tf.zeros(2) + 1\n"
        "print(tf.config.threading.get_intra_op_parallelism_threads())\n"
        "try: limit_threads(2)\n"
        "except ValueError as error: print(error)\n"
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "1",
        "n: must be set before TensorFlow's first operation; got 2 after it started",
    ]
    assert result.stderr == ""
