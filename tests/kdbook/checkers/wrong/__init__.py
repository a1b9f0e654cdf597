"""Wrong answers, one module for each prefix of labels, with the words that must be said of them."""
