import { partyOf } from "../model/address.ts";
import { bytesEqual } from "../model/bytes.ts";
import { type Endpoint, formatEndpoint } from "../model/endpoint.ts";
import type { Timestamp } from "../model/units.ts";
import type { Answer, Contact, Question } from "./message.ts";
import { ownedNetwork } from "./network.ts";
import { compareDistance, mayHaveId, type NodeId } from "./node-id.ts";
import { BUCKET_SIZE } from "./routing-table.ts";
import type { Asker } from "./rpc.ts";

/** Questions under way at once; those that take long are not counted. */
const PARALLEL = 4;
/** A lookup among millions takes thirty or so. */
const MAX_QUESTIONS = 150;
/** Candidates kept, the closest; of those whose id is their own choice fewer, else liars could crowd out the rest. */
const MAX_CANDIDATES = 64;
const MAX_IMPROPER = 12;

/** A node that would take an announce. */
export interface Taker extends Contact {
  readonly token: Uint8Array;
}

/** What a lookup needs around it. */
export interface LookupSurroundings {
  /** See `Rpc.ask`. */
  ask(to: Endpoint, question: Question, asker: Asker, now: Timestamp): boolean;
  /** An answer to the question, with whatever it holds. */
  heard(answer: Answer, from: Endpoint, now: Timestamp): void;
  /** Once: nobody closer is to be asked. */
  done(lookup: Lookup, now: Timestamp): void;
}

interface Candidate extends Endpoint {
  /** Undefined for a place that was named without: it is asked first. */
  readonly id: NodeId | undefined;
  readonly isProper: boolean;
  /** What it is known by in the search. */
  readonly keys: readonly string[];
  state: "new" | "asked" | "slow" | "answered" | "failed";
  token: Uint8Array | undefined;
}

/**
 * The search for the nodes closest to a target, of one family: those that are known are asked for closer ones, until
 * the closest of all have answered.
 *
 * Nodes whose id is not bound to their address are asked too, but the search does not end with them, and they can't
 * crowd out the others (BEP 42). No address, and no network of one owner, is asked twice.
 */
export class Lookup {
  readonly target: NodeId;
  readonly question: Question;
  readonly ownId: NodeId;
  asked = 0;
  answered = 0;
  readonly startedAt: Timestamp;
  readonly #surroundings: LookupSurroundings;
  /** Closest first, those without an id before all. */
  readonly #candidates: Candidate[] = [];
  /** Addresses, parties and networks that have their candidate. */
  readonly #known = new Set<string>();
  #isDone = false;

  constructor(
    target: NodeId,
    question: Question,
    ownId: NodeId,
    surroundings: LookupSurroundings,
    startedAt: Timestamp,
  ) {
    this.target = target;
    this.question = question;
    this.ownId = ownId;
    this.#surroundings = surroundings;
    this.startedAt = startedAt;
  }

  /** @param places - To begin with, beside `contacts`, when nothing more is known of them. */
  start(contacts: readonly Contact[], places: readonly Endpoint[], now: Timestamp): void {
    for (const place of places) this.#add(place, undefined);
    for (const contact of contacts) this.#add(contact, contact.id);
    this.#proceed(now);
  }

  /**
   * Whom to announce to: the closest that gave a token, and of those whose id is their own choice at most as many as
   * are closer still and few enough to be of no weight.
   */
  get takers(): readonly Taker[] {
    const takers = this.#candidates.filter(({ state, token }) => state === "answered" && token !== undefined);
    const proper = takers.filter(({ isProper }) => isProper).slice(0, BUCKET_SIZE);
    const last = proper.length < BUCKET_SIZE ? takers.length : takers.indexOf(proper.at(-1) as Candidate);
    const improper = takers.slice(0, last).filter(({ isProper }) => !isProper);
    return [...proper, ...improper.slice(0, BUCKET_SIZE)] as (Candidate & Taker)[];
  }

  #proceed(now: Timestamp): void {
    if (this.#isDone) return;
    let underWay = 0;
    let slow = 0;
    for (const { state } of this.#candidates) {
      if (state === "asked") underWay++;
      else if (state === "slow") slow++;
    }
    let free = PARALLEL - underWay;
    let better = 0;
    for (const candidate of [...this.#candidates]) {
      if (better >= BUCKET_SIZE || free <= 0) break;
      const { state, isProper } = candidate;
      if (state === "answered" && isProper) better++;
      if (state !== "new" || this.asked >= MAX_QUESTIONS) continue;
      if (this.#ask(candidate, now)) {
        free--;
        underWay++;
      }
    }
    if (underWay > 0 || (slow > 0 && better < BUCKET_SIZE)) return;
    this.#isDone = true;
    this.#surroundings.done(this, now);
  }

  #ask(candidate: Candidate, now: Timestamp): boolean {
    candidate.state = "asked";
    const isAsked = this.#surroundings.ask(
      candidate,
      this.question,
      {
        answered: (answer, later) => {
          this.answered++;
          this.#heard(candidate, answer);
          this.#surroundings.heard(answer, candidate, later);
          this.#proceed(later);
        },
        slow: (later) => {
          candidate.state = "slow";
          this.#proceed(later);
        },
        failed: (later) => {
          candidate.state = "failed";
          this.#proceed(later);
        },
      },
      now,
    );
    if (isAsked) this.asked++;
    else candidate.state = "failed";
    return isAsked;
  }

  /** It has the place of the name that it gives itself, whatever others call it. */
  #heard(candidate: Candidate, { id, token, nodes }: Answer): void {
    const at = this.#candidates.indexOf(candidate);
    if (at >= 0) this.#candidates.splice(at, 1);
    const { host, port } = candidate;
    this.#place({ host, port, id, isProper: mayHaveId(host, id), keys: candidate.keys, state: "answered", token });
    for (const contact of nodes) this.#add(contact, contact.id);
  }

  #add({ host, port }: Endpoint, id: NodeId | undefined): void {
    if (id !== undefined && bytesEqual(id, this.ownId)) return;
    const isProper = id !== undefined && mayHaveId(host, id);
    // Whoever names an address with a false id must not keep its owner out.
    const sort = isProper ? "proper" : "other";
    const keys = [formatEndpoint({ host, port }), partyOf({ host, port }), ownedNetwork(host)].flatMap((key) =>
      key === undefined ? [] : `${sort} ${key}`,
    );
    if (keys.some((key) => this.#known.has(key))) return;
    for (const key of keys) this.#known.add(key);
    this.#place({ host, port, id, isProper, keys, state: "new", token: undefined });
  }

  /** The farthest that was not asked makes room. */
  #place(candidate: Candidate): void {
    const candidates = this.#candidates;
    let at = candidates.length;
    while (at > 0 && this.#isBefore(candidate, candidates[at - 1] as Candidate)) at--;
    candidates.splice(at, 0, candidate);
    const most = candidate.isProper ? MAX_CANDIDATES : MAX_IMPROPER;
    let count = 0;
    for (const other of candidates) if (other.isProper === candidate.isProper) count++;
    if (count <= most) return;
    const last = candidates.findLastIndex((other) => other.isProper === candidate.isProper && other.state === "new");
    if (last < 0) return;
    for (const dropped of candidates.splice(last, 1)) for (const key of dropped.keys) this.#known.delete(key);
  }

  #isBefore(a: Candidate, b: Candidate): boolean {
    if (a.id === undefined || b.id === undefined) return a.id === undefined && b.id !== undefined;
    return compareDistance(this.target, a.id, b.id) < 0;
  }
}
