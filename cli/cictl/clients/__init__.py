"""One module for each outside system; each translates its errors."""
