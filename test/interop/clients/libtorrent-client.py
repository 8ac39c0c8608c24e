"""A libtorrent session for tests: its job as one JSON argument, its events as JSON lines.

Job: torrent (a path, or a magnet link), folder, peers [[host, port]], trusted (the data is complete: don't check it), encryption (none, handshake or required),
transport (tcp, or utp: dial over uTP and be dialled over both), chokes (it unchokes nobody), pex (peers are exchanged),
lsd (peers are looked for on the local network), host (its address).
Events: listening (port), seeding (it has everything), peers (answers the line `peers`: what it has, and each peer that it
has shaken hands with as it sees it).
Ends when its standard input does.
"""

import json
import sys
import threading
import time

import libtorrent as lt


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


# Not in the Python binding: peer_info.hpp, 17_bit.
UTP_SOCKET = 1 << 17


def bits(pieces):
    """As on the wire, in hexadecimal."""
    padded = list(pieces) + [False] * (-len(pieces) % 8)
    return bytes(
        sum(bit << (7 - i) for i, bit in enumerate(padded[at : at + 8])) for at in range(0, len(padded), 8)
    ).hex()


def seen(peer):
    info = lt.peer_info
    flag = lambda bit: bool(peer.flags & bit)
    return {
        "client": peer.client if isinstance(peer.client, str) else peer.client.decode(),
        "pieces": bits(peer.pieces),
        "local": flag(info.local_connection),
        "choked": flag(info.choked),
        "interesting": flag(info.interesting),
        "remoteChoked": flag(info.remote_choked),
        "remoteInterested": flag(info.remote_interested),
        "supportsExtensions": flag(info.supports_extensions),
        "seed": flag(info.seed),
        "uploadOnly": flag(info.upload_only),
        "snubbed": flag(info.snubbed),
        "onParole": flag(info.on_parole),
        "rc4": flag(info.rc4_encrypted),
        "plaintext": flag(info.plaintext_encrypted),
        "utp": flag(UTP_SOCKET),
        "port": peer.ip[1],
        "fromPex": bool(peer.source & info.pex),
        "fromLsd": bool(peer.source & info.lsd),
    }


def say_peers():
    info = lt.peer_info
    open_peers = [peer for peer in torrent.get_peer_info() if not peer.flags & (info.connecting | info.handshake)]
    status = torrent.status()
    say(
        "peers",
        client=session.get_settings()["user_agent"],
        pieces=bits(status.pieces),
        isSeeding=status.is_seeding,
        peers=[seen(peer) for peer in open_peers],
    )


job = json.loads(sys.argv[1])
# No plugin but the one for metadata, no discovery but what the job names: the test decides who meets whom.
session = lt.session(
    {
        "listen_interfaces": job["host"] + ":0",
        "outgoing_interfaces": job["host"],
        "enable_dht": False,
        "enable_lsd": job["lsd"],
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_incoming_utp": job["transport"] != "tcp",
        "enable_outgoing_utp": job["transport"] != "tcp",
        "enable_outgoing_tcp": job["transport"] == "tcp",
        "in_enc_policy": 2 if job["encryption"] == "none" else 0,
        "out_enc_policy": 2 if job["encryption"] == "none" else 0,
        "allowed_enc_level": {"none": 3, "handshake": 1, "required": 2}[job["encryption"]],
        "allow_multiple_connections_per_ip": True,
        **({"unchoke_slots_limit": 0, "allowed_fast_set_size": 0} if job["chokes"] else {}),
        "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.error_notification,
    },
    0,
)
session.add_extension("ut_metadata")
if job["pex"]:
    session.add_extension("ut_pex")
if job["chokes"]:
    # Peers of the same network need no slot, unless told so.
    local = session.get_peer_class(lt.session.local_peer_class_id)
    session.set_peer_class(lt.session.local_peer_class_id, {**local, "ignore_unchoke_slots": False})
if job["torrent"].startswith("magnet:"):
    parameters = lt.parse_magnet_uri(job["torrent"])
else:
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


def listen_to_input():
    for _ in sys.stdin:
        asked.set()
    stopping.set()


asked = threading.Event()
stopping = threading.Event()
threading.Thread(target=listen_to_input, daemon=True).start()
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
    if asked.is_set():
        asked.clear()
        say_peers()
    if said:
        time.sleep(0.05)
session.pause()
