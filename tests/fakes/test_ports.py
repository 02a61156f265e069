"""Tests for the ports of tests' servers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.fakes.ports import free_port

KERNEL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_nobody_else_is_given_a_port_by_the_kernel() -> None:
    first = int(KERNEL.read_text().split()[0]) if KERNEL.exists() else 32_768
    assert all(port < first for port in (free_port() for _ in range(1_000)))


def test_no_two_servers_get_one_port_though_neither_listens_yet() -> None:
    ports = [free_port() for _ in range(100)]
    assert len(set(ports)) == len(ports)


def test_a_port_that_is_taken_is_passed_over() -> None:
    asked = free_port()
    with socket.create_server(("127.0.0.1", asked + 1)):
        assert free_port() != asked + 1


def test_workers_of_a_run_have_ports_of_their_own() -> None:
    program = "from tests.fakes.ports import free_port\nprint(*(free_port() for _ in range(1_000)))"
    given = [
        set(
            subprocess.check_output(
                [sys.executable, "-c", program], env={**os.environ, "PYTEST_XDIST_WORKER": one}
            ).split()
        )
        for one in ("gw0", "gw1")
    ]
    assert not given[0] & given[1]
