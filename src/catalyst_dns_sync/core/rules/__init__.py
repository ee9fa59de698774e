"""Traefik's rule language: from the text of a ``match`` to the names that it serves."""
