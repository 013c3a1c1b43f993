#!/usr/bin/env python3
"""http_server.py - a web server with several variants of behaviour, selected by the first part of a path

Usage   http_server.py PORT-FILE ROOT [CERTIFICATE KEY]
        Listens on a free port of 127.0.0.1 (https with a certificate) and writes it to PORT-FILE
Paths   /FILE                a file below ROOT: ranges, If-Match, a strong ETag, Last-Modified
        /no-ranges/FILE      always the whole file, with its length
        /chunked/FILE        the whole file in chunked encoding, without its length
        /to-the-end/FILE     the whole file without its length, ended by closing the connection
        /weak/FILE           ranges, a weak ETag
        /no-names/FILE       ranges, neither ETag nor Last-Modified
        /slow/FILE           ranges, 200 kB/s
        /cut/FILE            half of the file, then the connection ends
        /private/FILE        only with `Authorization: Basic` of user:password
        /redirect/N/PATH     redirects to PATH in N steps
        /elsewhere/PATH      redirects to PATH under another name of the host, where an Authorization
                             header is an error 400
        /to-port/N/PATH      redirects to PATH at another port of the host, by http
        /loop/PATH           redirects to itself
        /to-disk/PATH        redirects to file:///PATH
        /status/N            responds with status N
        The response for a directory is an HTML page with its files
"""

import base64
import hashlib
import html
import os
import re
import ssl
import sys
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

VARIANTS = ("no-ranges", "chunked", "to-the-end", "weak", "no-names", "slow", "cut", "private")
ROOT = os.path.realpath(sys.argv[2])
CONTENTS = {}  # by version of a file: (data, ETag)
PERMITTED = "Basic " + base64.b64encode(b"user:password").decode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def log_message(self, *words):
        pass

    def respond(self, status, body=b"", kind="text/plain", fields=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in fields:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        _, first, rest = (self.path + "/").split("/", 2)
        rest = rest.removesuffix("/")
        scheme = "https" if isinstance(self.connection, ssl.SSLSocket) else "http"
        port = self.server.server_address[1]
        if self.headers["Host"].startswith("localhost") and self.headers["Authorization"]:
            self.respond(400, b"Authorization was sent to another host\n")
        elif first == "redirect":
            n, _, path = rest.partition("/")
            self.respond(302, fields=[("Location", f"/redirect/{int(n) - 1}/{path}" if int(n) > 1 else "/" + path)])
        elif first == "elsewhere":
            self.respond(301, fields=[("Location", f"{scheme}://localhost:{port}/{rest}")])
        elif first == "to-port":
            other, _, path = rest.partition("/")
            self.respond(308, fields=[("Location", f"http://127.0.0.1:{int(other)}/{path}")])
        elif first == "loop":
            self.respond(307, fields=[("Location", self.path)])
        elif first == "to-disk":
            self.respond(302, fields=[("Location", f"file:///{rest}")])
        elif first == "status":
            self.respond(int(rest), b"so it is\n")
        elif first in VARIANTS:
            self.send_path(rest, first)
        else:
            self.send_path(self.path.lstrip("/"), "")

    do_HEAD = do_GET

    def send_path(self, path, variant):
        path = os.path.join(ROOT, unquote(path.split("?")[0]))
        if variant == "private" and self.headers["Authorization"] != PERMITTED:
            self.respond(401, b"who are you?\n", fields=[("WWW-Authenticate", 'Basic realm="tests"')])
        elif os.path.isdir(path):
            names = "".join(f'<li><a href="{html.escape(n)}">{html.escape(n)}</a>' for n in os.listdir(path))
            self.respond(200, f"<!DOCTYPE html>\n<html><title>Index</title><ul>{names}</ul></html>\n".encode(),
                     "text/html; charset=utf-8")
        elif not os.path.isfile(path):
            self.respond(404, b"<html><body>no such page</body></html>\n", "text/html")
        else:
            self.send_file(path, variant)

    def send_file(self, path, variant):
        with open(path, "rb") as file:
            about = os.fstat(file.fileno())
            changed = about.st_mtime
            version = path, about.st_ino, about.st_mtime_ns, about.st_size
            if version not in CONTENTS:
                data = file.read()
                CONTENTS[version] = data, f'"{hashlib.md5(data).hexdigest()}"'
        data, etag = CONTENTS[version]
        wanted = self.headers["If-Match"]
        if wanted and variant not in ("weak", "no-names") and wanted not in (etag, "*"):
            self.respond(412, b"it is another now\n")
            return
        fields = [("ETag", "W/" + etag if variant == "weak" else etag),
                  ("Last-Modified", formatdate(changed, usegmt=True))]
        if variant == "no-names":
            fields = []
        status, part = 200, data
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"] or "")
        if found and variant not in ("no-ranges", "chunked", "to-the-end"):
            begin, end = int(found[1]), min(int(found[2] or len(data)), len(data) - 1)
            if begin >= len(data):
                self.respond(416, fields=[("Content-Range", f"bytes */{len(data)}")])
                return
            status, part = 206, data[begin:end + 1]
            fields.append(("Content-Range", f"bytes {begin}-{end}/{len(data)}"))
        self.send_body(status, part, fields, variant)

    def send_body(self, status, part, fields, variant):
        self.send_response(status)
        self.send_header("Content-Type", "text/csv")
        for name, value in fields:
            self.send_header(name, value)
        if variant == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        elif variant == "to-the-end":
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if variant == "cut":
            part = part[:len(part) // 2]
            self.close_connection = True
        step = 20000 if variant == "slow" else 50000
        for at in range(0, len(part), step):
            chunk = part[at:at + step]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if variant == "chunked" else chunk)
            if variant == "slow":
                self.wfile.flush()
                time.sleep(0.1)
        if variant == "chunked":
            self.wfile.write(b"0\r\n\r\n")

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass

    def handle(self):
        try:
            super().handle()
        except OSError:  # the client has closed the connection
            pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def main(port_file, certificate=None, key=None):
    server = Server(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        # The thread of the connection makes the handshake, not the one that accepts connections.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with open(port_file + ".new", "w", encoding="ascii") as file:
        file.write(f"{server.server_address[1]}\n")
    os.rename(port_file + ".new", port_file)
    server.serve_forever()


main(sys.argv[1], *sys.argv[3:])
