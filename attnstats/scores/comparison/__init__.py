"""What a comparison of conditions found."""
