import { readFile } from "node:fs/promises";
import { type CountryResponse, Reader } from "mmdb-lib";
import { isLocalHost } from "../model/address.ts";

/** Addresses whose answer is remembered: those that a screen shows, many times over. */
const REMEMBERED = 10_000;

/** A record of this database; the package's own types are of MaxMind's. */
interface CountryRecord {
  readonly country_code?: string;
}

/**
 * Says in which country an address is registered, by a database that ships with the program (geo-whois-asn-country,
 * CC0). It is read when somebody asks first; until it is there, and where it is missing, nothing is known. What it says
 * decorates what interfaces are told, so it reaches neither the session nor its records.
 */
export class Countries {
  readonly #file: URL;
  readonly #known = new Map<string, string | undefined>();
  #reader: Reader<CountryResponse> | undefined;
  #opening: Promise<void> | undefined;

  /** @param file - The database, in MaxMind's format. */
  constructor(file: URL) {
    this.#file = file;
  }

  /** Resolves once the database is read, or found missing. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** @returns ISO 3166-1 alpha-2; undefined for local addresses, names, and what nobody knows. */
  of(host: string): string | undefined {
    if (this.#known.has(host)) return this.#known.get(host);
    // Who meets nobody but neighbours needs no database.
    const isLocal = isLocalHost(host);
    if (!isLocal && this.#reader === undefined) {
      void this.open();
      return undefined;
    }
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    const country = isLocal || this.#reader === undefined ? undefined : lookUp(this.#reader, host);
    this.#known.set(host, country);
    return country;
  }

  async #open(): Promise<void> {
    try {
      this.#reader = new Reader<CountryResponse>(await readFile(this.#file));
    } catch {
      // It is an ornament: without it the column is empty.
    }
  }
}

function lookUp(reader: Reader<CountryResponse>, host: string): string | undefined {
  try {
    const code = (reader.get(host) as CountryRecord | null)?.country_code;
    return code !== undefined && /^[A-Z]{2}$/.test(code) ? code : undefined;
  } catch {
    // A web seed has a name, which is no address.
    return undefined;
  }
}
