"""Use cases: observe, decide, act, against Protocols that they declare."""
