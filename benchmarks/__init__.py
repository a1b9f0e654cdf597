"""What is timed, and against what: `make bench` runs it and writes results.csv and the book's page on it.

`cases` holds the benchmarks, `naive` the loops that they are compared with, `measure` the clock; `building` and `pages`
time the book; `page`, `plots`, `words` and `form` make the page, `results` writes all.
"""
