"""The Kubernetes API, as raw JSON: configuration, lists, watches."""
