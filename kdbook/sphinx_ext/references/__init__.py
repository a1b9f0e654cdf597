"""Where references lead that this book cannot follow."""
