"""Keeps DNS records in step with the host names of a Kubernetes cluster."""

__version__ = "0.1.0"
