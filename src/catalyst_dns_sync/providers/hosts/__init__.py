"""Dev mode: a managed block in a hosts file stands for a DNS server."""
