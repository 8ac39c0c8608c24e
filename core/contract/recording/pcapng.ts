import { addressBytes } from "../../model/address.ts";
import { concatBytes } from "../../model/bytes.ts";
import { type Endpoint, formatEndpoint } from "../../model/endpoint.ts";
import type { Timestamp } from "../../model/units.ts";
import type { StreamStart, WireRecord } from "./frames.ts";
import { type Packet, TcpConversation } from "./segments.ts";

/** What we are in a capture: addresses of RFC 5737 and RFC 3849, since nobody told us which one of ours it was. */
const OURS = { ipv4: "192.0.2.1", ipv6: "2001:db8::1" } as const;
/** Where others reach us there; and, when we dialled, the first of the ports that systems choose. */
const OUR_PORT = 6881;
const DIALLING_PORT = 49_152;
const DIALLING_PORTS = 16_384;

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const PACKET = 6;
const ETHERNET = 1;
const COMMENT = 1;
const APPLICATION = 4;
const NAME = 2;

/**
 * Writes what was said with one peer as a capture that Wireshark opens and dissects as BitTorrent.
 *
 * The messages are in plain, whatever the connection was; TCP around them is made up, also where it was uTP. Payload of
 * blocks is cut off, as by a snap length: packets know how long they were.
 *
 * @param records - Messages of this peer, in order.
 * @returns Parts of the file, in order.
 * @see the pcapng draft of the IETF, sections 4.1 to 4.3
 */
export function* pcapng(stream: StreamStart, records: Iterable<WireRecord>, version: string): Generator<Uint8Array> {
  const isIpv6 = addressBytes(stream.host)?.length === 16;
  const them: Endpoint = { host: stream.host, port: stream.port };
  const weDialled = stream.direction === "outgoing";
  const us: Endpoint = {
    host: isIpv6 ? OURS.ipv6 : OURS.ipv4,
    port: weDialled ? DIALLING_PORT + (stream.peer % DIALLING_PORTS) : OUR_PORT,
  };
  const words =
    `What Peerscope and ${formatEndpoint(them)}${stream.client === undefined ? "" : ` (${stream.client})`} said, over ` +
    `${stream.transport === "utp" ? "uTP" : "TCP"}. TCP here is made up, and so is our address ${formatEndpoint(us)}; ` +
    "messages are in plain, payload of blocks is left out.";
  yield sectionHeader(words, `Peerscope ${version}`);
  yield interfaceDescription("peerscope");
  const conversation = weDialled ? new TcpConversation(us, them) : new TcpConversation(them, us);
  /** Which end of the conversation it is. */
  const end = (way: 0 | 1): 0 | 1 => ((way === 1) === weDialled ? 0 : 1);
  const opening = [
    ...conversation.open(),
    ...conversation.say(0, weDialled ? stream.ours : stream.theirs, 0),
    ...conversation.say(1, weDialled ? stream.theirs : stream.ours, 0),
  ];
  for (const packet of opening) yield enhancedPacket(packet, stream.openedAt);
  for (const [, way, at, bytes, payload] of records) {
    for (const packet of conversation.say(end(way), bytes, payload)) yield enhancedPacket(packet, at);
  }
}

function sectionHeader(comment: string, application: string): Uint8Array {
  const fixed = new Uint8Array(16);
  const view = new DataView(fixed.buffer);
  view.setUint32(0, 0x1a2b3c4d, true);
  view.setUint16(4, 1, true);
  // The section's length: not told.
  view.setBigInt64(8, -1n, true);
  return block(SECTION, fixed, option(COMMENT, comment), option(APPLICATION, application), END_OF_OPTIONS);
}

function interfaceDescription(name: string): Uint8Array {
  const fixed = new Uint8Array(8);
  new DataView(fixed.buffer).setUint16(0, ETHERNET, true);
  return block(INTERFACE, fixed, option(NAME, name), END_OF_OPTIONS);
}

function enhancedPacket({ bytes, length }: Packet, at: Timestamp): Uint8Array {
  const fixed = new Uint8Array(20);
  const view = new DataView(fixed.buffer);
  const micros = BigInt(Math.round(at * 1000));
  view.setUint32(4, Number(micros >> 32n), true);
  view.setUint32(8, Number(micros & 0xffff_ffffn), true);
  view.setUint32(12, bytes.length, true);
  view.setUint32(16, length, true);
  return block(PACKET, fixed, padded(bytes));
}

const END_OF_OPTIONS = new Uint8Array(4);

function option(code: number, text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const head = new Uint8Array(4);
  const view = new DataView(head.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, bytes.length, true);
  return concatBytes(head, padded(bytes));
}

/** To whole words of 32 bits. */
function padded(bytes: Uint8Array): Uint8Array {
  return bytes.length % 4 === 0 ? bytes : concatBytes(bytes, new Uint8Array(4 - (bytes.length % 4)));
}

function block(kind: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...parts);
  const bytes = new Uint8Array(body.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, kind, true);
  view.setUint32(4, bytes.length, true);
  bytes.set(body, 8);
  view.setUint32(bytes.length - 4, bytes.length, true);
  return bytes;
}
