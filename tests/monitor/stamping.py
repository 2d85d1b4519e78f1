"""A time-stamping authority on loopback, with a root and a signer of its own: `openssl ts` does the stamping."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.sandbox.serve import Serving

_CONFIG = """
[tsa]
default_tsa = ours
[ours]
serial = {folder}/serial
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
crypto_device = builtin
"""


@dataclass
class Stamper:
    """`answer` replaces what it says; `asked` is what it was told."""

    folder: Path
    url: str = ""
    asked: list[bytes] = field(default_factory=list)
    answer: Response | None = None

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    async def answered(self, request: Request) -> Response:
        query = await request.body()
        self.asked.append(query)
        if self.answer is not None:
            return self.answer
        return Response(self.stamped(query), media_type="application/timestamp-reply")

    def stamped(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        command = ["openssl", "ts", "-reply", "-config", self.folder / "tsa.conf"]
        command += ["-queryfile", self.folder / "query", "-out", self.folder / "reply"]
        subprocess.run(command, check=True, capture_output=True)
        return (self.folder / "reply").read_bytes()


@contextmanager
def stamper(folder: Path) -> Iterator[Stamper]:
    folder.mkdir(exist_ok=True)
    _keys(folder)
    (folder / "serial").write_text("01\n")
    (folder / "tsa.conf").write_text(_CONFIG.format(folder=folder))
    made = Stamper(folder)
    with Serving(Starlette(routes=[Route("/tsr", made.answered, methods=["POST"])])) as serving:
        made.url = f"{serving.url}/tsr"
        yield made


def _keys(folder: Path) -> None:
    root, signer = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, now = _name("Invented Root"), datetime.now(UTC)
    since, until = now - timedelta(days=1), now + timedelta(days=30)

    def built(name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        made = (
            x509.CertificateBuilder().subject_name(name).issuer_name(root_name).public_key(key.public_key())
        )
        made = made.serial_number(x509.random_serial_number()).not_valid_before(since).not_valid_after(until)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return made.add_extension(identifier, critical=False)

    ca = built(root_name, root).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    leaf = built(_name("Invented Stamping"), signer).add_extension(
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
    )
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key())
    leaf = leaf.add_extension(authority, critical=False)
    pem = serialization.Encoding.PEM
    (folder / "root.pem").write_bytes(ca.sign(root, hashes.SHA256()).public_bytes(pem))
    (folder / "signer.pem").write_bytes(leaf.sign(root, hashes.SHA256()).public_bytes(pem))
    (folder / "signer.key").write_bytes(
        signer.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _name(said: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, said)])
