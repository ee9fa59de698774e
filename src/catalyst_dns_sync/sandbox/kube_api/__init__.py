"""An embedded Kubernetes API server, good enough for kubectl and held to a real one's behaviour."""
