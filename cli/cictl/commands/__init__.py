"""One module for each command group: parse, call one service, show the result."""
