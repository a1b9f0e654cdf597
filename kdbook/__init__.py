"""Executing and rendering the book; imports the mathematics, never the other way round."""
