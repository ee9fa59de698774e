"""What the server holds and the rules by which it changes; pure: no I/O, the clock is given."""
