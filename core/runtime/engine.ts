import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import type { FromEngine, SettingsChange, ToEngine } from "../contract/messages.ts";
import type { SessionView, Settings } from "../contract/views.ts";
import type { AnnounceOrder } from "../discovery/announcer.ts";
import { isLocalHost } from "../model/address.ts";
import { fromLatin1 } from "../model/bytes.ts";
import type { Endpoint } from "../model/endpoint.ts";
import { IpFilter } from "../model/ip-filter.ts";
import { PASSWORD_MASK, type ProxyServer, parseProxy, withoutPassword, withPassword } from "../model/proxy.ts";
import { seededRandom } from "../model/random.ts";
import type { Millis, Timestamp } from "../model/units.ts";
import type { Residence } from "../peer/ports.ts";
import { Session, type SessionOptions } from "../session/session.ts";
import { defaultSettings } from "../session/settings.ts";
import type { Torrent } from "../session/torrent.ts";
import { recordedSession } from "../session/trace/recorder.ts";
import { type Surroundings, Watcher } from "../session/watcher.ts";
import { WebSeed } from "../swarm/web-seed.ts";
import { Commands } from "./commands.ts";
import { Countries } from "./country.ts";
import { nodeDigest } from "./digest.ts";
import { Disk } from "./disk/disk.ts";
import { History } from "./history.ts";
import type { FetchOptions } from "./http/fetch-limited.ts";
import { reachOf } from "./http/reach.ts";
import { askTracker } from "./http/tracker.ts";
import { Turnstile } from "./http/turnstile.ts";
import { dialWebSeed } from "./http/web-seed.ts";
import { readIpFilter } from "./ip-filter-file.ts";
import { findNamed } from "./magnet-peers.ts";
import { DhtHost } from "./net/dht.ts";
import { LsdHost } from "./net/lsd.ts";
import { PortMapping } from "./net/port-mapping.ts";
import type { Router } from "./net/port-mapping-router.ts";
import { Network } from "./network.ts";
import { openStateStore, type StateStore } from "./persist/state-store.ts";
import { CommandFault } from "./previews.ts";
import { Recordings } from "./recordings.ts";
import { TorrentKeeper } from "./torrent-keeper.ts";
import { TraceFile, type TraceOrder } from "./trace-file.ts";
import { CLIENT_NAME, downloadFolder, PEER_ID_PREFIX, VERSION } from "./version.ts";

export interface EngineOptions {
  /** Where settings, torrents and resume data are kept. Created when absent. Undefined: nothing is kept. */
  readonly stateFolder?: string;
  /** The built disk worker, e.g. `dist/disk-worker.js`. */
  readonly diskWorker: URL;
  /** Settings that hold for this run only, over the kept ones. */
  readonly overrides?: SettingsChange & { readonly bindHost?: string };
  /** False: no tracker is ever asked. */
  readonly announces?: boolean;
  /** Where the DHT begins, when it knows nobody: names that are asked only unless we are bound to this machine. */
  readonly dhtRouters?: readonly Endpoint[];
  /** Nodes of the DHT that the user names: then no router is asked. */
  readonly dhtNodes?: readonly Endpoint[];
  /** The local network may be asked for peers, and its router to open our port, where the settings want it. */
  readonly asksLocalNetwork?: boolean;
  /** Who is asked to open our port, instead of the system's default gateway. */
  readonly router?: Router;
  /** Where every message and decision is to be recorded. */
  readonly trace?: TraceOrder;
}

/** One interface's end of the engine. */
export interface EnginePort {
  /** Validated by the caller where it comes from outside the process. */
  send(message: ToEngine): void;
  close(): void;
}

/** The running engine: sockets, disk and trackers around the deterministic session. */
export interface Engine {
  /** `deliver` gets a full update at once, then changes a few times a second. */
  connect(deliver: (message: FromEngine) => void): EnginePort;
  /** Announces `stopped`, flushes, writes resume data. Within 5 s, whatever happens. */
  stop(): Promise<void>;
}

/** Beside the disk worker. */
const COUNTRY_FILE = "country.mmdb";
/** Interfaces are told of changes this often. */
const UPDATE_EVERY: Millis = 250;
/** And those that nobody sees. */
const HIDDEN_EVERY: Millis = 5_000;
/** Requests to trackers under way, of all torrents: thousands may start at once. A torrent has few in line. */
const MAX_ANNOUNCES = 100;
/** Quitting waits no longer than this for trackers, and then for the disk. */
const FAREWELL: Millis = 2_500;

/** Starts the engine: what was kept is loaded, the port listens, torrents that ran go on. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const store = options.stateFolder === undefined ? undefined : await openStateStore(options.stateFolder);
  const trace = await openTrace(options.trace, store);
  const engine = new RunningEngine(options, store, trace);
  await engine.start();
  return engine;
}

async function openTrace(order: TraceOrder | undefined, store: StateStore | undefined): Promise<TraceFile | undefined> {
  try {
    return order === undefined ? undefined : await TraceFile.open(order);
  } catch (error) {
    await store?.close();
    throw error;
  }
}

interface Client {
  readonly watcher: Watcher;
  readonly deliver: (message: FromEngine) => void;
  isHidden: boolean;
  toldAt: Timestamp;
}

class RunningEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #disk: Disk;
  readonly #network: Network;
  readonly #dht: DhtHost;
  readonly #lsd: LsdHost;
  readonly #mapping: PortMapping;
  readonly #session: Session;
  readonly #keeper: TorrentKeeper;
  readonly #history: History;
  readonly #recordings: Recordings;
  readonly #commands: Commands;
  readonly #countries: Countries;
  readonly #interfaces = new Set<Client>();
  readonly #requests = new Set<Promise<void>>();
  readonly #announcing = new Turnstile(MAX_ANNOUNCES);
  readonly #farewell = new AbortController();
  readonly #trace: TraceFile | undefined;
  /** What the list of blocked addresses has, or why there is none, in words. */
  #filterWords: string | undefined;
  #filterFault: string | undefined;
  /** With its password, which nobody else gets to know. */
  #proxyText = "";
  #proxy: ProxyServer | undefined;
  /** Aborted when the proxy is another: what was begun without it, or waits its turn, is given up. */
  #way = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #updates: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: EngineOptions, store: StateStore | undefined, trace: TraceFile | undefined) {
    this.#options = options;
    this.#trace = trace;
    this.#disk = new Disk({ workerFile: options.diskWorker });
    this.#countries = new Countries(new URL(COUNTRY_FILE, options.diskWorker));
    const seed = randomBytes(4).readUInt32LE();
    const ourPeerId = new Uint8Array(20);
    ourPeerId.set(fromLatin1(PEER_ID_PREFIX));
    ourPeerId.set(randomBytes(20 - PEER_ID_PREFIX.length), PEER_ID_PREFIX.length);
    const sessionOptions: Omit<SessionOptions, "random"> = {
      settings: this.#effective(defaultSettings(downloadFolder())),
      ourPeerId,
      clientName: CLIENT_NAME,
      digest: nodeDigest,
      effects: {
        dial: (peer) => (peer instanceof WebSeed ? this.#dialWebSeed(peer) : this.#network.dial(peer)),
        announce: (torrent, order) => this.#announce(torrent, order),
        keep: (torrent, isUrgent) => this.#keeper.changed(torrent, isUrgent),
        wake: () => this.#wake(),
        bansChanged: () => this.#keeper.bansChanged(),
        openMetadata: (torrent, file) => this.#keeper.openMetadata(torrent, file),
        stored: (torrent, piece) => this.#keeper.stored(torrent, piece),
      },
      announces: options.announces ?? true,
    };
    this.#session =
      trace === undefined
        ? new Session({ ...sessionOptions, random: seededRandom(seed) })
        : recordedSession(sessionOptions, { tape: trace.tape, clock: Date.now, version: VERSION, seed });
    const bindHost = options.overrides?.bindHost;
    const toDht = (datagram: Uint8Array, from: Endpoint): void => {
      if (!this.#session.filter.blocks(from.host)) this.#dht.received(datagram, from);
    };
    this.#network = new Network(
      () => this.#session,
      Date.now,
      bindHost,
      toDht,
      () => void this.#tendDiscovery(),
    );
    const isLocal = bindHost !== undefined && isLocalHost(bindHost);
    const { dhtNodes = [], dhtRouters = [] } = options;
    this.#dht = new DhtHost({
      torrents: this.#session.torrents,
      routers: isLocal || dhtNodes.length > 0 ? [] : dhtRouters,
      nodes: dhtNodes,
      isLocal,
      now: Date.now,
      learnt: (address) => this.#session.learntAddress(address),
      looksUpNames: () => this.#proxy === undefined,
      port: () => this.#session.announcedPort,
      // Where the router opened a port, that one is told and not the one that a node happens to see.
      hasUtp: () => this.#session.settings.transport !== "tcp" && !this.#session.isMapped,
      send: (datagram, to) => {
        if (!this.#session.filter.blocks(to.host)) this.#network.send(datagram, to);
      },
      load: async () => store?.loadDht(),
      save: async (state) => {
        await store?.saveDht(state);
      },
    });
    const { torrents } = this.#session;
    this.#lsd = new LsdHost({ torrents, bindHost, now: Date.now, port: () => this.#session.listenPort });
    this.#mapping = new PortMapping({
      router: options.router ?? (options.asksLocalNetwork === true ? "system" : undefined),
      bindHost,
      now: Date.now,
      changed: ({ tcp, udp, address }) => this.#session.mapped(tcp, udp, address),
    });
    this.#keeper = new TorrentKeeper(this.#session, this.#disk, store);
    this.#history = new History(this.#session, this.#disk, Date.now);
    this.#recordings = new Recordings(this.#session, {
      now: Date.now,
      view: () => this.#sessionView(),
      world: this.#world,
    });
    this.#commands = new Commands(this.#session, this.#keeper, {
      now: Date.now,
      changeSettings: (change) => this.#changeSettings(change),
      fetching: () => this.#fetching(),
      viewDht: () => this.#dht.view(),
      findNamed: (torrent, peers) => this.#findNamed(torrent, peers),
      recordings: this.#recordings,
      history: this.#history,
      wake: () => this.#wake(),
    });
  }

  async start(): Promise<void> {
    const kept = await this.#keeper.load();
    this.#session.changeSettings(this.#effective({ ...this.#session.settings, ...(kept as Partial<Settings>) }));
    const { ipFilter, listenPort } = this.#session.settings;
    if (ipFilter !== "") await this.#filterBy(ipFilter).catch(this.#noteFilterFault);
    await this.#network.listen(listenPort, this.#proxy);
    await this.#keeper.restore(Date.now());
    for (const torrent of this.#session.torrents.values()) {
      this.#findNamed(torrent, torrent.metainfo.magnet?.peers ?? []);
    }
    await this.#tendDiscovery();
    this.#wake();
  }

  /** What watchers are told of the ways to find peers. */
  get #world(): Surroundings {
    const engine = this;
    return {
      get isNearAsked() {
        return engine.#isNearAsked;
      },
      get hasDatagrams() {
        return engine.#network.families.length > 0;
      },
      dhtSearch: (torrent: Torrent) => this.#dht.searchOf(torrent),
      countryOf: (host: string) => this.#countries.of(host),
    };
  }

  connect(deliver: (message: FromEngine) => void): EnginePort {
    const client: Client = { watcher: new Watcher(this.#session, this.#world), deliver, isHidden: false, toldAt: 0 };
    this.#interfaces.add(client);
    this.#updates ??= setInterval(() => this.#tellInterfaces(), UPDATE_EVERY);
    this.#tell(client);
    return {
      send: (message) => {
        if (message.kind === "watch") {
          client.watcher.watch(message.watches);
          client.isHidden = message.isHidden ?? false;
          this.#tell(client);
        } else void this.#execute(message, client.deliver);
      },
      close: () => {
        this.#interfaces.delete(client);
        if (this.#interfaces.size > 0) return;
        clearInterval(this.#updates);
        this.#updates = undefined;
      },
    };
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const now = Date.now();
    this.#session.stop(now);
    this.#lsd.stop();
    this.#history.stop();
    const recorded = this.#recordings.close();
    const unmapping = this.#mapping.stop();
    const keepingDht = this.#dht.stop();
    for (const torrent of this.#session.torrents.values()) {
      for (const order of torrent.announces(now)) this.#announce(torrent, order);
    }
    await this.#network.close();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const patience = setTimeout(() => this.#farewell.abort(), FAREWELL);
    const ended = [Promise.allSettled([...this.#requests]), unmapping, keepingDht, recorded, this.#keeper.close()];
    await Promise.all(ended);
    clearTimeout(patience);
    await this.#disk.close();
    await this.#trace?.close();
    this.#tellInterfaces();
    clearInterval(this.#updates);
    this.#updates = undefined;
    this.#interfaces.clear();
  }

  async #execute(
    message: Extract<ToEngine, { kind: "command" }>,
    deliver: (message: FromEngine) => void,
  ): Promise<void> {
    const { id } = message;
    try {
      const value = await this.#commands.execute(message.command);
      // What it changed is seen before its answer.
      this.#tellInterfaces();
      deliver({ kind: "reply", id, ok: true, value });
    } catch (error) {
      if (!(error instanceof CommandFault)) throw error;
      deliver({ kind: "reply", id, ok: false, error: error.message });
    }
  }

  /** Does what time makes due, and comes back when the session says. */
  #advance(): void {
    this.#timer = undefined;
    if (this.#stopping !== undefined) return;
    const now = Date.now();
    const next = this.#session.advance(now);
    this.#arm(next - now);
  }

  #arm(wait: Millis): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#advance(), Math.max(1, wait));
  }

  #wake(): void {
    if (this.#stopping !== undefined) return;
    this.#arm(0);
    this.#dht.wake();
    this.#lsd.wake();
  }

  /** How whatever is asked over HTTP, or of a tracker, is asked. */
  #fetching(): FetchOptions {
    return {
      localAddress: this.#options.overrides?.bindHost,
      userAgent: CLIENT_NAME,
      blocks: (address) => this.#session.filter.blocks(address),
      proxy: this.#proxy,
      relay: this.#network.relay,
    };
  }

  #dialWebSeed(seed: WebSeed): () => void {
    const { metainfo } = this.#session.torrents.get((seed.residence as Residence).torrent) as Torrent;
    return dialWebSeed(seed, metainfo, this.#fetching(), {
      connected: (link) => seed.connected(link, Date.now()),
      received: (chunk) => seed.receive(chunk, Date.now()),
      ended: (closing) => seed.disconnected(closing, Date.now()),
    });
  }

  #announce(torrent: Torrent, order: AnnounceOrder): void {
    const signal = AbortSignal.any([this.#farewell.signal, this.#way.signal]);
    const options = { ...this.#fetching(), signal };
    const request = this.#announcing
      .pass(() => askTracker(order, options))
      .then((result) => {
        const now = Date.now();
        if (result.ok) torrent.answered(order, result.body, now, result.also);
        else torrent.announceFailed(order, result.fault, now);
        this.#wake();
      });
    this.#requests.add(request);
    void request.finally(() => this.#requests.delete(request));
  }

  async #changeSettings(wanted: SettingsChange): Promise<void> {
    const before = this.#session.settings;
    const change =
      wanted.proxy === undefined ? wanted : { ...wanted, proxy: withPassword(wanted.proxy, this.#proxyText) };
    if (change.proxy?.includes(`:${PASSWORD_MASK}@`)) throw new CommandFault("type the password of this proxy anew");
    // A list that can't be read is refused before anything changes.
    if (change.ipFilter !== undefined) await this.#filterBy(change.ipFilter);
    await this.#keeper.saveSettings(change);
    const isOtherWay = change.proxy !== undefined && change.proxy !== this.#proxyText;
    this.#session.changeSettings(this.#masked({ ...before, proxy: this.#proxyText, ...(change as Partial<Settings>) }));
    const { listenPort } = this.#session.settings;
    if (listenPort !== before.listenPort || isOtherWay) {
      await this.#network.listen(listenPort, this.#proxy);
    }
    if (isOtherWay) {
      this.#way.abort();
      this.#way = new AbortController();
      this.#session.hangUp("the proxy is another from now on", Date.now());
    }
    await this.#tendDiscovery();
    this.#wake();
  }

  #findNamed(torrent: Torrent, peers: readonly Endpoint[]): void {
    void findNamed(torrent, peers, this.#proxy === undefined, Date.now);
  }

  get #isNearAsked(): boolean {
    const { asksLocalNetwork, overrides } = this.#options;
    const isAlone = overrides?.bindHost !== undefined && reachOf(overrides.bindHost) === "loopback";
    return asksLocalNetwork === true && this.#proxy === undefined && !isAlone;
  }

  /** What finds peers runs where it is wanted and there are sockets for it. */
  #tendDiscovery(): Promise<void> {
    const { families, relay } = this.#network;
    this.#session.relayed(relay !== undefined);
    if (this.#session.settings.lsd && this.#isNearAsked) this.#lsd.start();
    else this.#lsd.stop();
    const isMapped = this.#session.settings.portMapping && this.#proxy === undefined;
    this.#mapping.want(isMapped ? this.#session.listenPort : undefined);
    if (!this.#session.settings.dht || families.length === 0) return this.#dht.stop();
    return this.#dht.start(families);
  }

  /** Reads the list anew. @param path - Empty: nobody is blocked. @throws CommandFault; then all is as before. */
  async #filterBy(path: string): Promise<void> {
    const { filter, words } =
      path === "" ? { filter: new IpFilter(), words: undefined } : await readIpFilter(resolve(path));
    this.#filterWords = words;
    this.#filterFault = undefined;
    this.#session.blockAddresses(filter.ipv4, filter.ipv6, Date.now());
  }

  readonly #noteFilterFault = (error: unknown): void => {
    if (!(error instanceof CommandFault)) throw error;
    this.#filterFault = `No address is blocked: ${error.message}.`;
  };

  #effective(kept: Settings): Settings {
    return this.#masked({ ...kept, ...(this.#options.overrides as Partial<Settings> | undefined) });
  }

  /** Takes the proxy that is set, and keeps its password to itself: the session's settings are shown and recorded. */
  #masked(settings: Settings): Settings {
    this.#proxyText = settings.proxy;
    const parsed = settings.proxy === "" ? undefined : parseProxy(settings.proxy);
    this.#proxy = typeof parsed === "string" ? undefined : parsed;
    return { ...settings, proxy: withoutPassword(settings.proxy) };
  }

  #tellInterfaces(): void {
    const since = Date.now() - HIDDEN_EVERY;
    for (const client of this.#interfaces) if (!client.isHidden || client.toldAt <= since) this.#tell(client);
  }

  #tell(client: Client): void {
    const now: Timestamp = Date.now();
    client.toldAt = now;
    const update = client.watcher.update(this.#sessionView(), now);
    if (update !== undefined) client.deliver(update);
  }

  #sessionView(): SessionView {
    const session = this.#session;
    let downRate = 0;
    let upRate = 0;
    const dhtNodes = this.#dht.nodes;
    for (const torrent of session.torrents.values()) {
      if (torrent.activity.kind !== "running") continue;
      downRate += torrent.down.rate;
      upRate += torrent.up.rate;
    }
    return {
      version: VERSION,
      ...(session.listenPort === undefined ? {} : { listenPort: session.listenPort }),
      mapping: this.#mapping.view(),
      downRate,
      upRate,
      connections: session.connections,
      settings: session.settings,
      refused: [...session.refused],
      ...(dhtNodes === undefined ? {} : { dhtNodes }),
      ...(this.#filterWords === undefined ? {} : { ipFilter: this.#filterWords }),
      bans: session.bans.size,
      banChanges: session.bans.changes,
      notices: [...this.#keeper.notices, this.#network.words, this.#filterFault].filter((words) => words !== undefined),
    };
  }
}
