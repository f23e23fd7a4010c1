"""The production server as one process of `lineshaft serve`: granian's WSGI interface.

ASGI under Django costs a thread hop and a database connection for each request in flight; WSGI
with a fixed number of threads keeps both bounded.

    python -m lineshaft.config.server HOST PORT WORKERS THREADS

This process only holds the socket; its workers load the program, so it imports no Django.
"""

import http.client
import os
import socket
import sys
from typing import Final

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from lineshaft.config.supervise import end_with_parent
from lineshaft.kernel.errors import Unavailable

TARGET: Final = "lineshaft.config.wsgi:application"
REQUEST_WITHIN_MS: Final = 5_000
"""How long a connection may take over the head of its next request; the end waits for it too."""


def main(host: str, port: int, *, workers: int, threads: int) -> None:
    """Serve until SIGTERM."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lineshaft.config.settings")  # noqa: TID251
    end_with_parent()
    Server(
        TARGET,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        websockets=False,
        log_level=LogLevels.warning,
        http1_settings=HTTP1Settings(header_read_timeout=REQUEST_WITHIN_MS),
        # Without workers_kill_timeout, since granian then takes a worker that has just ended for
        # one that will not end, and warns of it; who supervises this process kills what stays.
    ).serve()


def check_port(host: str, port: int) -> None:
    """Return if nobody listens there; otherwise raise Unavailable, saying how to go on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise Unavailable(
                "Port %(port)s is not open to ordinary users: choose one above 1023 with --port.",
                params={"port": port},
            ) from error
        except OSError as error:
            raise Unavailable(
                "Port %(port)s of %(host)s cannot be used (%(reason)s): stop what runs there, or"
                " choose another port with --port (make demo PORT=%(other)s).",
                params={
                    "port": port,
                    "host": host,
                    "reason": (error.strerror or str(error)).lower(),
                    "other": port + 1,
                },
            ) from error


def answers(host: str, port: int, *, name: str = "localhost") -> bool:
    """Whether a page of the host `name` comes from there now."""
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        connection.request("HEAD", "/", headers={"Host": f"{name}:{port}"})
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


if __name__ == "__main__":
    _host, _port, _workers, _threads = sys.argv[1:]
    main(_host, int(_port), workers=int(_workers), threads=int(_threads))
