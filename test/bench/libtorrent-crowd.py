"""A libtorrent seed that takes many connections. Job: torrent, folder, connections. Ends when its standard input does."""

import json
import sys

import libtorrent as lt

job = json.loads(sys.argv[1])
session = lt.session(
    {
        "listen_interfaces": "127.0.0.1:0",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_incoming_utp": False,
        "allow_multiple_connections_per_ip": True,
        "listen_queue_size": 256,
        # It keeps a third of them for connections that it makes itself.
        "connections_limit": job["connections"] * 3 // 2,
    },
    0,
)
parameters = lt.add_torrent_params()
parameters.ti = lt.torrent_info(job["torrent"])
parameters.save_path = job["folder"]
parameters.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
parameters.flags |= lt.torrent_flags.seed_mode
torrent = session.add_torrent(parameters)
while not torrent.status().is_seeding:
    session.wait_for_alert(50)
    session.pop_alerts()
print(json.dumps({"event": "seeding", "port": session.listen_port()}), flush=True)
sys.stdin.read()
