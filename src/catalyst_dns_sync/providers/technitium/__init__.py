"""Technitium DNS Server, by its HTTP API."""
