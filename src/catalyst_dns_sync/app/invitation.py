"""What the sandbox prints for people: where everything is, and what to try."""

import json
import shlex
import shutil
import sys
from pathlib import Path

from catalyst_dns_sync.app.sandbox_options import Sandbox
from catalyst_dns_sync.sandbox.scenario import example


def invitation(sandbox: Sandbox) -> str:
    """Return what the sandbox prints for people: addresses, logins, and what to try."""
    zone = sandbox.zones[0]
    name = f"hello.{zone}"
    login = f"{sandbox.technitium_user} / {sandbox.technitium_password}"
    lines: list[str] = []
    if sandbox.pages_url is not None:
        lines.append(f"Pages            {sandbox.pages_url}   log in with the API token below")
    lines += [
        f"Kubernetes API   {sandbox.kubernetes_url}   kubeconfig {sandbox.kubeconfig}",
        f"Technitium {sandbox.technitium_version}  {sandbox.technitium_url}   login {login}",
        f"                 API token {sandbox.technitium_token}",
        f"DNS              {sandbox.dns_host} port {sandbox.dns_port}, UDP and TCP",
    ]
    for other in sandbox.dns_servers[1:]:
        lines.append(
            f"{other.name}     {other.url}   DNS port {other.dns_port}, names get {other.target}"
        )
        lines.append(f"                 API token {other.token}")
    if sandbox.dns_servers_file is not None:
        lines.append(f"Both of them     DNS_SERVERS={shlex.quote(sandbox.dns_servers_file)}")
    if sandbox.metrics_url is not None:
        lines.append(f"Metrics, probes  {sandbox.metrics_url}   {sandbox.probes_url}")
        lines.append(f"Daemon's socket  --control-socket {shlex.quote(sandbox.control_socket)}")
    lines += [f"Objects          {sandbox.objects} created", *sandbox.skipped, ""]
    if sandbox.metrics_url is None:
        lines += ["Run the daemon by hand with", *_exports(sandbox), ""]
    manifest = json.dumps(example(zone))
    lines += ["Try, in another terminal:", "", *_apply(sandbox, manifest), ""]
    lines += [_ask(sandbox, name), "", _remove(sandbox), ""]
    if sandbox.break_socket is not None:
        lines += [_break(sandbox), ""]
    lines.append("Ctrl-C ends it.")
    return "\n".join(lines)


def _exports(sandbox: Sandbox) -> list[str]:
    values = {"KUBECONFIG": sandbox.kubeconfig, "CONTROL_SOCKET": sandbox.control_socket}
    if sandbox.dns_servers_file is not None:
        values["DNS_SERVERS"] = sandbox.dns_servers_file
    else:
        values |= {
            "DNS_SERVER_URL": sandbox.technitium_url,
            "DNS_API_TOKEN": sandbox.technitium_token,
            "DNS_ZONES": ",".join(sandbox.zones),
            "DNS_IP_ADDRESS": sandbox.target,
        }
    exports = " ".join(f"{key}={shlex.quote(value)}" for key, value in values.items())
    return [f"  {exports} catalyst-dns-sync run"]


def _apply(sandbox: Sandbox, manifest: str) -> list[str]:
    if shutil.which("kubectl"):
        command = f"kubectl --kubeconfig {shlex.quote(sandbox.kubeconfig)} apply -f -"
        return [f"  echo {shlex.quote(manifest)} | {command}"]
    return [
        f"  curl -sS --json {shlex.quote(manifest)} {shlex.quote(_routes_url(sandbox))}",
        "  (kubectl is not on this machine; with it: kubectl --kubeconfig FILE apply -f FILE)",
    ]


def _ask(sandbox: Sandbox, name: str) -> str:
    if shutil.which("dig"):
        return f"  dig @{sandbox.dns_host} -p {sandbox.dns_port} +short {name}"
    query = (
        "import dns.message as m, dns.query as q; "
        f"print(q.udp(m.make_query('{name}', 'A'), '{sandbox.dns_host}', port={sandbox.dns_port}))"
    )
    return f"  {shlex.quote(sys.executable)} -c {shlex.quote(query)}"


def _remove(sandbox: Sandbox) -> str:
    if shutil.which("kubectl"):
        config = shlex.quote(sandbox.kubeconfig)
        return f"  kubectl --kubeconfig {config} delete ingressroute hello"
    return f"  curl -sS -X DELETE {shlex.quote(_routes_url(sandbox) + '/hello')}"


def _break(sandbox: Sandbox) -> str:
    socket = shlex.quote(sandbox.break_socket or "")
    wanted = "--server technitium --what refuse --for 30s"
    return f"  catalyst-dns-sync sandbox break --socket {socket} {wanted}"


def _routes_url(sandbox: Sandbox) -> str:
    server = json.loads(Path(sandbox.kubeconfig).read_text(encoding="utf-8"))
    base: str = server["clusters"][0]["cluster"]["server"]
    return f"{base}/apis/traefik.io/v1alpha1/namespaces/default/ingressroutes"
