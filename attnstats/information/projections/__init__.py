"""Projections of vectors to few components, and log density ratios learned on them."""
