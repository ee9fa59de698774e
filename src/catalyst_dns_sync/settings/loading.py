"""Reads the settings from an environment and from flags."""

from collections.abc import Mapping
from typing import Any

from catalyst_dns_sync.settings.faults import FaultsError
from catalyst_dns_sync.settings.model import ALL, DnsProvider, SettingInfo, Settings, SettingsError


def load(environment: Mapping[str, str], flags: Mapping[str, str | None]) -> Settings:
    """Return the settings of an environment and of flags (by setting name), which win.

    An empty variable counts as not set. Raises `SettingsError` with all faults together.
    """
    faults: list[str] = []
    values: dict[str, Any] = {}
    for info in ALL:
        where, text = _given(info, environment, flags)
        if not text:
            continue
        try:
            values[info.name] = info.parse(text)
        except FaultsError as error:
            faults += [f"{where}: {fault}" for fault in error.faults]
        except ValueError as error:
            faults.append(f"{where}: {error}")
    if faults:
        raise SettingsError(faults)
    if values.get("dns_provider") is DnsProvider.HOSTS:
        others = {info.name: info.parse(info.hosts_default) for info in ALL if info.hosts_default}
        values = others | values
    return Settings(**values)


def _given(
    info: SettingInfo, environment: Mapping[str, str], flags: Mapping[str, str | None]
) -> tuple[str, str]:
    if flag := flags.get(info.name):
        return info.flag, flag
    for variable in (info.variable, info.also):
        if variable and environment.get(variable, "").strip():
            return variable, environment[variable]
    return info.variable, ""
