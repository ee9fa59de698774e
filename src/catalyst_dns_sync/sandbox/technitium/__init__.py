"""An embedded Technitium DNS Server: its zones and their rules, its HTTP API, its DNS answers."""

from catalyst_dns_sync.sandbox.technitium.api.application import make_app
from catalyst_dns_sync.sandbox.technitium.faults import Fault, Faults, Kind
from catalyst_dns_sync.sandbox.technitium.model.records import Record
from catalyst_dns_sync.sandbox.technitium.model.zone import ZoneType
from catalyst_dns_sync.sandbox.technitium.server import Technitium
from catalyst_dns_sync.sandbox.technitium.serving import Ports, serve

__all__ = [
    "Fault",
    "Faults",
    "Kind",
    "Ports",
    "Record",
    "Technitium",
    "ZoneType",
    "make_app",
    "serve",
]
