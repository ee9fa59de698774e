"""The failures that the API answers with; their texts are the real server's, letter for letter.

ApiError                      {"status": "error"}
├─ InvalidTokenError          {"status": "invalid-token"}
├─ TwoFactorRequiredError     {"status": "2fa-required"}
└─ LoginFailedError           {"status": "error"}, answered late, counted towards the lock-out
"""

ACCESS_DENIED = "Access was denied."
INTERNAL_ZONE = "Access was denied to manage internal DNS Server zone."


class ApiError(Exception):
    """A call that fails; ``inner`` becomes `innerErrorMessage`."""

    status = "error"

    def __init__(self, text: str, inner: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.inner = inner


class InvalidTokenError(ApiError):
    """No session has this token, or no longer."""

    status = "invalid-token"

    def __init__(self) -> None:
        super().__init__("Invalid token or session expired.")


class TwoFactorRequiredError(ApiError):
    """The password is right, and the user has a second factor."""

    status = "2fa-required"

    def __init__(self, user: str) -> None:
        super().__init__(f"A time-based one-time password (TOTP) is required for user: {user}")


class LoginFailedError(ApiError):
    """A wrong password or second factor."""


def access_denied() -> ApiError:
    """Return the error of a caller who lacks a permission."""
    return ApiError(ACCESS_DENIED)
