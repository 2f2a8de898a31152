"""Real and synthetic text: loading, splitting, encoding."""
