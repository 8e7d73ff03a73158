"""The only place that builds clients, clock and environment, and hands them to services."""
