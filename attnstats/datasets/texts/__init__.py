"""Real and planted text, read, split and encoded."""
