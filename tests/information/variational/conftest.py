"""One TensorFlow thread, set before any test of this room makes the first operation."""

from attnstats.models import limit_threads

limit_threads(1)
