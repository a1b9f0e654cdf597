WRONG = {
    "ex-digitsclassifier-2": [
        (0.3, "if the likely label was drawn"),
        (0.84, "a factor 1/2"),
        (0.9, "too large"),
    ],
}
