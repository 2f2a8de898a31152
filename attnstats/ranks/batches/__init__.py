"""Agreement of many short pairs at once, one a row."""
