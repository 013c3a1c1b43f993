#!/usr/bin/env python3
"""swift_node.py - starts the servers of a Swift node, and fills buckets directly on disk

Usage   swift_node.py serve DIR                 writes the configuration and starts the servers, which
                                                respond after some seconds
        swift_node.py fill DIR BUCKET TREE      writes every file below TREE as an object of the bucket,
                                                which must exist and have none of these keys
Shape   Swift's modules are loaded once, and each server is a fork: starting Python for each would take
        most of the time that a test waits. An object written by a request takes 12 ms of CPU in three
        servers; written to disk as the object server does, it takes 1 ms
Files   DIR/etc, DIR/node (the only disk), DIR/run/NAME.pid, DIR/log/NAME.log, DIR/env.sh
Exit    77 with the reason on standard error if this machine cannot run the servers
"""

import hashlib
import os
import pwd
import socket
import subprocess
import sys

# The data need not survive a crash, so fsync does nothing and needs no thread pool.
os.fsync = os.fdatasync = lambda file: None
os.environ["EVENTLET_THREADPOOL_SIZE"] = "0"

try:
    from swift.common import utils
    import swift.common.middleware.s3api
except ImportError as error:
    print(f"swift_node.py: {error}", file=sys.stderr)
    sys.exit(77)

# A text that no message contains, because tests search all output for it.
SECRET = "qX7+vT/3nWb9Kd2RzLw8"

SERVERS = ("account", "container", "object")
FILTERS = {
    "catch_errors": "", "gatekeeper": "", "healthcheck": "",
    "cache": "memcache_servers = 127.0.0.1:{memcached}",
    "listing_formats": "",
    "s3api": "location = us-east-1\ndns_compliant_bucket_names = no",
    "tempauth": "user_test_tester = " + SECRET + " .admin",
    "slo": "", "dlo": "",
}

SERVER_CONF = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
swift_dir = {directory}/etc
devices = {directory}/node
mount_check = false
fallocate_reserve = 0
workers = 0
log_level = WARNING
log_address = {directory}/run/none
[pipeline:main]
pipeline = {pipeline}
[app:{name}-server]
use = egg:swift#{name}
"""

SWIFT_CONF = """[swift-hash]
swift_hash_path_prefix = tests
swift_hash_path_suffix = tests
[storage-policy:0]
name = single
default = yes
"""

ENV = """export AWS_ENDPOINT_URL_S3=http://127.0.0.1:{proxy} AWS_REGION=us-east-1
export AWS_ACCESS_KEY_ID=test:tester AWS_SECRET_ACCESS_KEY={secret}
export AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_CONFIG_FILE=/dev/null
unset AWS_ENDPOINT_URL AWS_SESSION_TOKEN AWS_PROFILE AWS_DEFAULT_REGION AWS_NO_SIGN_REQUEST \\
\tAWS_CA_BUNDLE
"""


# ---- configuration ----

def free_ports(names):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in names]
    ports = {name: s.getsockname()[1] for name, s in zip(names, sockets)}
    for s in sockets:
        s.close()
    return ports


def write(directory, name, text):
    with open(os.path.join(directory, name), "w", encoding="ascii") as file:
        file.write(text)


def write_ring(directory, name, port):
    from swift.common.ring import RingBuilder
    builder = RingBuilder(4, 1, 1)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1.0, "ip": "127.0.0.1", "port": port,
                     "device": "d1", "meta": "", "replication_ip": "127.0.0.1",
                     "replication_port": port})
    builder.rebalance()
    builder.get_ring().save(f"{directory}/etc/{name}.ring.gz")


def configure(directory, ports):
    values = {"directory": directory, "user": pwd.getpwuid(os.getuid()).pw_name}
    for name in SERVERS:
        write(directory, f"etc/{name}-server.conf", SERVER_CONF.format(
            name=name, port=ports[name], pipeline=f"{name}-server", **values))
        write_ring(directory, name, ports[name])
    proxy = SERVER_CONF.format(name="proxy", port=ports["proxy"],
                               pipeline=" ".join([*FILTERS, "proxy-server"]), **values)
    proxy += "account_autocreate = true\n"
    for name, more in FILTERS.items():
        proxy += f"[filter:{name}]\nuse = egg:swift#{'memcache' if name == 'cache' else name}\n"
        proxy += more.format(**ports) + "\n"
    write(directory, "etc/proxy-server.conf", proxy)


# ---- serve ----

# The name of an object is stored in an extended attribute of its file.
def need_attributes(directory):
    try:
        os.setxattr(f"{directory}/node", "user.swift", b"1")
    except OSError as error:
        print(f"swift_node.py: {directory}: files cannot have extended attributes: {error.strerror}",
              file=sys.stderr)
        sys.exit(77)


def start_memcached(directory, port):
    with open(f"{directory}/log/memcached.log", "ab") as log:
        child = subprocess.Popen(
            ["memcached", "-u", pwd.getpwuid(os.getuid()).pw_name, "-l", "127.0.0.1", "-p", str(port),
             "-U", "0", "-t", "1", "-m", "16", "-P", f"{directory}/run/memcached.own"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    write(directory, "run/memcached.pid", f"{child.pid}\n")


def become_server(directory, name):
    """Called in a child process; does not return."""
    os.setsid()
    log = os.open(f"{directory}/log/{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for there, here in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(there, here)
    write(directory, f"run/{name}.pid", f"{os.getpid()}\n")
    from swift.common.wsgi import run_wsgi
    more = {}
    if name == "object":
        from swift.obj import server
        more["global_conf_callback"] = server.global_conf_callback
    os._exit(run_wsgi(f"{directory}/etc/{name}-server.conf", f"{name}-server", **more) or 0)


def serve(directory):
    need_attributes(directory)
    write(directory, "etc/swift.conf", SWIFT_CONF)
    # Without this all servers would read /etc/swift/swift.conf of the package.
    utils.set_swift_dir(f"{directory}/etc")
    ports = free_ports([*SERVERS, "proxy", "memcached"])
    configure(directory, ports)
    start_memcached(directory, ports["memcached"])
    for module in ("swift.common.wsgi", "swift.account.server", "swift.container.server",
                   "swift.obj.server", "swift.proxy.server"):
        __import__(module)
    for name in [*SERVERS, "proxy"]:
        if os.fork() == 0:
            become_server(directory, name)
    write(directory, "env.sh", ENV.format(secret=SECRET, **ports))


# ---- fill ----

def write_object(disks, ring, policy, location, data):
    """Returns the row of the object in the database of the container."""
    account, bucket, key = location
    stamp = utils.Timestamp.now().internal
    etag = hashlib.md5(data).hexdigest()
    kind = "application/octet-stream"
    disk = disks.get_diskfile("d1", ring.get_part(account, bucket, key), account, bucket, key, policy)
    with disk.create() as writer:
        writer.write(data)
        writer.put({"X-Timestamp": stamp, "Content-Type": kind, "ETag": etag,
                    "Content-Length": str(len(data))})
    return {"name": key, "created_at": stamp, "size": len(data), "content_type": kind,
            "etag": etag, "deleted": 0, "storage_policy_index": 0}


def fill(directory, bucket, tree):
    utils.set_swift_dir(f"{directory}/etc")
    from swift.common.ring import Ring
    from swift.common.storage_policy import POLICIES
    from swift.container.backend import ContainerBroker
    from swift.obj.diskfile import DiskFileManager

    account = "AUTH_test"
    conf = {"devices": f"{directory}/node", "mount_check": "false", "swift_dir": f"{directory}/etc",
            "log_address": f"{directory}/run/none"}
    disks = DiskFileManager(conf, utils.get_logger(conf, "fill"))
    ring = Ring(f"{directory}/etc", ring_name="object")
    rows = []
    for parent, _, names in os.walk(tree):
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                data = file.read()
            key = os.path.relpath(path, tree)
            rows.append(write_object(disks, ring, POLICIES[0], (account, bucket, key), data))
    part = Ring(f"{directory}/etc", ring_name="container").get_part(account, bucket)
    name = utils.hash_path(account, bucket)
    database = os.path.join(directory, "node", "d1", utils.storage_directory("containers", part, name),
                            name + ".db")
    ContainerBroker(database, account=account, container=bucket).merge_items(rows)


def main(arguments):
    os.umask(0o022)
    if arguments[0] == "serve":
        serve(arguments[1])
    else:
        fill(*arguments[1:])


main(sys.argv[1:])
