"""Embedded servers, so that the whole program runs on one machine with nothing installed."""
