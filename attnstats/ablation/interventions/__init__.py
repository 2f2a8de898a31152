"""What is done to the attention of a trained model."""
