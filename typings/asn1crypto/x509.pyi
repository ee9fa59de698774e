from collections.abc import Iterable
from datetime import datetime

class GeneralName:
    name: str
    native: str

class Certificate:
    subject_alt_name_value: Iterable[GeneralName] | None
    not_valid_after: datetime

    @classmethod
    def load(cls, encoded_data: bytes) -> Certificate: ...
