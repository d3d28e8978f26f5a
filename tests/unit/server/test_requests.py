"""Whose requests the routes answer, what is refused before it is read, and memory that requests share."""

import asyncio
import threading
import zlib
from contextlib import suppress

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, make_mocked_request

from dragnuwa.common.interrupt import interrupts
from dragnuwa.server import routes
from dragnuwa.server.pictures import Budget
from dragnuwa.server.requests import Access, Refused, is_local

BOMB_BYTES = 400 * 2**20

ANSWERED = [
    {"Host": "127.0.0.1:8188"},
    {"Host": "127.0.0.1:8188", "Origin": "http://127.0.0.1:8188"},
    {"Host": "localhost:8188", "Origin": "http://LOCALHOST:8188"},
    {"Host": "[::1]:8188", "Origin": "http://[::1]:8188"},
    {"Host": "192.168.1.5:8188", "Origin": "http://192.168.1.5:8188"},
    {"Host": "comfy.localhost", "Origin": "http://comfy.localhost"},
]
NAMED = [
    {"Host": "comfy.example.com", "Origin": "https://comfy.example.com"},
    {"Host": "comfy.example.com:443", "Origin": "https://comfy.example.com"},
    {"Host": "workstation:8188"},
]
FOREIGN = [
    {"Host": "127.0.0.1:8188", "Origin": "null"},
    {"Host": "127.0.0.1:8188", "Origin": ""},
    {"Host": "127.0.0.1:8188", "Origin": "http://localhost:8188"},
    {"Host": "127.0.0.1:8188", "Origin": "http://127.0.0.1:8189"},
    {"Host": "192.168.1.5:8188", "Origin": "http://example.com"},
    {"Host": "comfy.example.com", "Origin": "https://example.com"},
    {"Host": "127.0.0.1:none", "Origin": "http://[half"},
]


def answers(headers: dict, access: Access) -> bool:
    try:
        access.check(make_mocked_request("POST", "/dragnuwa/parse", headers=headers))
    except Refused as refused:
        assert refused.status == 403
        return False
    return True


def test_the_own_page_and_programs_are_answered():
    everywhere = Access(any_origin=True), Access(only_local=False), Access()
    assert all(answers(headers, access) for headers in ANSWERED for access in everywhere)


def test_a_name_is_good_where_the_server_listens_to_others():
    """A name that was made to lead to 127.0.0.1 names itself as host and origin."""
    assert not any(answers(headers, Access()) for headers in NAMED)
    assert all(answers(headers, Access(only_local=False)) for headers in NAMED)


def test_other_origins_are_refused_unless_comfyui_allows_them():
    assert not any(answers(headers, access) for headers in FOREIGN for access in (Access(), Access(only_local=False)))
    assert all(answers(headers, Access(any_origin=True)) for headers in FOREIGN)


@pytest.mark.parametrize(
    ("listen", "local"),
    [("127.0.0.1", True), ("localhost", True), ("127.0.0.1, ::1", True), ("0.0.0.0,::", False), ("", False),
     ("127.0.0.1,192.168.1.5", False), ("workstation", False)],
)  # fmt: skip
def test_where_a_server_listens(listen, local):
    assert is_local(listen) is local


def test_a_compressed_body_is_refused_before_it_is_unpacked():
    """400 MiB in 400 kB, which nobody else waits for."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join([packer.compress(bytes(2**20)) for _ in range(BOMB_BYTES // 2**20)]) + packer.flush()
    bodies = []

    @web.middleware
    async def keep(request, handler):
        bodies.append(request.content)
        return await handler(request)

    async def run():
        table, app = web.RouteTableDef(), web.Application(client_max_size=2**30, middlewares=[keep])
        routes.add_to(table, lambda kind: None, lambda name: None, Access())
        app.add_routes(table)
        async with TestServer(app) as server:
            reader, writer = await asyncio.open_connection(server.host, server.port)
            head = "POST /dragnuwa/parse HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"
            head = (*head, "Content-Encoding: gzip", f"Content-Length: {len(bomb)}", "", "")
            writer.write("\r\n".join(head).encode() + bomb)
            answer = await reader.read(2**16)
            with suppress(ConnectionError):  # the server closes the connection without reading the rest
                await reader.read()
            writer.close()
            return answer

    answer = asyncio.run(run())
    assert answer.startswith(b"HTTP/1.1 415 ") and b"should not be compressed" in answer
    assert sum(body.total_bytes for body in bodies) < BOMB_BYTES / 4


class Abandoned(Exception):
    pass


def test_a_budget_lets_in_what_there_is_room_for():
    budget, inside, done = Budget(100), threading.Event(), threading.Event()

    def hold():
        with budget.share(70):
            inside.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(10)
    with budget.share(30):  # at once
        pass

    def give_up():
        raise Abandoned

    with pytest.raises(Abandoned), interrupts(give_up), budget.share(31):
        pass
    done.set()
    thread.join(10)
    with budget.share(1000), pytest.raises(Abandoned), interrupts(give_up), budget.share(1):  # all of it
        pass
