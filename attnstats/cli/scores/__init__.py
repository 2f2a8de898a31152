"""Commands on long tables of scores: ``compare`` and ``plan``."""
