"""A growth of one's own: the recipe is a file."""
