"""A DNS server on loopback that answers TXT questions from a table: real packets over UDP."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset

Texts = Mapping[str, list[str]]


@contextmanager
def dns_server(texts: Texts) -> Iterator[dns.resolver.Resolver]:
    """A resolver that asks the server and nobody else. A name beginning with `fails.` gets SERVFAIL."""

    class Answering(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            packet, socket = self.request
            question = dns.message.from_wire(packet)
            reply = dns.message.make_response(question)
            reply.flags |= dns.flags.RA
            name = question.question[0].name.to_text(omit_final_dot=True).lower()
            if name.startswith("fails."):
                reply.set_rcode(dns.rcode.SERVFAIL)
            elif name in texts:
                quoted = ['"' + '" "'.join(_parts(text)) + '"' for text in texts[name]]
                reply.answer.append(dns.rrset.from_text(question.question[0].name, 60, "IN", "TXT", *quoted))
            else:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            socket.sendto(reply.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], server.server_address[1], 5
        yield resolver
        server.shutdown()


def _parts(text: str) -> list[str]:
    """A TXT record holds pieces of at most 255 bytes; long keys come in several."""
    return [text[at : at + 200].replace("\\", "\\\\").replace('"', '\\"') for at in range(0, len(text), 200)]
