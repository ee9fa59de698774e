"""The data of a record from a call's parameters, and which parameter that is for each type."""

from catalyst_dns_sync.sandbox.technitium.api.call import Call
from catalyst_dns_sync.sandbox.technitium.api.parameters import Parameters
from catalyst_dns_sync.sandbox.technitium.model.errors import ApiError
from catalyst_dns_sync.sandbox.technitium.model.names import checked_domain, checked_mailbox
from catalyst_dns_sync.sandbox.technitium.model.rdata import (
    App,
    Caa,
    Data,
    Forward,
    Mail,
    Raw,
    Service,
    Soa,
    Target,
    parse_address,
    text_of,
)
from catalyst_dns_sync.sandbox.technitium.model.values import (
    parse_choice,
    parse_ttl,
    parse_unsigned,
)

_TARGETS = {
    "CNAME": ("cname", "value"),
    "NS": ("nameServer", "value"),
    "PTR": ("ptrName", "value"),
    "ANAME": ("aname", "value"),
    "DNAME": ("dname", "value"),
}
_NEW_TARGETS = {"NS": "newNameServer", "PTR": "newPtrName", "ANAME": "newAName"}
_FORWARDER_PROTOCOLS = ("Udp", "Tcp", "Tls", "Https", "Quic")


def value_of(call: Call, rtype: str) -> Data:
    """Return the data that the call names: the new record's for add, the old for the rest."""
    sent = call.parameters
    match rtype:
        case "A" | "AAAA":
            return parse_address(_address_text(call, sent.need("ipAddress", "value")), rtype)
        case "CNAME" | "NS" | "PTR" | "ANAME" | "DNAME":
            return Target.of(sent.need(*_TARGETS[rtype]))
        case "TXT":
            return text_of(sent.need("text", "value"), split=sent.flag("splitText"))
        case "MX":
            exchange = Target.of(sent.need("exchange", "value"))
            return Mail(sent.need_unsigned("preference"), exchange)
        case "SRV":
            return _service(sent)
        case "CAA":
            flags, tag = sent.need_unsigned("flags", is_byte=True), sent.need("tag")
            return Caa(flags, tag, sent.need("value"))
        case "FWD":
            return forward_of(sent)
        case "APP":
            name, class_path = sent.need("appName"), sent.need("classPath")
            return App(name, class_path, sent.find("recordData") or "")
        case "SOA":
            return soa_of(sent)
        case _:
            return _raw(sent.need("rdata"))


def new_value_of(call: Call, rtype: str, old: Data) -> Data:
    """Return the data that an update replaces ``old`` by; what is left out stays."""
    sent = call.parameters
    match rtype:
        case "A" | "AAAA":
            text = sent.find("newIpAddress", "newValue")
            return parse_address(_address_text(call, text), rtype) if text else old
        case "NS" | "PTR" | "ANAME":
            text = sent.find(_NEW_TARGETS[rtype], "newValue")
            return Target.of(text) if text else old
        case "TXT":
            text, split = sent.find("newText", "newValue"), sent.find("newSplitText")
            if text is None and split is None:
                return old
            return text_of(text or sent.need("text", "value"), split=sent.flag("newSplitText"))
        case _:
            return _changed(sent, old)


def _changed(sent: Parameters, old: Data) -> Data:
    """Return the data with each of its fields that the call gives anew."""

    def number(name: str, default: int, *, is_byte: bool = False) -> int:
        text = sent.find(name)
        return parse_unsigned(text, is_byte=is_byte) if text else default

    match old:
        case Mail(preference, exchange):
            text = sent.find("newExchange", "newValue")
            preference = number("newPreference", preference)
            return Mail(preference, Target.of(text) if text else exchange)
        case Service(priority, weight, port, target):
            text = sent.find("newTarget", "newValue")
            return Service(
                number("newPriority", priority),
                number("newWeight", weight),
                number("newPort", port),
                Target.of(text) if text else target,
            )
        case Caa(flags, tag, value):
            flags = number("newFlags", flags, is_byte=True)
            return Caa(flags, sent.find("newTag") or tag, sent.find("newValue") or value)
        case _:
            # What is left stands alone at its name, or is replaced like by like.
            return old


def forward_of(sent: Parameters) -> Forward:
    """Return the forwarder that `zones/create` or a FWD record names."""
    protocol = parse_choice(sent.find("protocol") or "Udp", _FORWARDER_PROTOCOLS)
    return Forward(
        protocol,
        sent.need("forwarder", "value"),
        sent.flag("dnssecValidation"),
        sent.number("forwarderPriority") or 0,
    )


def soa_of(sent: Parameters) -> Soa:
    """Return the SOA data of an update, in which nothing may be left out."""
    return Soa(
        checked_domain(sent.need("primaryNameServer")),
        checked_mailbox(sent.need("responsiblePerson")),
        parse_ttl(sent.need("serial")),
        parse_ttl(sent.need("refresh")),
        parse_ttl(sent.need("retry")),
        parse_ttl(sent.need("expire")),
        parse_ttl(sent.need("minimum")),
    )


def _service(sent: Parameters) -> Service:
    priority, weight = sent.need_unsigned("priority"), sent.need_unsigned("weight")
    port = sent.need_unsigned("port")
    return Service(priority, weight, port, Target.of(sent.need("target", "value")))


def _raw(text: str) -> Raw:
    try:
        return Raw(bytes.fromhex(text.replace(":", "")))
    except ValueError:
        raise ApiError(
            "The input is not a valid hex string as it contains a non-hex character."
        ) from None


def _address_text(call: Call, text: str) -> str:
    return str(call.remote) if text == "request-ip-address" else text
