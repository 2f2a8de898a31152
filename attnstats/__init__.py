"""Do attention weights explain a model? Statistics that hold up."""

__version__ = "0.1.0"
