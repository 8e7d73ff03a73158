"""Build, test, push and roll out microservices: the toolkit between Jenkins and Kubernetes."""
