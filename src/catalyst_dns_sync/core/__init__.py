"""What should be done, as values: no I/O, no clock, no log, no randomness."""
