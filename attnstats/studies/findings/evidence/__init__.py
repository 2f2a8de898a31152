"""What the cells say, gathered for the tests."""
