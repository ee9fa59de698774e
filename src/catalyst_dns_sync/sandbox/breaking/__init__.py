"""Faults on request for both embedded servers: what may be asked for, and how it is done."""
