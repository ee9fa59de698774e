"""The command ``run`` without typer: a daemon that lives for months need not carry it along.

That is 6 MB of memory and a quarter of the time to start. What is not plainly a well-formed
``run``, the wish for help above all, is left to typer, which has all the texts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from catalyst_dns_sync.cli.exits import errors_as_exit_codes
from catalyst_dns_sync.cli.given import settings_given
from catalyst_dns_sync.settings.model import ALL, DnsProvider, Settings

_SWITCHES = frozenset({"--once", "--dry-run", "--dev-mode"})
_NAMES = {info.flag: info.name for info in ALL}


@dataclass(slots=True)
class Given:
    """What stands on the command line: settings by name, and switches."""

    flags: dict[str, str | None] = field(default_factory=dict)
    switches: set[str] = field(default_factory=set)


def parse(arguments: Sequence[str]) -> Given | None:
    """Read the command line of a ``run``; None where typer should read it."""
    if arguments[:1] != ["run"]:
        return None
    given, words = Given(), iter(arguments[1:])
    for word in words:
        flag, equals, value = word.partition("=")
        if word in _SWITCHES:
            given.switches.add(word)
        elif flag in _NAMES and equals:
            given.flags[_NAMES[flag]] = value
        elif word in _NAMES and (following := next(words, None)) is not None:
            given.flags[_NAMES[word]] = following
        else:
            return None
    return given


def run_directly(arguments: Sequence[str]) -> bool:
    """Run the daemon if that is all that is asked for; tell whether it was."""
    given = parse(arguments)
    if given is None:
        return False
    if "--dev-mode" in given.switches:
        given.flags["dns_provider"] = DnsProvider.HOSTS.value
    settings = settings_given(given.flags)
    run(settings, once="--once" in given.switches, dry_run="--dry-run" in given.switches)
    return True


def run(settings: Settings, *, once: bool, dry_run: bool) -> None:
    """Run the daemon until a signal says stop, or make one pass over each zone."""
    import asyncio
    import gc
    import mimetypes

    from catalyst_dns_sync.telemetry import logs

    logs.configure(settings.log_level, settings.log_format)
    with errors_as_exit_codes():
        if once:
            from catalyst_dns_sync.app import passes

            raise SystemExit(0 if asyncio.run(passes.once(settings, dry_run=dry_run)) else 1)

        # We name the types of what we serve. Left to itself http.server, which comes along with
        # prometheus_client, reads the system's tables of a thousand others and keeps them.
        mimetypes.knownfiles.clear()
        from catalyst_dns_sync.app import daemon

        # What the program itself consists of lives as long as the process: no use in looking for
        # garbage there, each time some 50 ms in which no probe is answered. What imports leave
        # behind goes first: each dataclass with slots was another class before.
        gc.collect()
        gc.freeze()
        asyncio.run(daemon.main(settings, dry_run=dry_run))
