"""The mixed linear model."""
