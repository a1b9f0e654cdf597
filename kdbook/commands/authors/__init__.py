"""Commands for those who write chapters."""
