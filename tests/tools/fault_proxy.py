#!/usr/bin/env python3
"""fault_proxy.py - an HTTP proxy that simulates faults of the network and the server

Usage   fault_proxy.py PORT-FILE UPSTREAM-PORT [NAME=VALUE]...
        Listens on a free port of 127.0.0.1, writes it to PORT-FILE, and forwards requests to
        127.0.0.1:UPSTREAM-PORT with unchanged headers, so that signatures remain valid.
        GET /.proxy/set?NAME=VALUE&...   changes settings
        GET /.proxy/begin?NAME=VALUE&... resets all settings and counts, and changes some settings
        GET /.proxy/counts               prints the counts as JSON; /.proxy/counts/NAME: one of them
Shape   one thread, one task for each connection; a request has no body
"""

import asyncio
import json
import os
import random
import socket
import struct
import sys
from urllib.parse import parse_qsl, urlsplit

# The fraction of the requests selected by `only` and `skip` that each fault hits.
FAULTS = ("slowdown", "error", "reset", "truncate", "stall", "delay")

DEFAULTS = {
    "latency": 0.0,     # seconds before each response
    "rate": 0.0,        # bytes per second of a body; 0: unlimited
    **{fault: 0.0 for fault in FAULTS},
    "stall_s": 60.0,    # seconds until a stalled response is cut off
    "delay_s": 0.5,     # seconds of the fault `delay`
    "row": 4,           # faults in sequence that one request gets at most
    "seed": 1,
    "only": "",         # select requests whose target contains this
    "skip": 0,          # the number of these that are not selected at first
    "always": "",       # STATUS or STATUS:CODE:MESSAGE: the response to all selected requests
    "hold": 0,          # from the Nth matching request on, wait until this is 0 again
    "etag_after": 0,    # from the Nth on, the object is replaced: If-Match gets 412, others a new ETag
}

REASONS = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 412: "Precondition Failed",
           429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}

STARTED_BODY = 0.5  # the fraction of a body that is sent before it is cut off or stalls


class Proxy:
    def __init__(self, upstream_port, words):
        self.upstream_port = upstream_port
        self.idle = []  # connections to the server
        self.words = dict(words)
        self.begin()

    def begin(self):
        self.settings = dict(DEFAULTS)
        self.random = random.Random(self.settings["seed"])
        self.counts = dict.fromkeys((*FAULTS, "requests", "matching", "always", "held", "changed",
                                     "connections", "peak", "bytes"), 0)
        self.in_flight = 0
        self.row_of = {}
        self.set(self.words)

    def set(self, words):
        for name, value in words.items():
            self.settings[name] = type(DEFAULTS[name])(value)
            if name == "seed":
                self.random = random.Random(int(value))

    # ---- faults of a request ----

    def choose_fault(self, key):
        point = self.random.random()
        for fault in FAULTS:
            point -= self.settings[fault]
            if point < 0:
                break
        else:
            fault = None
        n = self.row_of.get(key, 0)
        if fault is None or n >= self.settings["row"]:
            self.row_of.pop(key, None)
            return None
        self.row_of[key] = n + 1
        self.counts[fault] += 1
        return fault

    async def select_fault(self, target, head):
        """Returns the fault, and whether the object is replaced."""
        if self.settings["only"] not in target:
            return None, False
        self.counts["matching"] += 1
        n = self.counts["matching"]
        if n <= self.settings["skip"]:
            return None, False
        if 0 < self.settings["hold"] <= n:
            self.counts["held"] += 1
            while self.settings["hold"]:
                await asyncio.sleep(0.01)
        if self.settings["always"]:
            self.counts["always"] += 1
            return "always", False
        if 0 < self.settings["etag_after"] <= n:
            self.counts["changed"] += 1
            return None, True
        return self.choose_fault((target, field(head, b"range"))), False

    # ---- a connection of a client ----

    async def serve(self, reader, writer):
        self.counts["connections"] += 1
        try:
            while head := await read_head(reader):
                if not await self.answer(head, writer):
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def answer(self, head, writer):
        """Returns whether the connection may be used again."""
        target = head.split(b" ", 2)[1].decode("latin-1")
        if target.startswith("/.proxy/"):
            return await self.control(target, writer)
        self.counts["requests"] += 1
        self.in_flight += 1
        self.counts["peak"] = max(self.counts["peak"], self.in_flight)
        try:
            return await self.answer_counted(target, head, writer)
        finally:
            self.in_flight -= 1

    async def answer_counted(self, target, head, writer):
        fault, is_changed = await self.select_fault(target, head)
        await asyncio.sleep(self.settings["latency"] + (self.settings["delay_s"] if fault == "delay" else 0))
        if is_changed and field(head, b"if-match"):
            return await refuse(writer, 412, "PreconditionFailed", "At least one precondition did not hold.")
        if fault == "always":
            return await refuse(writer, *parse_answer(self.settings["always"]))
        if fault == "slowdown":
            return await refuse(writer, 503, "SlowDown", "Please reduce your request rate.")
        if fault == "error":
            return await refuse(writer, 500, "InternalError", "We encountered an internal error.")
        if fault == "reset" and self.random.random() < 0.5:
            return reset(writer)
        return await self.forward(head, writer, fault, is_changed)

    async def forward(self, head, writer, fault, is_changed):
        server, answer = await self.send_request(head)
        if is_changed:
            answer = with_field(answer, b"ETag", b'"another"')
        writer.write(answer)
        length = field(answer, b"content-length")
        is_whole = True
        if head.startswith(b"HEAD "):
            pass
        elif length is not None:
            n = int(length)
            if fault in ("truncate", "reset", "stall"):
                is_whole = False
                n = int(n * STARTED_BODY)
            await self.copy(server[0], writer, n)
        elif field(answer, b"transfer-encoding"):
            await copy_chunks(server[0], writer)
        else:
            is_whole = False
            await self.copy(server[0], writer, sys.maxsize)
        if not is_whole:
            server[1].close()
            if fault == "stall":
                await asyncio.sleep(self.settings["stall_s"])
            return reset(writer) if fault == "reset" else False
        if field(answer, b"connection") == b"close" or answer.startswith(b"HTTP/1.0"):
            server[1].close()
            return False
        self.idle.append(server)
        return True

    async def copy(self, reader, writer, n):
        rate = self.settings["rate"]
        loop = asyncio.get_running_loop()
        start, n_sent = loop.time(), 0
        while n_sent < n:
            chunk = await reader.read(min(n - n_sent, 1 << 18 if rate == 0 else 1 << 14))
            if not chunk:
                if n == sys.maxsize:
                    return
                raise ConnectionResetError
            writer.write(chunk)
            await writer.drain()
            n_sent += len(chunk)
            self.counts["bytes"] += len(chunk)
            if rate:
                await asyncio.sleep(max(0, start + n_sent / rate - loop.time()))

    async def send_request(self, head):
        """Returns a connection to the server and the headers of its response. An idle one may be closed."""
        while True:
            is_fresh = not self.idle
            server = self.idle.pop() if self.idle else \
                await asyncio.open_connection("127.0.0.1", self.upstream_port, limit=1 << 20)
            try:
                server[1].write(head)
                answer = await read_head(server[0])
                if answer:
                    return server, answer
            except OSError:
                pass
            server[1].close()
            if is_fresh:
                raise ConnectionResetError

    async def control(self, target, writer):
        url = urlsplit(target)
        if url.path in ("/.proxy/set", "/.proxy/begin"):
            if url.path == "/.proxy/begin":
                self.begin()
            self.set(dict(parse_qsl(url.query, keep_blank_values=True)))
            text = ""
        elif url.path == "/.proxy/counts":
            text = json.dumps(self.counts) + "\n"
        else:
            text = f"{self.counts[url.path.rsplit('/', 1)[1]]}\n"
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
        await writer.drain()
        return True


# ---- HTTP ----

async def read_head(reader):
    """Returns b"" if the connection ends first."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def field(head, name):
    for line in head.split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.strip().lower() == name:
            return value.strip()
    return None


def with_field(head, name, value):
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(name.lower() + b":")]
    lines.insert(1, name + b": " + value)
    return b"\r\n".join(lines)


async def copy_chunks(reader, writer):
    while True:
        size = await reader.readline()
        chunk = await reader.readexactly(int(size.split(b";")[0], 16) + 2)
        writer.write(size + chunk)
        await writer.drain()
        if len(chunk) == 2:
            return


def parse_answer(text):
    status, _, rest = text.partition(":")
    code, _, message = rest.partition(":")
    return int(status), code, message


async def refuse(writer, status, code, message):
    body = f"<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>{code}</Code>" \
           f"<Message>{message}</Message><RequestId>0</RequestId></Error>" if code else ""
    writer.write(f"HTTP/1.1 {status} {REASONS.get(status, 'Unknown')}\r\nContent-Type: application/xml\r\n"
                 f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
    await writer.drain()
    return True


def reset(writer):
    """Closes the connection with a reset (RST) instead of a normal close."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    return False


async def main(port_file, upstream_port, words):
    proxy = Proxy(int(upstream_port), [word.split("=", 1) for word in words])
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=1 << 20, backlog=512)
    with open(port_file + ".new", "w", encoding="ascii") as file:
        file.write(f"{server.sockets[0].getsockname()[1]}\n")
    os.rename(port_file + ".new", port_file)
    await server.serve_forever()


asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
