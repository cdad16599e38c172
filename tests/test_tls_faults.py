"""Certificates and handshakes that prove nothing: refused, named, and nothing is asked."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fault_origin import Origin, answer, redirect
from product import Product
from store.archive import open_archive

DAY = timedelta(days=1)
NOW = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate authority of our own, which the product is told to trust."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def signs(self, ip: str = "127.0.0.1", begins: datetime = NOW - DAY) -> bytes:
        """Return key and certificate for an address, good for two days from ``begins``."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(ip))])
        made = _builder("server", key, begins).issuer_name(self.certificate.subject)
        signed = made.add_extension(names, critical=False).sign(self.key, hashes.SHA256())
        return _written(key) + signed.public_bytes(serialization.Encoding.PEM)


def _builder(
    name: str, key: ec.EllipticCurvePrivateKey, begins: datetime
) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + 2 * DAY)
    )


def _written(key: ec.EllipticCurvePrivateKey) -> bytes:
    form, unlocked = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, unlocked)


def signer() -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    made = _builder("authority", key, NOW - DAY)
    own = made.issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")]))
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    return Signer(key, own.add_extension(constraints, critical=True).sign(key, hashes.SHA256()))


def _context(folder: Path, name: str, pem: bytes) -> ssl.SSLContext:
    file = folder / f"{name}.pem"
    file.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[str, str, int]]]:
    """By kind of certificate: outcome and detail of the fetch, and how many pages were asked."""
    folder = tmp_path_factory.mktemp("tls")
    trusted = signer()
    (folder / "trusted.pem").write_bytes(trusted.pem())
    pems = {
        "good": trusted.signs(),
        "expired": trusted.signs(begins=NOW - 9 * DAY),
        "not-yet": trusted.signs(begins=NOW + 9 * DAY),
        "other-name": trusted.signs("127.0.0.2"),
        "unknown-signer": signer().signs(),
    }
    routes = {"/a": lambda _: answer()}
    origins = {
        name: Origin(dict(routes), _context(folder, name, pem)) for name, pem in pems.items()
    }
    origins |= {"plain": Origin(dict(routes)), "downgrade": Origin(dict(routes))}
    origins["leads-down"] = Origin(
        {"/a": lambda _: redirect(origins["downgrade"].at("/a"))},
        _context(folder, "down", trusted.signs()),
    )
    addresses = {name: f"https://{o.host}/a" for name, o in origins.items() if name != "downgrade"}
    hosts = tuple(origin.host for origin in origins.values())
    trust = {"SSL_CERT_FILE": str(folder / "trusted.pem")}
    product = Product(
        folder / "a.duckdb", hosts, trust | {"STORYLAPSE__CRAWL__TIMEOUT_SECONDS": "8"}
    )
    product.run("watch", *addresses.values())
    product.run("fetch", "--all", ok=(0, 3))
    rows = {row["address"]: row for row in open_archive(product.archive).query("FROM article_list")}
    yield {
        name: (
            rows[address]["last_outcome"],
            rows[address]["last_detail"],
            len(origins[name].asked),
        )
        for name, address in addresses.items()
    }
    for origin in origins.values():
        origin.close()


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("expired", "tls_certificate"),
        ("not-yet", "tls_certificate"),
        ("unknown-signer", "tls_certificate"),
        ("other-name", "tls_name"),
    ],
)
def test_a_certificate_that_proves_nothing_is_named_and_nothing_is_asked(
    ended: dict[str, tuple[str, str, int]], name: str, detail: str
) -> None:
    assert ended[name] == ("failed", detail, 0)


def test_a_server_that_speaks_no_tls_is_named(ended: dict[str, tuple[str, str, int]]) -> None:
    outcome, detail, asked = ended["plain"]
    assert (outcome, asked) == ("failed", 0)
    assert detail in {"tls", "connection_lost", "timeout"}


def test_a_trusted_certificate_is_fetched_under(ended: dict[str, tuple[str, str, int]]) -> None:
    assert ended["good"][:2] == ("read", "first")


def test_a_redirect_to_plain_http_is_followed_through_the_same_guard(
    ended: dict[str, tuple[str, str, int]],
) -> None:
    assert ended["leads-down"][0] == "read"
