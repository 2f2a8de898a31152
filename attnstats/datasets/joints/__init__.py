"""Joint distributions with known mutual information."""
