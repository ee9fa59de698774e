"""The API token, and where it comes from."""

import logging
from pathlib import Path

from catalyst_dns_sync.control.ports import ProviderRejectedError

log = logging.getLogger(__name__)


class TokenSource:
    """An API token: given as it is, or in a file that may change while we run.

    Raises `ProviderRejectedError` where there is no usable token.
    """

    def __init__(self, value: str = "", file: Path | None = None) -> None:
        self._file = file
        self._fault = ""
        self._value = _checked(value, "DNS_API_TOKEN") if file is None else _read(file)

    @property
    def value(self) -> str:
        """The token. Never log it."""
        return self._value

    @property
    def may_change(self) -> bool:
        """Whether there is a file to read again."""
        return self._file is not None

    def reload(self) -> bool:
        """Read the file again, and tell whether the token changed; blocks for a moment.

        A file that holds no token leaves ours as it is: it may be in the middle of a change.
        """
        if self._file is None:
            return False
        before = self._value
        try:
            self._value = _read(self._file)
        except ProviderRejectedError as error:
            if str(error) != self._fault:
                self._fault = str(error)
                log.warning("token not read again, the old one stays", extra={"error": str(error)})
            return False
        self._fault = ""
        return self._value != before


def _read(file: Path) -> str:
    try:
        text = file.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise ProviderRejectedError(
            f"DNS_API_TOKEN_FILE: {file} can't be read: {error.strerror}"
        ) from error
    return _checked(text.strip(), f"DNS_API_TOKEN_FILE: {file}")


def _checked(text: str, where: str) -> str:
    # A stray newline or letter would make the HTTP library complain, token and all.
    if not text:
        raise ProviderRejectedError(f"{where} is empty: put an API token of the DNS server there")
    if not all("!" <= char <= "~" for char in text):
        raise ProviderRejectedError(f"{where} holds a character that no API token has")
    return text
