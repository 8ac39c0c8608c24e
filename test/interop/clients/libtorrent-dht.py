"""A DHT of libtorrent's own nodes at one address: how many, and where, as arguments; what they do as JSON lines on
standard input.

Order: {"torrent": a path or a magnet link, "folder", "trusted": the data is complete}: the last node takes it.
Events: nodes (ports), seeding (it has everything).
Ends when its standard input does.
"""

import json
import sys
import threading

import libtorrent as lt


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def node(bootstrap):
    return lt.session(
        {
            "listen_interfaces": f"{host}:0",
            "outgoing_interfaces": host,
            "enable_dht": True,
            "dht_bootstrap_nodes": bootstrap,
            # All live at one address of this machine.
            "dht_restrict_routing_ips": False,
            "dht_restrict_search_ips": False,
            "dht_ignore_dark_internet": False,
            "dht_enforce_node_id": False,
            "dht_prefer_verified_node_ids": False,
            "dht_block_ratelimit": 1000,
            "dht_announce_interval": 5,
            "allow_multiple_connections_per_ip": True,
            "enable_lsd": False,
            "enable_upnp": False,
            "enable_natpmp": False,
            "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.error_notification,
        },
        0,
    )


def add(order):
    if order["torrent"].startswith("magnet:"):
        parameters = lt.parse_magnet_uri(order["torrent"])
    else:
        parameters = lt.add_torrent_params()
        parameters.ti = lt.torrent_info(order["torrent"])
    parameters.save_path = order["folder"]
    parameters.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    if order["trusted"]:
        parameters.flags |= lt.torrent_flags.seed_mode
    return sessions[-1].add_torrent(parameters)


host = sys.argv[2]
sessions = [node("")]
first = sessions[0].listen_port()
sessions += [node(f"{host}:{first}") for _ in range(int(sys.argv[1]) - 1)]
for session in sessions:
    session.add_extension("ut_metadata")
say("nodes", ports=[session.listen_port() for session in sessions])

orders = []
stopping = threading.Event()


def listen_to_input():
    for line in sys.stdin:
        orders.append(json.loads(line))
    stopping.set()


threading.Thread(target=listen_to_input, daemon=True).start()
torrents = []
while not stopping.is_set():
    sessions[-1].wait_for_alert(50)
    for session in sessions:
        session.pop_alerts()
    while orders:
        torrents.append(add(orders.pop(0)))
    for torrent in [torrent for torrent in torrents if torrent.status().is_seeding]:
        torrents.remove(torrent)
        say("seeding")
for session in sessions:
    session.pause()
