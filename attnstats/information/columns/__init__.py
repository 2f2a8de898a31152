"""Mutual information over the columns of a table: all pairs, a ranking against a target, selection of features."""
