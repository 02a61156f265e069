"""The guard for libraries that bring urllib3 along: each connection is dialled at an address that was checked."""

from __future__ import annotations

import socket
from collections.abc import Collection
from typing import Any

from plugins.net.guard import reachable


def guard_pools(manager: Any, allowed: Collection[str]) -> None:
    """Make a urllib3 PoolManager connect to checked addresses only, those after a redirect included.

    Args:
        manager: not used yet. One that goes through a proxy is left as it is: the proxy resolves the names.
        allowed: hosts that may lie in a private network, see `reachable`.
    """
    if manager.proxy is not None:
        return
    manager.pool_classes_by_scheme = {
        scheme: _guarded(pool, tuple(allowed)) for scheme, pool in manager.pool_classes_by_scheme.items()
    }


def _guarded(pool: Any, allowed: tuple[str, ...]) -> type:
    from urllib3.exceptions import HTTPError

    class Connection(pool.ConnectionCls):  # type: ignore[misc]
        """Resolves by itself; urllib3 is given an address, while Host and certificate stay those of the name."""

        def _new_conn(self) -> socket.socket:
            name: str = self._dns_host  # type: ignore[has-type]
            failure: HTTPError | None = None
            try:
                for address in reachable(name, self.port, allowed):
                    self._dns_host = address
                    try:
                        return super()._new_conn()  # type: ignore[no-any-return]
                    except HTTPError as error:
                        failure = error
            finally:
                self._dns_host = name
            raise failure or AssertionError  # `reachable` yields an address or raises

    return type(f"Guarded{pool.__name__}", (pool,), {"ConnectionCls": Connection})
