"""Figures of the results frame."""
