"""What the Office Open XML formats share."""
