import { readFile, writeFile } from "node:fs/promises";
import type { StreamStart } from "../../contract/recording/frames.ts";
import { pcapng } from "../../contract/recording/pcapng.ts";
import { openRecording, type Recording } from "../../contract/recording/recording.ts";
import { displayText } from "../../metainfo/display-text.ts";
import { formatEndpoint } from "../../model/endpoint.ts";
import { Failure, wordsOf } from "./faults.ts";
import type { Terminal } from "./terminal.ts";

export interface PcapOptions {
  readonly recording: string;
  /** The number of a connection, or an address; undefined: they are listed. */
  readonly peer?: string;
  readonly output?: string;
}

/** Writes what was said with one peer of a recording as a capture for Wireshark, or lists whose words there are. */
export async function pcap({ recording: file, peer, output }: PcapOptions, terminal: Terminal): Promise<number> {
  const recording = await opened(file);
  if (peer === undefined) {
    for (const stream of recording.streams) terminal.write(`${line(stream)}\n`);
    if (recording.streams.length === 0) terminal.write("Nobody said anything while it was recorded.\n");
    return 0;
  }
  const named = recording.streams.filter((stream) => String(stream.peer) === peer || formatEndpoint(stream) === peer);
  const [stream, other] = named;
  if (stream === undefined) throw new Failure(`${file}: ${peer} is not in it; without --peer those who are get listed`);
  if (other !== undefined) {
    const numbers = named.map((one) => one.peer).join(", ");
    throw new Failure(`${file}: ${peer} was connected several times; name one of the connections ${numbers}`);
  }
  const to = output ?? `${file}-${stream.peer}.pcapng`;
  const parts = [...pcapng(stream, recording.wire(stream.peer), recording.head.version)];
  try {
    await writeFile(to, Buffer.concat(parts), { mode: 0o600 });
  } catch (error) {
    throw new Failure(wordsOf(error), { cause: error });
  }
  terminal.write(`${displayText(to)}\n`);
  return 0;
}

async function opened(file: string): Promise<Recording> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new Failure(wordsOf(error), { cause: error });
  }
  const recording = openRecording(bytes);
  if (typeof recording === "string") throw new Failure(`${file}: ${recording}`);
  return recording;
}

function line(stream: StreamStart): string {
  const { peer, direction, transport, client = "unknown client", openedAt } = stream;
  return `${peer}\t${formatEndpoint(stream)}\t${direction} ${transport}\t${new Date(openedAt).toISOString()}\t${displayText(client)}`;
}
