"""Rank agreement of many short examples at once."""
