"""The declared hypotheses and how each is decided."""
