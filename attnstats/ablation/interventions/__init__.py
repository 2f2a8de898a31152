"""Interventions on the attention of a trained model."""
