"""Every setting, from the environment and from flags, parsed once."""
