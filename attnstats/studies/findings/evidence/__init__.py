"""The outcomes of all cells, gathered for the tests."""
