"""Time-based one-time passwords (RFC 6238: SHA-1, 30 s, 6 digits)."""

import base64
import hashlib
import hmac
from datetime import datetime

_STEP = 30


def totp_at(secret: str, moment: datetime, *, steps_away: int = 0) -> str:
    """Return the password of a base32 secret at a moment."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    counter = int(moment.timestamp()) // _STEP + steps_away
    digest = hmac.new(key, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def is_totp(text: str, secret: str, moment: datetime) -> bool:
    """Tell whether the text is the password of now, or of the step before or after."""
    return any(
        hmac.compare_digest(text.encode(), totp_at(secret, moment, steps_away=step).encode())
        for step in (0, -1, 1)
    )
