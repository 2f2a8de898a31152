"""Confidence intervals made for information, and the warning of bias."""
