"""The settings that a command is given."""

import os
import sys
from collections.abc import Mapping

from catalyst_dns_sync.cli.exits import errors_as_exit_codes
from catalyst_dns_sync.settings.loading import load
from catalyst_dns_sync.settings.misspelt import misspelt
from catalyst_dns_sync.settings.model import Settings


def settings_given(flags: Mapping[str, str | None]) -> Settings:
    """Return the settings of the environment and of flags; a fault ends the process.

    What looks like a setting and is none is warned of on stderr.
    """
    for variable, meant in misspelt(os.environ):
        sys.stderr.write(f"warning: {variable} is no setting: is {meant} meant?\n")
    with errors_as_exit_codes():
        return load(os.environ, flags)
