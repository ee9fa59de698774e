"""Certificates in the cluster: read from secrets, and kept where a zone is to have one."""

import base64
import binascii
from collections.abc import Mapping
from enum import StrEnum

from catalyst_dns_sync.core.certificates import SECRET_KIND, Certificate, is_ours, repaired
from catalyst_dns_sync.core.rawjson import Json
from catalyst_dns_sync.core.records import ObjectRef
from catalyst_dns_sync.kube.api import WritableApi
from catalyst_dns_sync.kube.errors import NotFoundError
from catalyst_dns_sync.kube.resources import Resource

# Nothing is deleted for their sake, so that the CRD's own end need not be told from theirs.
CERTIFICATES = Resource(
    "certificate", "Certificate", "cert-manager.io", "v1", "certificates", custom=False
)
SECRETS = Resource("tls-secret", SECRET_KIND, "", "v1", "secrets", custom=False)
TLS_SECRETS: Mapping[str, str] = {"fieldSelector": "type=kubernetes.io/tls"}


class Kept(StrEnum):
    """What was done for a Certificate that we keep."""

    AS_IT_IS = "as it is"
    CREATED = "created"
    REPAIRED = "repaired"
    FOREIGN = "foreign"


def tls_secret_of(raw: object) -> Certificate | None:
    """Read the certificate of a TLS secret, and nothing of its key; None for what has no name.

    What can't be read as X.509 (RFC 5280) covers nothing.
    """
    match raw:
        case {"metadata": {"name": str(name), "namespace": str(namespace)}} if name:
            ref = ObjectRef(SECRET_KIND, namespace, name)
        case _:
            return None
    match raw:
        case {"data": {"tls.crt": str(text)}}:
            covers, ends = _leaf(text)
            return Certificate(ref, covers=covers, ends=ends, secret=name)
        case _:
            return Certificate(ref, secret=name)


def _leaf(text: str) -> tuple[tuple[str, ...], float | None]:
    """Return the DNS names and the end of the first certificate in a chain."""
    # It takes 2.3 MB, and many clusters have no TLS secret.
    from asn1crypto import pem, x509

    try:
        _, _, der = pem.unarmor(base64.b64decode(text, validate=True))
        leaf = x509.Certificate.load(der)
        names = leaf.subject_alt_name_value
        covers = tuple(one.native for one in names or () if one.name == "dns_name")
        return covers, leaf.not_valid_after.timestamp()
    except (ValueError, TypeError, binascii.Error):
        return (), None


async def keep(api: WritableApi, wanted: Json) -> Kept:
    """Make a Certificate be as wanted, unless one of that name is somebody else's.

    Raises `KubeError`; a change in between is one with status 409, and the next try sees it.
    """
    metadata = wanted["metadata"]
    collection = CERTIFICATES.path(metadata["namespace"])
    try:
        current = await api.get(f"{collection}/{metadata['name']}")
    except NotFoundError:
        await api.create(collection, wanted)
        return Kept.CREATED
    if not is_ours(current, wanted):
        return Kept.FOREIGN
    better = repaired(current, wanted)
    if better is None:
        return Kept.AS_IT_IS
    await api.replace(f"{collection}/{metadata['name']}", better)
    return Kept.REPAIRED
