"""Estimators from nearest neighbours."""
