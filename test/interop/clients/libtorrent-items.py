"""Keeps values in a DHT and reads them back, each by another node of libtorrent (BEP 44).

Arguments: an ed25519 key, secret and public, in hexadecimal; then the ports of nodes on 127.0.0.1. Prints what it read, as JSON: {"fixed", "signed"}.
"""

import hashlib
import json
import sys
import time

import libtorrent as lt

PORTS = sys.argv[3:]


def node():
    return lt.session(
        {
            "listen_interfaces": "127.0.0.1:0",
            "outgoing_interfaces": "127.0.0.1",
            "enable_dht": True,
            "dht_bootstrap_nodes": f"127.0.0.1:{PORTS[0]}",
            "dht_restrict_routing_ips": False,
            "dht_restrict_search_ips": False,
            "dht_ignore_dark_internet": False,
            "dht_enforce_node_id": False,
            "dht_prefer_verified_node_ids": False,
            # What it reads is to be kept by others.
            "dht_max_dht_items": 0,
            "enable_lsd": False,
            "enable_upnp": False,
            "enable_natpmp": False,
            "alert_mask": lt.alert.category_t.dht_notification,
        },
        0,
    )


def wait(session, kind, matching=lambda alert: True):
    while True:
        session.wait_for_alert(200)
        for alert in session.pop_alerts():
            if isinstance(alert, kind) and matching(alert):
                return alert


writer, reader = node(), node()
for session in (writer, reader):
    # Where it begins it enters no node.
    while session.status().dht_nodes < len(PORTS) - 1:
        session.pop_alerts()
        for port in PORTS:
            session.add_dht_node(("127.0.0.1", int(port)))
        time.sleep(0.1)

target = writer.dht_put_immutable_item("kept by us")
wait(writer, lt.dht_put_alert)
reader.dht_get_immutable_item(target)
fixed = wait(reader, lt.dht_immutable_item_alert).item

seed, public = bytes.fromhex(sys.argv[1]), bytes.fromhex(sys.argv[2])
secret = bytearray(hashlib.sha512(seed).digest())
secret[0] &= 248
secret[31] = (secret[31] & 63) | 64
for value in ("signed", "signed again"):
    writer.dht_put_mutable_item(bytes(secret), public, value, "salt")
    wait(writer, lt.dht_put_alert)
reader.dht_get_mutable_item(public, "salt")
signed = wait(reader, lt.dht_mutable_item_alert, lambda alert: alert.item["value"]).item
print(json.dumps({"fixed": fixed["value"].decode(), "signed": signed["value"].decode()}), flush=True)
