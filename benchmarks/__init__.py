"""Measurements that people start by hand; no test depends on them."""
