import type { PrivateNetwork } from "../../setup/private-network.ts";

/** Another BitTorrent client, driven the same way whichever it is. Everything stays on loopback. */
export interface Client {
  readonly name: string;
  /** Serves the finished data in `folder`; resolves once it has checked it and listens. */
  seed(job: Job): Promise<RunningClient>;
  /** Downloads into `folder`. */
  leech(job: Job): Promise<RunningClient>;
}

export interface Job {
  /** Path of the .torrent. */
  readonly torrent: string;
  /** Where the torrent's file or folder is or goes. */
  readonly folder: string;
  /** For the client's own files; removed by the test. */
  readonly stateFolder: string;
  /** `required`: every byte of every connection (RC4); `handshake`: message stream encryption, then plain; else none. */
  readonly encryption?: "required" | "handshake";
  /** `utp`: it dials over uTP, if it can be told, and can be dialled over both; else it has no uTP (the default). */
  readonly transport?: "utp";
  /** It tells its peers of each other, and believes them (BEP 11); else it does not (the default). */
  readonly pex?: boolean;
  /** It looks for peers in this network, and has an address in it; else it knows loopback alone (the default). */
  readonly network?: Pick<PrivateNetwork, "inside"> & { readonly host: string };
  /** Dialled at once by clients that can be told. */
  readonly peers?: readonly Endpoint[];
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface RunningClient {
  readonly endpoint: Endpoint;
  /** Of the process that does the work, for counting its time and memory. */
  readonly pid: number;
  /** Resolves when it has everything; rejects when it ends first. */
  completed(): Promise<void>;
  /** It is gone when this resolves. */
  stop(): Promise<void>;
}
