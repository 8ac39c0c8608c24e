import { type ParseArgsConfig, parseArgs } from "node:util";
import type { EncryptionPolicy, TransportChoice } from "../../contract/views.ts";
import { type Endpoint, parseEndpoint } from "../../model/endpoint.ts";
import { parseProxy } from "../../model/proxy.ts";
import { BLOCK_LENGTH, type Bytes, type BytesPerSecond, KIB, MIB } from "../../model/units.ts";
import { UsageFault, wordsOf } from "./faults.ts";
import type { TorrentVersion } from "./hash-files.ts";
import type { PcapOptions } from "./pcap.ts";

/** What the user asked for, checked as far as words can be checked. */
export type Invocation =
  | { readonly command: "help" | "version" }
  | ({ readonly command: "download" } & DownloadOptions)
  | { readonly command: "inspect"; readonly source: string; readonly json: boolean }
  | ({ readonly command: "create" } & CreateOptions)
  | ({ readonly command: "serve" } & ServeOptions)
  | { readonly command: "replay"; readonly file: string }
  | ({ readonly command: "pcap" } & PcapOptions)
  | ({ readonly command: "demo" } & DemoOptions);

export interface DownloadOptions {
  /** Paths and http(s) URLs. */
  readonly sources: readonly string[];
  readonly to: string;
  readonly peers: readonly Endpoint[];
  /** 0: chosen by the system. */
  readonly port: number;
  readonly bind?: string;
  readonly seed: boolean;
  /** To show each peer one piece at a time. */
  readonly superSeed: boolean;
  readonly tracker: boolean;
  readonly downLimit: BytesPerSecond;
  readonly upLimit: BytesPerSecond;
  readonly state?: string;
  /** The file of a record. */
  readonly trace?: string;
  readonly json: boolean;
  /** For both directions. */
  readonly encryption: EncryptionPolicy;
  readonly transport: TransportChoice;
  readonly dht: boolean;
  readonly pex: boolean;
  readonly lsd: boolean;
  readonly portMapping: boolean;
  /** Nodes to begin at. */
  readonly dhtNodes: readonly Endpoint[];
  readonly proxy?: string;
  /** A list of addresses to have nothing to do with. */
  readonly ipFilter?: string;
  /** Peers served at a time; 0: by the upload rate. */
  readonly slots: number;
}

export interface CreateOptions {
  readonly path: string;
  readonly output?: string;
  readonly pieceLength?: Bytes;
  readonly version: TorrentVersion;
  readonly trackers: readonly string[];
  readonly isPrivate: boolean;
  readonly webSeeds: readonly string[];
  readonly comment?: string;
}

export interface ServeOptions {
  /** Of the interface; 0: chosen by the system. */
  readonly port: number;
  readonly state?: string;
  /** The file of a record. */
  readonly trace?: string;
  /** False: it is off in this run, whatever the settings say. */
  readonly dht: boolean;
  /** Nodes to begin at. */
  readonly dhtNodes: readonly Endpoint[];
  /** In this run, whatever the settings say. */
  readonly proxy?: string;
  /** A list of addresses to have nothing to do with, in this run. */
  readonly ipFilter?: string;
}

export interface DemoOptions {
  readonly peers?: number;
  readonly size?: Bytes;
  readonly headless: boolean;
}

const MAX_PORT = 65_535;
const MAX_SLOTS = 1000;
const MAX_RATE: BytesPerSecond = 2 ** 40;
const MAX_PIECE_LENGTH: Bytes = 512 * MIB;
const MAX_DEMO_PEERS = 200;
const MAX_DEMO_SIZE: Bytes = 16 * 1024 * MIB;

/** @throws UsageFault saying what is wrong with `args`. */
export function parseCommandLine(args: readonly string[]): Invocation {
  const [command, ...rest] = args;
  if (command === undefined)
    throw new UsageFault("a command is missing: download, inspect, create, serve, replay, pcap or demo");
  if (command === "help" || command === "--help" || command === "-h") return { command: "help" };
  if (command === "--version" || command === "version") return { command: "version" };
  if (rest.includes("--help") || rest.includes("-h")) return { command: "help" };
  switch (command) {
    case "download":
      return parseDownload(rest);
    case "inspect":
      return parseInspect(rest);
    case "create":
      return parseCreate(rest);
    case "serve":
      return parseServe(rest);
    case "replay":
      return parseReplay(rest);
    case "pcap":
      return parsePcap(rest);
    case "demo":
      return parseDemo(rest);
    default:
      throw new UsageFault(
        `${JSON.stringify(command)} is no command: download, inspect, create, serve, replay, pcap or demo are`,
      );
  }
}

function parseDownload(args: string[]): Invocation {
  const { values, positionals } = parsed(args, {
    to: { type: "string" },
    peer: { type: "string", multiple: true },
    port: { type: "string" },
    bind: { type: "string" },
    seed: { type: "boolean" },
    "super-seed": { type: "boolean" },
    "no-tracker": { type: "boolean" },
    transport: { type: "string" },
    encryption: { type: "string" },
    "no-dht": { type: "boolean" },
    "dht-node": { type: "string", multiple: true },
    "no-lsd": { type: "boolean" },
    "no-pex": { type: "boolean" },
    "no-port-mapping": { type: "boolean" },
    "down-limit": { type: "string" },
    "up-limit": { type: "string" },
    proxy: { type: "string" },
    "ip-filter": { type: "string" },
    slots: { type: "string" },
    state: { type: "string" },
    json: { type: "boolean" },
    trace: { type: "string" },
  });
  if (positionals.length === 0)
    throw new UsageFault("download: name a torrent: a path, an http(s) URL or a magnet link");
  if (!values.to) throw new UsageFault("download: say where to, with --to DIR");
  return {
    command: "download",
    sources: positionals,
    to: values.to,
    peers: (values.peer ?? []).map((text) => parsePeer(text, "--peer")),
    port: values.port === undefined ? 0 : parseCount(values.port, "--port", 0, MAX_PORT),
    ...optional("bind", nonEmpty(values.bind, "--bind")),
    seed: values.seed ?? values["super-seed"] ?? false,
    superSeed: values["super-seed"] ?? false,
    tracker: !values["no-tracker"],
    downLimit: parseSize(values["down-limit"] ?? "0", "--down-limit", 0, MAX_RATE),
    upLimit: parseSize(values["up-limit"] ?? "0", "--up-limit", 0, MAX_RATE),
    ...optional("proxy", values.proxy === undefined ? undefined : checkedProxy(values.proxy)),
    ...optional("ipFilter", nonEmpty(values["ip-filter"], "--ip-filter")),
    ...optional("state", nonEmpty(values.state, "--state")),
    ...optional("trace", nonEmpty(values.trace, "--trace")),
    json: values.json ?? false,
    encryption: parseEncryption(values.encryption ?? "allow"),
    transport: parseTransport(values.transport ?? "both"),
    dht: !values["no-dht"],
    pex: !values["no-pex"],
    lsd: !values["no-lsd"],
    portMapping: !values["no-port-mapping"],
    dhtNodes: (values["dht-node"] ?? []).map((text) => parsePeer(text, "--dht-node")),
    slots: values.slots === undefined ? 8 : parseCount(values.slots, "--slots", 0, MAX_SLOTS),
  };
}

function parseEncryption(text: string): EncryptionPolicy {
  switch (text) {
    case "off":
    case "allow":
    case "prefer":
    case "require":
      return text;
    default:
      throw new UsageFault(`--encryption ${text}: off, allow, prefer or require`);
  }
}

function parseTransport(text: string): TransportChoice {
  switch (text) {
    case "tcp":
    case "utp":
    case "both":
      return text;
    default:
      throw new UsageFault(`--transport ${text}: tcp, utp or both`);
  }
}

function parseInspect(args: string[]): Invocation {
  const { values, positionals } = parsed(args, { json: { type: "boolean" } });
  const source = only(positionals, "inspect: name one torrent: a path, an http(s) URL or a magnet link");
  return { command: "inspect", source, json: values.json ?? false };
}

function parseCreate(args: string[]): Invocation {
  const { values, positionals } = parsed(args, {
    output: { type: "string", short: "o" },
    "piece-length": { type: "string" },
    version: { type: "string" },
    tracker: { type: "string", multiple: true },
    private: { type: "boolean" },
    "web-seed": { type: "string", multiple: true },
    comment: { type: "string" },
  });
  const path = only(positionals, "create: name one file or folder");
  const pieceLength = values["piece-length"];
  const length =
    pieceLength === undefined ? undefined : parseSize(pieceLength, "--piece-length", BLOCK_LENGTH, MAX_PIECE_LENGTH);
  if (length !== undefined && length % BLOCK_LENGTH !== 0) {
    throw new UsageFault(`--piece-length ${pieceLength}: a multiple of ${BLOCK_LENGTH}`);
  }
  const version = parseVersion(values.version ?? "1");
  if (version !== "1" && length !== undefined && !Number.isInteger(Math.log2(length))) {
    throw new UsageFault(`--piece-length ${pieceLength}: a power of two in a torrent of version ${version}`);
  }
  return {
    command: "create",
    path,
    ...optional("output", nonEmpty(values.output, "-o")),
    ...optional("pieceLength", length),
    version,
    trackers: (values.tracker ?? []).map((url) => parseUrl(url, "--tracker", /^(https?|udp|wss?):$/)),
    isPrivate: values.private ?? false,
    webSeeds: (values["web-seed"] ?? []).map((url) => parseUrl(url, "--web-seed", /^https?:$/)),
    ...optional("comment", values.comment),
  };
}

function parseVersion(text: string): TorrentVersion {
  if (text === "1" || text === "2" || text === "hybrid") return text;
  throw new UsageFault(`--version ${text}: 1, 2 or hybrid`);
}

function parseServe(args: string[]): Invocation {
  const { values, positionals } = parsed(args, {
    port: { type: "string" },
    state: { type: "string" },
    trace: { type: "string" },
    "no-dht": { type: "boolean" },
    "dht-node": { type: "string", multiple: true },
    proxy: { type: "string" },
    "ip-filter": { type: "string" },
  });
  if (positionals.length > 0) throw new UsageFault(`serve: ${JSON.stringify(positionals[0])} is too much`);
  const port = values.port === undefined ? 0 : parseCount(values.port, "--port", 0, MAX_PORT);
  return {
    command: "serve",
    port,
    ...optional("state", nonEmpty(values.state, "--state")),
    ...optional("trace", nonEmpty(values.trace, "--trace")),
    dht: !values["no-dht"],
    dhtNodes: (values["dht-node"] ?? []).map((text) => parsePeer(text, "--dht-node")),
    ...optional("proxy", values.proxy === undefined ? undefined : checkedProxy(values.proxy)),
    ...optional("ipFilter", nonEmpty(values["ip-filter"], "--ip-filter")),
  };
}

function parseReplay(args: string[]): Invocation {
  const { positionals } = parsed(args, {});
  return { command: "replay", file: only(positionals, "replay: name one record, a file of --trace") };
}

function parsePcap(args: string[]): Invocation {
  const { values, positionals } = parsed(args, {
    peer: { type: "string" },
    output: { type: "string", short: "o" },
  });
  return {
    command: "pcap",
    recording: only(positionals, "pcap: name one recording of the window"),
    ...optional("peer", nonEmpty(values.peer, "--peer")),
    ...optional("output", nonEmpty(values.output, "-o")),
  };
}

function parseDemo(args: string[]): Invocation {
  const { values, positionals } = parsed(args, {
    peers: { type: "string" },
    size: { type: "string" },
    headless: { type: "boolean" },
  });
  if (positionals.length > 0) throw new UsageFault(`demo: ${JSON.stringify(positionals[0])} is too much`);
  const { peers, size } = values;
  return {
    command: "demo",
    ...optional("peers", peers === undefined ? undefined : parseCount(peers, "--peers", 1, MAX_DEMO_PEERS)),
    ...optional("size", size === undefined ? undefined : parseSize(size, "--size", BLOCK_LENGTH, MAX_DEMO_SIZE)),
    headless: values.headless ?? false,
  };
}

function parsed<T extends NonNullable<ParseArgsConfig["options"]>>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's advice on how to write positionals that look like options follows the first sentence.
    throw new UsageFault(wordsOf(error).replace(/\. (To specify|Did you).*$/, ""), { cause: error });
  }
}

function only(positionals: readonly string[], words: string): string {
  const [first, second] = positionals;
  if (first === undefined || first === "" || second !== undefined) throw new UsageFault(words);
  return first;
}

function parsePeer(text: string, name: string): Endpoint {
  const endpoint = parseEndpoint(text);
  if (endpoint === undefined) throw new UsageFault(`${name} ${text}: HOST:PORT or [IPV6]:PORT`);
  return endpoint;
}

function parseCount(text: string, name: string, least: number, most: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new UsageFault(`${name} ${text}: a number from ${least} to ${most}`);
  return value;
}

const UNITS: Readonly<Record<string, number>> = { "": 1, K: KIB, M: MIB, G: 1024 * MIB };

/** Bytes, or with `K`, `M` or `G` behind it the multiples of 1024. */
function parseSize(text: string, name: string, least: Bytes, most: Bytes): Bytes {
  const match = /^(\d{1,15})([KMG]?)$/i.exec(text);
  const value = Number(match?.[1]) * (UNITS[match?.[2]?.toUpperCase() ?? ""] as number);
  if (!(value >= least && value <= most)) throw new UsageFault(`${name} ${text}: bytes, from ${least} to ${most}`);
  return value;
}

function parseUrl(text: string, name: string, schemes: RegExp): string {
  if (!URL.canParse(text) || !schemes.test(new URL(text).protocol))
    throw new UsageFault(`${name} ${text}: no such URL`);
  return text;
}

/** The address itself is not repeated: it may have a password. */
function checkedProxy(text: string): string {
  const proxy = parseProxy(text);
  if (typeof proxy === "string") throw new UsageFault(`--proxy: ${proxy}`);
  return text;
}

function nonEmpty(text: string | undefined, name: string): string | undefined {
  if (text === "") throw new UsageFault(`${name}: empty`);
  return text;
}

/** An absent value is an absent key. */
function optional<K extends string, T>(key: K, value: T | undefined): { readonly [key in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]: T });
}
