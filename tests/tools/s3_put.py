#!/usr/bin/env python3
"""s3_put.py - uploads files to an S3 server with Python's standard library

Usage   s3_put.py --bucket BUCKET               creates it if it does not exist
        s3_put.py BUCKET TREE [PREFIX]          uploads every file below TREE as PREFIX + its path in TREE
        s3_put.py BUCKET FILE KEY [FILE KEY]... uploads single objects
        s3_put.py --delete BUCKET KEY
        s3_put.py --signed BUCKET DIRECTORY     prints a presigned URL, valid for an hour, for each file
                                                in DIRECTORY
Env     AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION; S3_PUT_CONNECTIONS=8
Shape   signature version 4 in a separate implementation: it shares no code with the C sources, so an
        error in the encoding of keys shows as a mismatch
Exit    1 with the server's response if a request fails
"""

import datetime
import hashlib
import hmac
import http.client
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import local
from urllib.parse import quote, urlsplit

ENDPOINT = urlsplit(os.environ["AWS_ENDPOINT_URL_S3"])
ACCESS = os.environ["AWS_ACCESS_KEY_ID"]
SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]
REGION = os.environ.get("AWS_REGION", "us-east-1")

own = local()


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def sign(method, path, body_hash, host):
    """The headers of a signed request; `path` is encoded."""
    now = datetime.datetime.now(datetime.timezone.utc)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    headers = {"host": host, "x-amz-content-sha256": body_hash, "x-amz-date": stamp}
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"{method}\n{path}\n\n{lines}\n{names}\n{body_hash}"
    scope = f"{day}/{REGION}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={ACCESS}/{scope}, SignedHeaders={names}, "
                                f"Signature={digest(signing_key(day), text).hex()}")
    return headers


def signing_key(day):
    key = ("AWS4" + SECRET).encode()
    for part in (day, REGION, "s3", "aws4_request"):
        key = digest(key, part)
    return key


def presigned_url(bucket, key):
    now = datetime.datetime.now(datetime.timezone.utc)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    path = "/" + quote(bucket, safe="") + "/" + quote(key, safe="/~")
    scope = f"{day}/{REGION}/s3/aws4_request"
    query = (f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={quote(ACCESS + '/' + scope, safe='')}"
             f"&X-Amz-Date={stamp}&X-Amz-Expires=3600&X-Amz-SignedHeaders=host")
    request = f"GET\n{path}\n{query}\nhost:{ENDPOINT.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    return f"{ENDPOINT.geturl()}{path}?{query}&X-Amz-Signature={digest(signing_key(day), text).hex()}"


def send(method, bucket, key=None, body=b""):
    path = "/" + quote(bucket, safe="")
    if key is not None:
        path += "/" + quote(key, safe="/~")
    headers = sign(method, path, hashlib.sha256(body).hexdigest(), ENDPOINT.netloc)
    if not hasattr(own, "connection"):
        own.connection = http.client.HTTPConnection(ENDPOINT.hostname, ENDPOINT.port)
    own.connection.request(method, path, body, headers)
    response = own.connection.getresponse()
    text = response.read()
    if response.status >= 300 and not (key is None and b"BucketAlreadyOwnedByYou" in text):
        raise SystemExit(f"s3_put.py: {method} {path}: {response.status} {text.decode(errors='replace')}")


def put_file(bucket, path, key):
    with open(path, "rb") as file:
        send("PUT", bucket, key, file.read())


def put_tree(bucket, tree, prefix):
    jobs = [(os.path.join(parent, name), prefix + os.path.relpath(os.path.join(parent, name), tree))
            for parent, _, names in os.walk(tree) for name in names]
    with ThreadPoolExecutor(int(os.environ.get("S3_PUT_CONNECTIONS", "8"))) as pool:
        for done in [pool.submit(put_file, bucket, path, key) for path, key in jobs]:
            done.result()


def main(arguments):
    if arguments[0] == "--bucket":
        send("PUT", arguments[1])
    elif arguments[0] == "--delete":
        send("DELETE", arguments[1], arguments[2])
    elif arguments[0] == "--signed":
        for name in sorted(os.listdir(arguments[2])):
            print(presigned_url(arguments[1], name))
    elif os.path.isdir(arguments[1]):
        put_tree(arguments[0], arguments[1], arguments[2] if len(arguments) > 2 else "")
    else:
        for path, key in zip(arguments[1::2], arguments[2::2]):
            put_file(arguments[0], path, key)


main(sys.argv[1:])
