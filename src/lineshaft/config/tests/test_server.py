import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from lineshaft.config.server import answers, check_port
from lineshaft.kernel.errors import Unavailable

HOST = "127.0.0.1"


class NotFoundHandler(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_error(404)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def taken_port() -> Iterator[int]:
    server = HTTPServer((HOST, 0), NotFoundHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def test_check_port_that_is_free(free_port: int) -> None:
    check_port(HOST, free_port)


def test_check_port_that_is_taken_names_another(taken_port: int) -> None:
    with pytest.raises(Unavailable) as raised:
        check_port(HOST, taken_port)
    assert raised.value.as_text() == (
        f"Port {taken_port} of 127.0.0.1 cannot be used (address already in use): stop what runs"
        " there, or choose another port with --port"
        f" (make demo PORT={taken_port + 1})."
    )


def test_check_port_of_an_address_of_another_machine() -> None:
    with pytest.raises(Unavailable):
        check_port("192.0.2.1", 8000)


def test_check_port_for_root_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(Unavailable) as raised:
        check_port(HOST, 80)
    assert raised.value.as_text() == (
        "Port 80 is not open to ordinary users: choose one above 1023 with --port."
    )


def test_answers_where_a_page_comes_from(taken_port: int) -> None:
    assert answers(HOST, taken_port) is True


def test_answers_where_nobody_listens(free_port: int) -> None:
    assert answers(HOST, free_port) is False
