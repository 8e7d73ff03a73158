"""A real Docker engine, registry, Kubernetes and Prometheus on this machine, for the demo and the tests.

It is no part of the installed package and imports nothing of it.
"""
