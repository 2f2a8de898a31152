"""Cells, their store, and the run of a study."""
