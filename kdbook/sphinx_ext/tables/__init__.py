"""Tables that several pages show, each from one list."""
