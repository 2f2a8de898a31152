"""What to look at before an estimate is believed."""
