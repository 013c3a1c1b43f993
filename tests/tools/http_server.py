#!/usr/bin/env python3
"""http_server.py - web servers of several habits, in one: the first part of a path says which

Usage   http_server.py PORT-FILE FOLDER [CERTIFICATE KEY]
        Listens at a free port of 127.0.0.1 (https with a certificate) and writes it into PORT-FILE
Paths   /FILE                a file of the folder: ranges, If-Match, a strong ETag, Last-Modified
        /no-ranges/FILE      always all of it, with its length
        /chunked/FILE        all of it, length not told
        /to-the-end/FILE     all of it, length not told, ends when the connection does
        /weak/FILE           ranges, a weak ETag
        /no-names/FILE       ranges, neither ETag nor Last-Modified
        /slow/FILE           ranges, 200 kB/s
        /cut/FILE            half of it, then the connection ends
        /private/FILE        for `Authorization: Basic` of user:password only
        /redirect/N/PATH     to PATH in N steps
        /elsewhere/PATH      to PATH under another name of the host; an Authorization that comes along
                             there is answered 400
        /to-port/N/PATH      to PATH at another port of the host, by http
        /loop/PATH           to itself
        /to-disk/PATH        to file:///PATH
        /status/N            answers N
        A folder is answered by an HTML page of what is in it
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

HABITS = ("no-ranges", "chunked", "to-the-end", "weak", "no-names", "slow", "cut", "private")
FOLDER = os.path.realpath(sys.argv[2])
CONTENTS = {}  # of files as they were when they were asked for: (data, ETag)
PERMITTED = "Basic " + base64.b64encode(b"user:password").decode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def log_message(self, *words):
        pass

    def say(self, status, body=b"", kind="text/plain", fields=()):
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
            self.say(400, b"an Authorization that was not for this host\n")
        elif first == "redirect":
            n, _, path = rest.partition("/")
            self.say(302, fields=[("Location", f"/redirect/{int(n) - 1}/{path}" if int(n) > 1 else "/" + path)])
        elif first == "elsewhere":
            self.say(301, fields=[("Location", f"{scheme}://localhost:{port}/{rest}")])
        elif first == "to-port":
            other, _, path = rest.partition("/")
            self.say(308, fields=[("Location", f"http://127.0.0.1:{int(other)}/{path}")])
        elif first == "loop":
            self.say(307, fields=[("Location", self.path)])
        elif first == "to-disk":
            self.say(302, fields=[("Location", f"file:///{rest}")])
        elif first == "status":
            self.say(int(rest), b"so it is\n")
        elif first in HABITS:
            self.send_path(rest, first)
        else:
            self.send_path(self.path.lstrip("/"), "")

    do_HEAD = do_GET

    def send_path(self, path, habit):
        path = os.path.join(FOLDER, unquote(path.split("?")[0]))
        if habit == "private" and self.headers["Authorization"] != PERMITTED:
            self.say(401, b"who are you?\n", fields=[("WWW-Authenticate", 'Basic realm="tests"')])
        elif os.path.isdir(path):
            names = "".join(f'<li><a href="{html.escape(n)}">{html.escape(n)}</a>' for n in os.listdir(path))
            self.say(200, f"<!DOCTYPE html>\n<html><title>Index</title><ul>{names}</ul></html>\n".encode(),
                     "text/html; charset=utf-8")
        elif not os.path.isfile(path):
            self.say(404, b"<html><body>no such page</body></html>\n", "text/html")
        else:
            self.send_file(path, habit)

    def send_file(self, path, habit):
        with open(path, "rb") as file:
            about = os.fstat(file.fileno())
            changed = about.st_mtime
            version = path, about.st_ino, about.st_mtime_ns, about.st_size
            if version not in CONTENTS:
                data = file.read()
                CONTENTS[version] = data, f'"{hashlib.md5(data).hexdigest()}"'
        data, etag = CONTENTS[version]
        wanted = self.headers["If-Match"]
        if wanted and habit not in ("weak", "no-names") and wanted not in (etag, "*"):
            self.say(412, b"it is another now\n")
            return
        fields = [("ETag", "W/" + etag if habit == "weak" else etag),
                  ("Last-Modified", formatdate(changed, usegmt=True))]
        if habit == "no-names":
            fields = []
        status, part = 200, data
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"] or "")
        if found and habit not in ("no-ranges", "chunked", "to-the-end"):
            begin, end = int(found[1]), min(int(found[2] or len(data)), len(data) - 1)
            if begin >= len(data):
                self.say(416, fields=[("Content-Range", f"bytes */{len(data)}")])
                return
            status, part = 206, data[begin:end + 1]
            fields.append(("Content-Range", f"bytes {begin}-{end}/{len(data)}"))
        self.send_body(status, part, fields, habit)

    def send_body(self, status, part, fields, habit):
        self.send_response(status)
        self.send_header("Content-Type", "text/csv")
        for name, value in fields:
            self.send_header(name, value)
        if habit == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        elif habit == "to-the-end":
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if habit == "cut":
            part = part[:len(part) // 2]
            self.close_connection = True
        step = 20000 if habit == "slow" else 50000
        for at in range(0, len(part), step):
            piece = part[at:at + step]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if habit == "chunked" else piece)
            if habit == "slow":
                self.wfile.flush()
                time.sleep(0.1)
        if habit == "chunked":
            self.wfile.write(b"0\r\n\r\n")

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass

    def handle(self):
        try:
            super().handle()
        except OSError:  # the client has gone
            pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def main(port_file, certificate=None, key=None):
    server = Server(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        # The handshake is the thread's of a connection, not of the one that takes connections.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with open(port_file + ".new", "w", encoding="ascii") as file:
        file.write(f"{server.server_address[1]}\n")
    os.rename(port_file + ".new", port_file)
    server.serve_forever()


main(sys.argv[1], *sys.argv[3:])
