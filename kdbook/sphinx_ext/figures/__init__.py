"""Figures that are more than a picture: in steps, and live."""
