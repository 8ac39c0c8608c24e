/** What `--help` prints. */
export const USAGE = `Peerscope, a BitTorrent client that hides nothing about the swarm

  peerscope download TORRENT… --to DIR [options]
      TORRENT is a path, an http(s) URL or a magnet link.
      --peer HOST:PORT        connect to this peer; may be repeated
      --port N                listen on this port (default: chosen by the system)
      --bind HOST             listen on and dial from this address only
      --seed                  go on seeding until interrupted
      --super-seed            the same, showing each peer one piece at a time
      --no-tracker            ask no tracker
      --transport tcp|utp|both
                              how peers are reached (default: both, TCP first)
      --encryption off|allow|prefer|require
                              of connections to peers, both ways (default: allow)
      --no-dht                look for no peers in the DHT, nor help others to
      --dht-node HOST:PORT    begin there in the DHT instead of at the public places; may be repeated
      --no-pex                tell no peer of others, and believe none about them
      --no-lsd                look for no peers on the local network; where --bind is loopback that is so
      --no-port-mapping       do not ask the router to let others through to the port
      --proxy URL             socks5://user:password@host:port or http://…: everything goes through it, names are
                              looked up by it, and what can't go through it is off
      --ip-filter FILE        have nothing to do with the addresses it lists (.p2p, .p2b, .dat, CIDR; may be gzipped)
      --down-limit BYTES/s    1048576 and 1M are the same; 0: no limit
      --up-limit BYTES/s
      --slots N               serve so many peers at a time (default: 8); 0: by the upload rate
      --state DIR             keep what was verified there; else existing files are checked at start
      --json                  one JSON object a line on standard output
      --trace FILE            record every message and decision there, one JSON object a line

  peerscope inspect TORRENT [--json]
      What the file or link says: names, sizes, piece length, hashes, trackers, warnings.

  peerscope create PATH [-o FILE] [--version 1|2|hybrid] [--piece-length N] [--tracker URL]… [--private]
                        [--web-seed URL]… [--comment TEXT]
      Makes a .torrent: of version 1, which everybody reads, of version 2 (BEP 52), or of both.

  peerscope serve [--port N] [--state DIR] [--trace FILE] [--no-dht] [--dht-node HOST:PORT]…
                  [--proxy URL] [--ip-filter FILE]
      The interface in a browser; prints its address with its token.

  peerscope replay FILE
      Feeds what a record of --trace says came in to the same code, and tells the first difference in what it does.

  peerscope pcap RECORDING [--peer HOST:PORT|NUMBER] [-o FILE]
      What was said with one peer of a recording of the window, as a capture for Wireshark (pcapng). Without --peer:
      whose words there are.

  peerscope demo [--peers N] [--size BYTES] [--headless]
      A swarm on this machine alone, to watch.

Exit status: 0 when every torrent is complete, 1 when one failed or was interrupted, 2 on bad usage.
Of replay: 0 when nothing differs, 1 when something does or the file is no record.
`;
