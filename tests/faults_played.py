"""Every fault of the fault server, played to the whole product; what its archive says of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fault_server import FaultServer
from product import Product
from store.address import article_id
from store.archive import Archive, open_archive


@dataclass(frozen=True, slots=True)
class Played:
    """What the archive holds of one fault: met at the first look, and met later.

    ``later`` has three checks: of the good article, of the fault, of the good article again.
    """

    name: str
    first: tuple[dict[str, Any], ...]
    later: tuple[dict[str, Any], ...]
    versions: int
    told: int

    def wrongs(self, ends: frozenset[str]) -> list[str]:
        """Say what is not as the table wants it."""
        found = [
            f"{when}: {check['outcome']}/{check['detail']} ({check['reason']})"
            for when, check in (("at first", self.first[0]), ("later", self.later[1]))
            if not _is_one_of(check, ends)
        ]
        if self.versions != 1:
            found.append(f"{self.versions} versions of the article")
        if self.told:
            found.append(f"{self.told} changes or events told")
        return found


def _is_one_of(check: Mapping[str, Any], ends: frozenset[str]) -> bool:
    """Whether a check ended as wanted; what may be read may be found unchanged too."""
    outcome, detail = check["outcome"], check["detail"]
    allowed = ends | {"unchanged"} if "read" in ends else ends
    return bool({outcome, f"{outcome}/{detail}"} & allowed)


def play(product: Product, server: FaultServer) -> list[Played]:
    """Look three times at every address: good, faulty, good again."""
    addresses = [at(name) for name in server.faults for at in (server.first, server.later)]
    product.run("watch", *addresses)
    for broken in (False, True, False):
        server.broken = broken
        product.run("fetch", "--all", ok=(0, 3))
    archive = open_archive(product.archive)
    return [_played(archive, server, name) for name in server.faults]


def _played(archive: Archive, server: FaultServer, name: str) -> Played:
    first, later = article_id(server.first(name)), article_id(server.later(name))
    counted = archive.query(
        """SELECT (SELECT count(*) FROM version_list WHERE article_id = $1) AS versions,
                  (SELECT count(*) FROM queue WHERE article_id IN ($1, $2)) AS told""",
        [later, first],
    )[0]
    return Played(
        name, _checks(archive, first), _checks(archive, later), counted["versions"], counted["told"]
    )


def _checks(archive: Archive, article: int) -> tuple[dict[str, Any], ...]:
    sql = "SELECT * FROM check_list WHERE article_id = ? ORDER BY started_at"
    return tuple(archive.query(sql, [article]))
