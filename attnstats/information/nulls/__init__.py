"""Null distributions that respect groups and conditioning variables."""
