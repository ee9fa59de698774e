"""Faults of a setting that has many parts."""


class FaultsError(ValueError):
    """What is wrong with a setting, one line for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults
