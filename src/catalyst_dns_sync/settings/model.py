"""Every setting, in one place: its variable, its flag, its default and its help text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from catalyst_dns_sync.core.admission import ClaimRow
from catalyst_dns_sync.core.certificates import Issuer, parse_issuer
from catalyst_dns_sync.core.drift import DriftPolicy
from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.core.names import DnsName
from catalyst_dns_sync.core.notices import Format
from catalyst_dns_sync.core.patterns import Pattern
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.records import Targets, parse_ttl
from catalyst_dns_sync.core.rules import Syntax
from catalyst_dns_sync.core.selectors import LabelSelector, parse_label_selector
from catalyst_dns_sync.core.targets import Table
from catalyst_dns_sync.core.zoneterms import ZoneTerms
from catalyst_dns_sync.settings import claims, parsers, serversfile
from catalyst_dns_sync.settings.parsers import Address, Network, Secret
from catalyst_dns_sync.settings.serversfile import DnsServer


class DnsProvider(StrEnum):
    """What the names are written to."""

    TECHNITIUM = "technitium"
    HOSTS = "hosts"


class SettingsError(CatalystError):
    """Settings that can't be used; ``faults`` has all of them, one line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """What users are told of a setting; ``default`` is the text that they would write.

    ``hosts_default`` is another one, for dev mode.
    """

    name: str
    variable: str
    default: str
    help: str
    group: str
    parse: Callable[[str], Any]
    also: str = ""
    hosts_default: str = ""

    @property
    def flag(self) -> str:
        """The option on the command line."""
        return "--" + self.variable.lower().replace("_", "-")


def _setting(
    variable: str,
    default: str,
    parse: Callable[[str], Any],
    help_: str,
    group: str,
    also: str = "",
    hosts_default: str = "",
) -> Any:  # noqa: ANN401 (it stands where dataclasses.field() does, which returns Any)
    metadata = {"variable": variable, "default": default, "parse": parse}
    metadata |= {"help": help_, "group": group, "also": also, "hosts_default": hosts_default}
    return field(default=parse(default) if default else None, metadata=metadata)


_CLUSTER, _DNS, _LOOP, _PROCESS = "cluster", "DNS", "loop", "process"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, parsed. Durations are in seconds."""

    kubeconfig: Path | None = _setting(
        "KUBECONFIG",
        "",
        parsers.path,
        "kubeconfig file; in a pod its service account is used",
        _CLUSTER,
    )
    kube_context: str | None = _setting(
        "KUBE_CONTEXT",
        "",
        parsers.text,
        "context of the kubeconfig; empty means its current one",
        _CLUSTER,
    )
    sources: tuple[str, ...] = _setting(
        "SOURCES",
        "ingress,ingressroute,ingressroutetcp",
        parsers.sources,
        "kinds to watch; also httproute, grpcroute, tlsroute, service, dnsendpoint;"
        " ingressroute-legacy and ingressroutetcp-legacy are traefik.containo.us",
        _CLUSTER,
    )
    watch_namespaces: tuple[str, ...] | None = _setting(
        "WATCH_NAMESPACE",
        "",
        parsers.words,
        "namespaces to watch, with commas; empty means all",
        _CLUSTER,
    )
    exclude_namespaces: tuple[Pattern, ...] | None = _setting(
        "EXCLUDE_NAMESPACE",
        "",
        parsers.namespace_patterns,
        "namespaces that are left out, with commas; * is any text, as in pr-*",
        _CLUSTER,
    )
    include_hosts: tuple[Pattern, ...] | None = _setting(
        "INCLUDE_HOSTS",
        "",
        parsers.host_patterns,
        "only these hosts: names, or patterns like *.lab.home and pr-*.lab.home",
        _CLUSTER,
    )
    exclude_hosts: tuple[Pattern, ...] | None = _setting(
        "EXCLUDE_HOSTS",
        "",
        parsers.host_patterns,
        "hosts that are left out, names or patterns; they win over INCLUDE_HOSTS",
        _CLUSTER,
    )
    dns_claims: tuple[ClaimRow, ...] | None = _setting(
        "DNS_CLAIMS",
        "",
        claims.rows,
        "which namespaces may claim which hosts: team-a: *.a.lab.home; * : *.apps.lab.home;"
        " or a file with a row a line",
        _CLUSTER,
    )
    label_selector: LabelSelector | None = _setting(
        "LABEL_SELECTOR", "", parse_label_selector, "only objects with these labels", _CLUSTER
    )
    preview_hosts: tuple[Pattern, ...] | None = _setting(
        "PREVIEW_HOSTS",
        "",
        parsers.host_patterns,
        "names of preview environments: patterns like pr-*.app.lab.home",
        _CLUSTER,
    )
    preview_label: LabelSelector | None = _setting(
        "PREVIEW_LABEL",
        "",
        parse_label_selector,
        "objects with these labels belong to preview environments",
        _CLUSTER,
    )
    preview_limit: int = _setting(
        "PREVIEW_LIMIT",
        "500",
        parsers.count_or_none,
        "so many names of previews are made at most, the oldest first; 0 is no limit",
        _CLUSTER,
    )
    ingress_classes: tuple[str, ...] | None = _setting(
        "INGRESS_CLASS",
        "",
        parsers.words,
        "only objects of these classes; empty means all",
        _CLUSTER,
    )
    compat_annotations: str | None = _setting(
        "COMPAT_ANNOTATIONS",
        "",
        parsers.choice("external-dns"),
        "external-dns: read its annotations hostname, target and ttl, too; ours win",
        _CLUSTER,
    )
    rule_syntax: Syntax = _setting(
        "RULE_SYNTAX",
        "v3",
        parsers.member(Syntax),
        "Traefik's core.defaultRuleSyntax: v2 or v3",
        _CLUSTER,
    )
    gateway_require_accepted: bool = _setting(
        "GATEWAY_REQUIRE_ACCEPTED",
        "true",
        parsers.boolean,
        "take a route of the Gateway API only where its Gateway accepted it (status)",
        _CLUSTER,
    )
    dns_provider: DnsProvider = _setting(
        "DNS_PROVIDER",
        "technitium",
        parsers.member(DnsProvider),
        "technitium, or hosts: dev mode, a block in a hosts file",
        _DNS,
    )
    hosts_file: Path = _setting(
        "HOSTS_FILE", "/etc/hosts", parsers.path, "the file of dev mode", _DNS
    )
    hosts_post_write: tuple[str, ...] | None = _setting(
        "HOSTS_POST_WRITE",
        "",
        parsers.command,
        "program to run after each write of the hosts file, without a shell",
        _DNS,
    )
    dns_server_url: str | None = _setting(
        "DNS_SERVER_URL",
        "",
        parsers.url,
        "Technitium's web service, like http://192.168.1.10:5380",
        _DNS,
    )
    dns_api_token: Secret | None = _setting(
        "DNS_API_TOKEN",
        "",
        lambda text: Secret(text.strip()),
        "API token of a Technitium user",
        _DNS,
    )
    dns_api_token_file: Path | None = _setting(
        "DNS_API_TOKEN_FILE",
        "",
        parsers.path,
        "file that holds the token; read again on SIGHUP, and when it is refused",
        _DNS,
    )
    dns_zones: frozenset[DnsName] | None = _setting(
        "DNS_ZONES",
        "",
        parsers.zones,
        "zones to manage, with commas; empty means every name, in dev mode only",
        _DNS,
        also="DNS_ZONE",
    )
    dns_zone_options: Mapping[DnsName, ZoneTerms] | None = _setting(
        "DNS_ZONE_OPTIONS",
        "",
        serversfile.zone_options,
        "what holds in one zone only: lab.home ttl=60 policy=upsert-only targets=10.0.0.1;"
        " other.home ttl=120",
        _DNS,
    )
    dns_servers: tuple[DnsServer, ...] | None = _setting(
        "DNS_SERVERS",
        "",
        serversfile.servers,
        "YAML file that names several servers with their zones, in place of DNS_SERVER_URL,"
        " DNS_API_TOKEN and DNS_ZONES",
        _DNS,
    )
    dns_ip_address: Targets | None = _setting(
        "DNS_IP_ADDRESS",
        "",
        parsers.addresses,
        "addresses that names get, IPv4 and IPv6; empty means each object's own status",
        _DNS,
    )
    dns_target_service: tuple[str, str] | None = _setting(
        "DNS_TARGET_SERVICE",
        "",
        parsers.object_name,
        "namespace/name of the Service whose load balancer's addresses names get; not asked where"
        " DNS_IP_ADDRESS is set",
        _DNS,
    )
    dns_targets: Table | None = _setting(
        "DNS_TARGETS",
        "",
        parsers.target_table,
        "addresses by entry point or ingress class: websecure=192.168.1.54;tailscale=100.64.0.7,"
        " or a file with a row a line; * is whatever no row names",
        _DNS,
    )
    dns_ttl_default: int = _setting(
        "DNS_TTL_DEFAULT", "300", parse_ttl, "time to live of new records, seconds", _DNS
    )
    dns_ptr: bool = _setting(
        "DNS_PTR",
        "false",
        parsers.boolean,
        "give each address a PTR record, where its reverse zone is one of the zones to manage",
        _DNS,
    )
    preview_ttl: int = _setting(
        "PREVIEW_TTL", "60", parse_ttl, "time to live of records of previews, seconds", _DNS
    )
    dns_ca_file: Path | None = _setting(
        "DNS_CA_FILE", "", parsers.path, "certificates of a private CA, PEM, for https", _DNS
    )
    dns_timeout: float = _setting(
        "DNS_TIMEOUT",
        "10s",
        parsers.positive_seconds,
        "time that one call to the server may take",
        _DNS,
    )
    dns_query_port: int = _setting(
        "DNS_QUERY_PORT", "53", parsers.port, "port on which the server answers DNS queries", _DNS
    )
    dns_concurrency: int = _setting(
        "DNS_CONCURRENCY", "8", parsers.count, "names that are changed at the same time", _DNS
    )
    dns_rate_limit: int = _setting(
        "DNS_RATE_LIMIT", "50", parsers.count, "calls a second that changes may make", _DNS
    )
    bulk_threshold: int = _setting(
        "BULK_THRESHOLD",
        "100",
        parsers.count_or_none,
        "from so many new or changed names of one zone on they are imported as a zone file,"
        " which needs Modify on the section Zones; 0 means never",
        _DNS,
    )
    owner_id: str = _setting(
        "OWNER_ID",
        "default",
        parsers.owner,
        "marks our records; another id for each installation",
        _DNS,
    )
    policy: Policy = _setting(
        "POLICY",
        "sync",
        parsers.member(Policy),
        "sync, upsert-only (no deletes) or create-only (no deletes, no updates)",
        _DNS,
    )
    drift_policy: DriftPolicy = _setting(
        "DRIFT_POLICY",
        "repair",
        parsers.member(DriftPolicy),
        "repair what others change in our records, or only report it",
        _DNS,
    )
    debounce_quiet: float = _setting(
        "DEBOUNCE_QUIET", "0.2s", parsers.seconds, "quiet time that ends a burst of events", _LOOP
    )
    debounce_max: float = _setting(
        "DEBOUNCE_MAX", "2s", parsers.seconds, "longest time that events may put a pass off", _LOOP
    )
    drift_interval: float = _setting(
        "DRIFT_INTERVAL",
        "15s",
        parsers.positive_seconds,
        "how often the zones' serials are looked at; 1 s in dev mode",
        _LOOP,
        hosts_default="1s",
    )
    resync_interval: float = _setting(
        "RESYNC_INTERVAL",
        "5m",
        parsers.positive_seconds,
        "how often zones are read again; 15 s while busy, 30 min after a silent hour",
        _LOOP,
    )
    delete_grace: float = _setting(
        "DELETE_GRACE",
        "10s",
        parsers.seconds,
        "time that a name must be unclaimed before it goes; 2 s in dev mode",
        _LOOP,
        hosts_default="2s",
    )
    confirm_seconds: float = _setting(
        "CONFIRM_SECONDS",
        "60s",
        parsers.seconds,
        "time until a second list confirms an unseen end",
        _LOOP,
    )
    quiet_seconds: float = _setting(
        "QUIET_SECONDS",
        "10s",
        parsers.seconds,
        "quiet time of a kind whose CRD may not be read",
        _LOOP,
    )
    max_delete_percent: int = _setting(
        "MAX_DELETE_PERCENT",
        "20",
        parsers.percent,
        "share of unseen deletes above which they wait",
        _LOOP,
    )
    leader_election: bool = _setting(
        "LEADER_ELECTION",
        "false",
        parsers.boolean,
        "of several instances let one write, the others stand by; no use in dev mode",
        _PROCESS,
    )
    lease_name: str = _setting(
        "LEASE_NAME", "catalyst-dns-sync", parsers.text, "Lease that the instances share", _PROCESS
    )
    lease_namespace: str | None = _setting(
        "LEASE_NAMESPACE",
        "",
        parsers.text,
        "namespace of the Lease; empty means the pod's own",
        _PROCESS,
        also="POD_NAMESPACE",
    )
    lease_duration: float = _setting(
        "LEASE_DURATION",
        "15s",
        parsers.lease_seconds,
        "time after which a silent leader is replaced; it gives up itself after two thirds",
        _PROCESS,
    )
    pod_name: str | None = _setting(
        "POD_NAME",
        "",
        parsers.text,
        "name of this instance in the Lease; empty means the host's name",
        _PROCESS,
    )
    grace: float = _setting(
        "GRACE",
        "10s",
        parsers.seconds,
        "time that a change under way may take at the end",
        _PROCESS,
    )
    metrics_bind_address: Address = _setting(
        "METRICS_BIND_ADDRESS",
        ":8080",
        parsers.address,
        "where metrics and pages are served",
        _PROCESS,
    )
    ui: bool = _setting(
        "UI", "true", parsers.boolean, "serve pages for people beside the metrics, at /ui", _PROCESS
    )
    ui_bind_address: Address | None = _setting(
        "UI_BIND_ADDRESS",
        "",
        parsers.address,
        "another place for the pages and the API; empty means beside the metrics",
        _PROCESS,
    )
    ui_hosts: tuple[str, ...] | None = _setting(
        "UI_HOSTS",
        "",
        parsers.hosts,
        "further names that browsers call the pages by; known are addresses, names without a dot,"
        " the cluster's services and names in DNS_ZONES; * means any",
        _PROCESS,
    )
    ui_token: Secret | None = _setting(
        "UI_TOKEN",
        "",
        parsers.ui_token,
        "token that lets people change things by pages and API; none means that nobody may",
        _PROCESS,
    )
    ui_token_file: Path | None = _setting(
        "UI_TOKEN_FILE",
        "",
        parsers.path,
        "file that holds that token; read each time that somebody shows one",
        _PROCESS,
    )
    ui_proxy_header: str | None = _setting(
        "UI_PROXY_HEADER",
        "",
        parsers.header,
        "header in which a proxy in front names who is logged in, who then may change things",
        _PROCESS,
    )
    ui_proxy_ranges: tuple[Network, ...] | None = _setting(
        "UI_PROXY_RANGES",
        "",
        parsers.networks,
        "addresses of the proxies in front, like 10.42.0.0/16: what they say of who asks, and from"
        " where (X-Forwarded-For), counts, and nobody else's word",
        _PROCESS,
    )
    health_probe_address: Address = _setting(
        "HEALTH_PROBE_ADDRESS", ":8081", parsers.address, "where the probes are served", _PROCESS
    )
    control_socket: Path = _setting(
        "CONTROL_SOCKET",
        "/tmp/catalyst-dns-sync.sock",  # noqa: S108 (mode 0600, and no secret goes through it)
        parsers.path,
        "Unix socket on which release, pause and resume reach the daemon",
        _PROCESS,
    )
    events: bool = _setting(
        "EVENTS",
        "false",
        parsers.boolean,
        "write Kubernetes Events on the objects: records made, and what is left alone",
        _PROCESS,
    )
    certificates: bool = _setting(
        "CERTIFICATES",
        "false",
        parsers.boolean,
        "watch cert-manager's Certificates and TLS secrets: metrics, and a step of explain",
        _PROCESS,
    )
    wildcard_certificate: bool = _setting(
        "WILDCARD_CERTIFICATE",
        "false",
        parsers.boolean,
        "keep one wildcard Certificate for each zone; needs CERTIFICATES",
        _PROCESS,
    )
    certificate_issuer: Issuer | None = _setting(
        "CERTIFICATE_ISSUER",
        "",
        parse_issuer,
        "who signs wildcard Certificates: ClusterIssuer/NAME or Issuer/NAME",
        _PROCESS,
    )
    certificate_namespace: str | None = _setting(
        "CERTIFICATE_NAMESPACE",
        "",
        parsers.text,
        "namespace in which wildcard Certificates are kept",
        _PROCESS,
    )
    notify_url: Secret | None = _setting(
        "NOTIFY_URL",
        "",
        parsers.secret_url,
        "web hook that is told of changes, withheld deletes and trouble, in batches; a secret",
        _PROCESS,
    )
    notify_url_file: Path | None = _setting(
        "NOTIFY_URL_FILE", "", parsers.path, "file that holds that URL, and wins", _PROCESS
    )
    notify_format: Format = _setting(
        "NOTIFY_FORMAT",
        "json",
        parsers.member(Format),
        "what the web hook is sent: json, or slack (also Mattermost's and Rocket.Chat's)",
        _PROCESS,
    )
    log_level: str = _setting(
        "LOG_LEVEL",
        "info",
        parsers.choice("debug", "info", "warning", "error"),
        "debug, info, warning or error",
        _PROCESS,
    )
    log_format: str = _setting(
        "LOG_FORMAT", "json", parsers.choice("json", "text"), "json, or text for people", _PROCESS
    )

    @property
    def has_previews(self) -> bool:
        """Whether anything is said of preview environments."""
        return bool(self.preview_hosts) or self.preview_label is not None


def _info(name: str, metadata: Mapping[str, Any]) -> SettingInfo:
    return SettingInfo(name=name, **metadata)


ALL: tuple[SettingInfo, ...] = tuple(_info(one.name, one.metadata) for one in fields(Settings))
"""What users are told of each setting, in the order of the documentation."""
