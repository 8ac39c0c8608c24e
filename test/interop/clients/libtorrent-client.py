"""A libtorrent session for tests: its job as one JSON argument, its events as JSON lines.

Job: torrent, folder, peers [[host, port]], trusted (the data is complete: don't check it), encryption (none, handshake or required),
transport (tcp, or utp: dial over uTP and be dialled over both).
Events: listening (port), seeding (it has everything).
Ends when its standard input does.
"""

import json
import sys
import threading
import time

import libtorrent as lt


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


job = json.loads(sys.argv[1])
# No plugins (so no peer exchange), no discovery: the test alone decides who meets whom.
session = lt.session(
    {
        "listen_interfaces": "127.0.0.1:0",
        "outgoing_interfaces": "127.0.0.1",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_incoming_utp": job["transport"] != "tcp",
        "enable_outgoing_utp": job["transport"] != "tcp",
        "enable_outgoing_tcp": job["transport"] == "tcp",
        "in_enc_policy": 2 if job["encryption"] == "none" else 0,
        "out_enc_policy": 2 if job["encryption"] == "none" else 0,
        "allowed_enc_level": {"none": 3, "handshake": 1, "required": 2}[job["encryption"]],
        "allow_multiple_connections_per_ip": True,
        "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.error_notification,
    },
    0,
)
parameters = lt.add_torrent_params()
parameters.ti = lt.torrent_info(job["torrent"])
parameters.save_path = job["folder"]
parameters.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
if job["trusted"]:
    parameters.flags |= lt.torrent_flags.seed_mode
torrent = session.add_torrent(parameters)
say("listening", port=session.listen_port())
for host, port in job["peers"]:
    torrent.connect_peer((host, port))


def end_with_input():
    sys.stdin.read()
    stopping.set()


stopping = threading.Event()
threading.Thread(target=end_with_input, daemon=True).start()
said = False
while not stopping.is_set():
    session.wait_for_alert(50)
    session.pop_alerts()
    status = torrent.status()
    if status.errc.value() != 0:
        print(status.errc.message(), file=sys.stderr)
        sys.exit(1)
    if status.is_seeding and not said:
        said = True
        say("seeding")
    if said:
        time.sleep(0.05)
session.pause()
