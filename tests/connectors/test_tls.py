from __future__ import annotations

import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.answers import TookTooLong
from connectors.http import Session
from monitor.domain import ItemKind
from monitor.errors import ConnectorError
from tests.connectors import facebook_server, x_server
from tests.connectors.contract_world import TOKEN, is_sentence
from tests.connectors.scripted import Reply, serving


def certificate(path):
    """A self-signed certificate for 127.0.0.1, as a school's inspection proxy would show one of its own root."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "inspection.school.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def tls(tmp_path):
    """(address, certificate file) of an HTTPS server that says {"ok": true} to everything."""
    file = certificate(tmp_path / "root.pem")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "12")
            self.end_headers()
            for byte in b'{"ok": true}':
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if self.path == "/drip":
                    time.sleep(0.2)

        def log_message(self, *_):
            pass

    class Quiet(HTTPServer):
        def handle_error(self, *_):
            pass  # a client that refuses the certificate hangs up

    with Quiet(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}", file
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("connect", [x_server.connect, facebook_server.connect])
def test_a_certificate_that_nobody_vouches_for_is_refused_with_the_cure(tls, connect):
    address, _ = tls
    with serving(lambda _: Reply({})) as unused, pytest.raises(ConnectorError) as caught:
        connect(unused, base_url=address).poll(ItemKind.POST, None)
    assert "root certificate" in str(caught.value)
    assert is_sentence(str(caught.value))


def test_a_root_in_this_computer_s_store_is_enough(tls, monkeypatch):
    address, file = tls
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    assert Session(address).get("https://api.network.example/").json() == {"ok": True}


def test_a_drip_through_tls_is_cut_as_well(tls, monkeypatch):
    address, file = tls
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    began = time.monotonic()
    with pytest.raises(TookTooLong):
        Session(address, total=0.3).get("https://api.network.example/drip")
    assert time.monotonic() - began < 1.5


def test_a_proxy_is_asked_for_a_tunnel_and_never_shown_the_token(monkeypatch):
    with serving(lambda _: Reply({}, 403)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(ConnectorError) as caught:
            facebook_server.connect(proxy, base_url="https://graph.network.invalid").poll(ItemKind.POST, None)
    assert [(one.method, one.line) for one in proxy.asked] == [("CONNECT", "graph.network.invalid:443")]
    assert TOKEN not in str(proxy.asked)
    assert "proxy" in str(caught.value)
