"""The HTTP servers: metrics, probes, pages."""
