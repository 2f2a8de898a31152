"""The bootstrap: methods, designs and draws."""
