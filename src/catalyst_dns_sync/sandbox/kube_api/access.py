"""Who may do what: one almighty token, those of service accounts, and rights taken away."""

import base64
import binascii
import hmac
import secrets

from catalyst_dns_sync.sandbox.kube_api.rbac import SERVICE_ACCOUNT, Attributes, Rbac
from catalyst_dns_sync.sandbox.kube_api.requests import ResourceRequest
from catalyst_dns_sync.sandbox.kube_api.status import ApiError

ANONYMOUS = "system:anonymous"
_OPEN_PATHS = frozenset({"/version", "/healthz", "/livez", "/readyz"})


class Access:
    """Everything is allowed to the one user, unless it was forbidden; without a token to all.

    A service account, which has a token of its own, may do what the Roles say that were applied.

    Beside `Bearer TOKEN` it takes the token as the password of basic authentication, because
    kubectl sends the credentials of a kubeconfig only over TLS (client-go, `tools/clientcmd`,
    "only try to read the auth information if we are secure"), but those in a URL always.
    """

    def __init__(self, token: str | None, user: str, rbac: Rbac) -> None:
        self.token = token
        self.user = user
        self._rbac = rbac
        self._accounts: dict[str, str] = {}
        self._forbidden: set[tuple[str, str, str | None]] = set()

    def forbid(self, verb: str, plural: str, namespace: str | None = None) -> None:
        """Take a right away, from the next request on; ``*`` stands for every verb or resource.

        Without a namespace it is gone everywhere.
        """
        self._forbidden.add((verb, plural, namespace))

    def allow(self, verb: str, plural: str, namespace: str | None = None) -> None:
        """Give back a right that `forbid` took."""
        self._forbidden.discard((verb, plural, namespace))

    def account_token(self, namespace: str, name: str) -> str:
        """Return a new token of a service account, as `kubectl create token` does."""
        token = secrets.token_urlsafe(24)
        self._accounts[token] = f"{SERVICE_ACCOUNT}{namespace}:{name}"
        return token

    def allows(self, user: str, wanted: Attributes) -> bool:
        """Tell whether a user may do something."""
        if self._is_forbidden(wanted.verb, wanted.plural, wanted.namespace):
            return False
        return user == self.user or (user != ANONYMOUS and self._rbac.allows(user, wanted))

    def _is_forbidden(self, verb: str, plural: str, namespace: str) -> bool:
        for rule_verb, rule_plural, rule_namespace in self._forbidden:
            matches = rule_verb in {verb, "*"} and rule_plural in {plural, "*"}
            if matches and rule_namespace in {None, namespace}:
                return True
        return False

    def authenticate(self, header: str) -> str:
        """Return the user that a header belongs to; raises `ApiError` 401 for a wrong token."""
        if self.token is None:
            return self.user
        if not header:
            return ANONYMOUS
        token = _token(header)
        if (account := self._accounts.get(token)) is not None:
            return account
        given = token.encode("utf-8", "replace")
        if not hmac.compare_digest(given, self.token.encode()):
            raise ApiError(401, "Unauthorized", "Unauthorized")
        return self.user

    def authorize(self, user: str, wanted: ResourceRequest) -> None:
        """Raise `ApiError` 403 for a request that is not allowed, be the resource served or not."""
        verb, plural, namespace = wanted.verb, wanted.plural, wanted.namespace
        attributes = Attributes(
            verb, wanted.group, plural, namespace, wanted.name, wanted.subresource
        )
        if self.allows(user, attributes):
            return
        subject = f"{plural}.{wanted.group}" if wanted.group else plural
        subject += f' "{wanted.name}"' if wanted.name else ""
        where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
        message = (
            f'{subject} is forbidden: User "{user}" cannot {verb} resource "{plural}" '
            f'in API group "{wanted.group}" {where}'
        )
        details = {"name": wanted.name, "group": wanted.group, "kind": plural}
        found = {key: value for key, value in details.items() if value}
        raise ApiError(403, "Forbidden", message, found)

    def authorize_path(self, user: str, verb: str, path: str) -> None:
        """Raise `ApiError` 403 for a path that is no resource and not open to everybody."""
        if user != ANONYMOUS or path in _OPEN_PATHS:
            return
        message = f'forbidden: User "{user}" cannot {verb} path "{path}"'
        raise ApiError(403, "Forbidden", message, {})


def _token(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return value.strip()
    try:
        pair = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return pair.partition(":")[2]
