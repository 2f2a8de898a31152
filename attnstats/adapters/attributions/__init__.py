"""Attributions on the models of PyTorch and of transformers: what each word contributes to the output for one class.

Methods that `attnstats.models` has too have its names, and its signs.
"""

from __future__ import annotations
