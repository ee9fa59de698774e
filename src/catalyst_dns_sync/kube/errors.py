"""What can go wrong between us and the API server, told apart by what to do next.

    CatalystError
    ├─ KubeConfigError      no usable configuration: a person must mend it
    └─ KubeError
       ├─ NotServedError    a clean 404 of the resource: the cluster does not have the kind
       ├─ NotFoundError     the resource is served, this one object is not there
       ├─ ExpiredError      410: the version or the continue token is too old, list again
       ├─ EndingNamespaceError  403: the namespace is being deleted, nothing new goes into it
       ├─ StreamLostError   an open watch broke or fell silent: begin it again
       └─ OutOfTouchError   everything else; it proves nothing, try again later

Texts are one short line and never hold a token.
"""

from catalyst_dns_sync.core.errors import CatalystError


class KubeConfigError(CatalystError):
    """There is no usable configuration; the text says what to mend."""


class KubeError(CatalystError):
    """The API server did not do what it was asked."""


class NotServedError(KubeError):
    """The cluster does not serve the resource."""


class NotFoundError(KubeError):
    """The object does not exist, and its resource does."""


class ExpiredError(KubeError):
    """The version or the continue token is too old."""


class StreamLostError(KubeError):
    """An open watch broke off, or said nothing for too long (``silent``)."""

    def __init__(self, text: str, *, silent: bool) -> None:
        super().__init__(text)
        self.silent = silent


class EndingNamespaceError(KubeError):
    """Nothing new may be made in a namespace that is being deleted."""


class OutOfTouchError(KubeError):
    """We cannot know: refused, broken, too late, not allowed, or an answer that makes no sense.

    ``status`` is the HTTP status, None where there was no answer. ``retry_after`` is what the
    server asked for, in seconds.
    """

    def __init__(
        self, text: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(text)
        self.status = status
        self.retry_after = retry_after


def short(text: object, at_most: int = 300) -> str:
    """Return the text on one line, cut to a length that a log line bears."""
    line = " ".join(str(text).split())
    return line if len(line) <= at_most else f"{line[: at_most - 1]}…"
