"""Figures of comparisons of conditions, from frames of plain numbers."""
