"""`stillhere serve`: the pages that customers see, and the address the mail provider reports to."""

from __future__ import annotations

import json
import socket
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from stillhere.commands.options import CompanyOption, JsonOption, settings_of
from stillhere.settings import Settings, StillhereError

if TYPE_CHECKING:
    from stillhere.offboarding.serving import Offer

DEFAULT_PORT = 8400


class AddressTakenError(StillhereError):
    """The server can't listen where it was told to."""

    exit_code = 2


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("serve")(serve)


def serve(
    host: Annotated[str, typer.Option("--host", help="Where to listen. A proxy with TLS stands before it.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any free one.")] = DEFAULT_PORT,
    company: CompanyOption = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what would be served and what is missing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Serve the unsubscribe page and what else customers and the mail provider reach. Ctrl-C ends it.

    It says what it serves and what is missing, and writes to the operations database only, also while a night runs.
    With --check: exit code 0 when everything needed works, 2 when a setting is missing.

    Example: stillhere serve --host 127.0.0.1 --port 8400
    """
    from stillhere.offboarding.serving import what_is_served

    settings = settings_of(company)
    offers = what_is_served(settings)
    if check:
        _tell(settings, None, offers, as_json=as_json)
        raise typer.Exit(2 if any(offer.lacks and offer.is_needed for offer in offers) else 0)
    listening = _listen(host, port)
    _tell(settings, _address(listening), offers, as_json=as_json)
    _run(settings, listening)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        # Before the address is told, so that whoever reads it can connect at once.
        listening.listen(128)
    except OSError as error:
        raise AddressTakenError(
            f"--host {host} --port {port}: cannot listen there ({error.strerror}); choose another --port, "
            "or end what listens there"
        ) from error
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _tell(settings: Settings, address: str | None, offers: list[Offer], *, as_json: bool) -> None:
    if as_json:
        told = {
            "company": settings.company.id,
            "address": address,
            "offers": [asdict(one) for one in offers],
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(f"{settings.company.name}: " + (f"serving on {address}" if address else "what 'serve' would offer"))
    for offer in offers:
        typer.echo(f"  {offer.what:<12} {offer.path:<20} {_state(offer)}")
        for words in offer.lacks:
            typer.echo(f"               {words}")


def _state(offer: Offer) -> str:
    if not offer.lacks:
        return "ready"
    return "missing" if offer.is_needed else "off (the sender is not SendGrid)"


def _run(settings: Settings, listening: socket.socket) -> None:
    import uvicorn

    from stillhere.offboarding.app import build_app
    from stillhere.offboarding.serving import Serving
    from stillhere.operations import open_operations

    serving = Serving(settings, open_operations(settings.places.operations_url), lambda: datetime.now(UTC))
    # No access log: the address of a page is the key to it. Its bodies are ours to limit, so nothing else is trusted.
    configuration = uvicorn.Config(
        build_app(serving), access_log=False, log_level="warning", server_header=False, proxy_headers=False
    )
    uvicorn.Server(configuration).run(sockets=[listening])
