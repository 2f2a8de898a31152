"""Effects of several studies or data sets together."""
