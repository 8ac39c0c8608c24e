import { type Endpoint, parseEndpoint } from "../model/endpoint.ts";

/** Run by those who make libtorrent, µTorrent and Transmission, for everybody. */
const ROUTERS = [
  "dht.libtorrent.org:25401",
  "router.bittorrent.com:6881",
  "router.utorrent.com:6881",
  "dht.transmissionbt.com:6881",
];

/** Where the DHT begins when it knows nobody: `$PEERSCOPE_DHT_ROUTERS`, with commas between, else the public places. */
export function dhtRouters(env: Readonly<Record<string, string | undefined>> = process.env): readonly Endpoint[] {
  const names = env.PEERSCOPE_DHT_ROUTERS?.split(",") ?? ROUTERS;
  return names.flatMap((name) => parseEndpoint(name) ?? []);
}
