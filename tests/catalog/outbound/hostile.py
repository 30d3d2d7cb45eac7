"""An upstream that does on the raw socket whatever a test tells it to, and remembers what reached it."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Behaviour = Callable[[socket.socket, bytes], None]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class HostileServer:
    """Listens on a loopback address. Each connection is read up to the end of a request, then `behaviour`
    has it; with `reads=False` at once. `received` holds what each connection brought, in order of arrival."""

    def __init__(
        self,
        behaviour: Behaviour,
        *,
        reads: bool = True,
        certificate: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.behaviour = behaviour
        self.received: list[bytes] = []
        self._reads = reads
        self._ended = threading.Event()
        self._visitors: list[socket.socket] = []
        self._listener = socket.create_server((host, port))
        self._context: ssl.SSLContext | None = None
        if certificate:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    @property
    def request_count(self) -> int:
        return sum(text.count(b" HTTP/1.1\r\n") for text in self.received)

    def close(self) -> None:
        """End. Behaviours that still talk find their connection gone; those that sleep end with the tests."""
        self._ended.set()
        self.stop_listening()
        self._thread.join(timeout=5)
        self._listener.close()
        for visitor in self._visitors:
            with contextlib.suppress(OSError):
                visitor.shutdown(socket.SHUT_RDWR)

    def stop_listening(self) -> None:
        """Refuse new connections from now on."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> HostileServer:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(OSError):
                visitor, _ = self._listener.accept()
                self._visitors.append(visitor)
                threading.Thread(target=self._serve, args=(visitor,), daemon=True).start()

    def _serve(self, visitor: socket.socket) -> None:
        position = len(self.received)
        self.received.append(b"")
        with contextlib.suppress(OSError), visitor:
            visitor.settimeout(10)
            if self._context:
                visitor = self._context.wrap_socket(visitor, server_side=True)
            request = self._request(visitor, position) if self._reads else b""
            self.behaviour(visitor, request)

    def _request(self, visitor: socket.socket, position: int) -> bytes:
        text = b""
        while not _is_whole(text):
            piece = visitor.recv(65536)
            if not piece:
                break
            text += piece
            self.received[position] = text
        return text


def _is_whole(text: bytes) -> bool:
    head, found, body = text.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
    return bool(found)


def say(*pieces: bytes) -> Behaviour:
    """Send these bytes and close in an orderly way."""

    def behave(visitor: socket.socket, request: bytes) -> None:
        for piece in pieces:
            visitor.sendall(piece)
        with contextlib.suppress(OSError):
            visitor.shutdown(socket.SHUT_WR)

    return behave


def say_and_reset(*pieces: bytes) -> Behaviour:
    """Send these bytes, let them arrive, and reset the connection."""

    def behave(visitor: socket.socket, request: bytes) -> None:
        for piece in pieces:
            visitor.sendall(piece)
        time.sleep(0.05)
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        visitor.close()

    return behave


def drip(first: bytes, again: bytes, *, every: float = 0.05) -> Behaviour:
    """Send `first`, then `again` byte by byte with pauses, over and over, for a minute at most."""

    def behave(visitor: socket.socket, request: bytes) -> None:
        visitor.sendall(first)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            for index in range(len(again)):
                visitor.sendall(again[index : index + 1])
                time.sleep(every)

    return behave


def flood(first: bytes, again: bytes) -> Behaviour:
    """Send `first`, then `again` as fast as it is taken, for a minute at most."""

    def behave(visitor: socket.socket, request: bytes) -> None:
        visitor.sendall(first)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            visitor.sendall(again * (1 + 65536 // len(again)))

    return behave


def silence(visitor: socket.socket, request: bytes) -> None:
    """Keep the connection open and say nothing until the other side gives up."""
    visitor.settimeout(60)
    with contextlib.suppress(OSError):
        while visitor.recv(65536):
            pass


def self_signed_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody trusts, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
