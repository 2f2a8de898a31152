"""Tables of the results frame."""
