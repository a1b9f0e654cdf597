"""Commands for those who teach from the book: decks, handouts, questions, a course, an experiment."""
