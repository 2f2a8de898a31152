"""What an intervention changed, with a test of it."""
