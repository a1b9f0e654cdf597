"""Commands for those who have a model's answers."""
