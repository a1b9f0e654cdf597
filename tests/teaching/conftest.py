"""The rendered book, for the tests that look at its pages."""

from tests.book.conftest import html

__all__ = ["html"]
