"""How names and numbers are written."""
