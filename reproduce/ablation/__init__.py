"""What each part of our training is worth."""
