"""Nearest neighbours and ball counts, compiled: the plane, a k-d tree, scans of all pairs and matrix products."""
