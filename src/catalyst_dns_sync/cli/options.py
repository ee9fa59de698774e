"""The settings as options."""

import inspect
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, TypeAlias

import typer

from catalyst_dns_sync.cli.given import settings_given
from catalyst_dns_sync.core.names import DnsName, InvalidNameError, parse_name
from catalyst_dns_sync.settings.model import ALL, DnsProvider, SettingInfo, Settings, SettingsError


class Format(StrEnum):
    """How something is printed."""

    TEXT = "text"
    JSON = "json"


class Level(StrEnum):
    """How much the log says."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def with_settings(command: Callable[..., None], *, dev_mode: bool = False) -> Callable[..., None]:
    """Give a command an option for each setting, and pass it the settings as ``settings``.

    With ``dev_mode`` it has the option `--dev-mode` besides, short for `--dns-provider hosts`.
    """

    def run(**given: Any) -> None:  # noqa: ANN401 (typer passes what the options are)
        flags = {info.name: given.pop(info.name) for info in ALL}
        if dev_mode and given.pop("dev_mode"):
            flags["dns_provider"] = DnsProvider.HOSTS.value
        settings = settings_given(flags)
        command(settings=settings, **given)

    own = inspect.signature(command)
    parameters = [one for one in own.parameters.values() if one.name != "settings"]
    parameters += [_DEV_MODE] if dev_mode else []
    parameters += [_parameter(info) for info in ALL]
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


Server: TypeAlias = Annotated[
    str | None,
    typer.Option("--server", help="only this server of DNS_SERVERS", show_default=False),
]
"""The option that names one of several DNS servers."""

Zones: TypeAlias = Annotated[
    list[str] | None, typer.Option("--zone", help="only this zone; may be repeated")
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", help="do not ask")]
DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="show it, and do nothing")]
Output: TypeAlias = Annotated[Format, typer.Option("--output", "-o", help="how to print it")]


def zones_given(texts: Sequence[str] | None) -> list[DnsName]:
    """Return the zones of an option `--zone`; raises `SettingsError`."""
    try:
        return [parse_name(text) for text in texts or ()]
    except InvalidNameError as error:
        raise SettingsError([f"--zone: {error}"]) from error


def log_to_stderr(settings: Settings) -> None:
    """Keep stdout for data: errors alone go to stderr, and with LOG_LEVEL=debug everything."""
    from catalyst_dns_sync.telemetry import logs

    logs.configure("debug" if settings.log_level == "debug" else "error", "text", sys.stderr)


with_dev_mode = partial(with_settings, dev_mode=True)

_DEV_MODE = inspect.Parameter(
    "dev_mode",
    inspect.Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool, typer.Option("--dev-mode", help="write to HOSTS_FILE, which needs no DNS server")
    ],
)


def _parameter(info: SettingInfo) -> inspect.Parameter:
    default = f"; default {info.default}" if info.default else ""
    option = typer.Option(
        info.flag,
        help=f"{info.help} [{info.variable}{default}]",
        rich_help_panel=f"Settings: {info.group}",
        show_default=False,
        metavar="TEXT",
    )
    return inspect.Parameter(
        info.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[str | None, option],
    )
