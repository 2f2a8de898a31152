"""All scores of a condition at once: the share of runs above each score, and the interquartile mean."""
