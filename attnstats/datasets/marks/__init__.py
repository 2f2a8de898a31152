"""Texts with the words that people marked as telling of the class."""
