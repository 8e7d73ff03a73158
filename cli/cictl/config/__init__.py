"""File < environment < flags, in one frozen model that remembers where each value came from."""
