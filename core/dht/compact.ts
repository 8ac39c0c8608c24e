import { writeEndpoint } from "../model/address.ts";
import { type Endpoint, readCompactIpv4, readCompactIpv6 } from "../model/endpoint.ts";
import type { Bytes } from "../model/units.ts";
import type { Contact, Family } from "./message.ts";
import { ID_LENGTH } from "./node-id.ts";

/** Bytes of an address with its port. */
export const ENDPOINT_LENGTH: Readonly<Record<Family, Bytes>> = { ipv4: 6, ipv6: 18 };
/** Bytes of a node: its id, then its address. */
export const CONTACT_LENGTH: Readonly<Record<Family, Bytes>> = { ipv4: 26, ipv6: 38 };

/** Reads 6 or 18 bytes. @returns Undefined for any other number of them, and for port 0. */
export function readEndpoint(bytes: Uint8Array): Endpoint | undefined {
  if (bytes.length === ENDPOINT_LENGTH.ipv4) return readCompactIpv4(bytes)[0];
  return bytes.length === ENDPOINT_LENGTH.ipv6 ? readCompactIpv6(bytes)[0] : undefined;
}

/** Nodes of one family, one after the other. */
export function writeContacts(contacts: readonly Contact[], family: Family): Uint8Array {
  const length = CONTACT_LENGTH[family];
  const bytes = new Uint8Array(contacts.length * length);
  contacts.forEach((contact, at) => {
    bytes.set(contact.id, at * length);
    bytes.set(writeEndpoint(contact), at * length + ID_LENGTH);
  });
  return bytes;
}

/** Reads whole entries; those without a port are passed over. The ids are copies. */
export function readContacts(bytes: Uint8Array, family: Family): Contact[] {
  const length = CONTACT_LENGTH[family];
  const contacts: Contact[] = [];
  for (let at = 0; at + length <= bytes.length; at += length) {
    const endpoint = readEndpoint(bytes.subarray(at + ID_LENGTH, at + length));
    if (endpoint !== undefined) contacts.push({ id: bytes.slice(at, at + ID_LENGTH), ...endpoint });
  }
  return contacts;
}
