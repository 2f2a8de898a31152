"""From one trace to the rows of the results frame."""
