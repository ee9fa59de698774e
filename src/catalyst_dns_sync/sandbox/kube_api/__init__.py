"""An embedded Kubernetes API server, good enough for kubectl and held to a real one's behaviour.

    api = KubeApi(token="secret", timings=INSTANT)
    api.create({"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute", ...})
    async with serve(api, port=0) as port:
        Path("kubeconfig").write_text(kubeconfig(f"http://127.0.0.1:{port}", "secret"))
        ...

`KubeApi` has the objects (`create`, `replace`, `apply`, `find`, `delete`, `names`), rights
(`forbid`, `allow`), `request_counts` by (verb, resource), and what goes wrong on request
(`faults`, `end_watches`, `reset_watches`, `expire_history`, `lower_versions`). `Timings` are the
delays of a real server, `INSTANT` has none.
"""

from catalyst_dns_sync.sandbox.kube_api.api import KubeApi
from catalyst_dns_sync.sandbox.kube_api.faults import Fault, Faults
from catalyst_dns_sync.sandbox.kube_api.server import kubeconfig, serve
from catalyst_dns_sync.sandbox.kube_api.status import ApiError, PageNotFoundError
from catalyst_dns_sync.sandbox.kube_api.timings import INSTANT, Timings

__all__ = [
    "INSTANT",
    "ApiError",
    "Fault",
    "Faults",
    "KubeApi",
    "PageNotFoundError",
    "Timings",
    "kubeconfig",
    "serve",
]
