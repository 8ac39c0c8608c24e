import type { EngineLink, LinkListener } from "./engine-link.ts";

/** First wait before connecting again; doubles up to {@link LONGEST_WAIT}. Milliseconds. */
const SHORTEST_WAIT = 500;
const LONGEST_WAIT = 5000;

/**
 * The way to the engine of a web host: a WebSocket to `/engine` of our own origin. The cookie that the host set
 * when the page was opened with its token goes along by itself.
 *
 * @param address - The socket's URL, see {@link engineAddress}.
 */
export function webLink(address: string): EngineLink {
  let socket: WebSocket | undefined;
  let wait = SHORTEST_WAIT;

  function connect(listener: LinkListener): void {
    const opening = new WebSocket(address);
    opening.binaryType = "arraybuffer";
    opening.addEventListener("open", () => {
      socket = opening;
      wait = SHORTEST_WAIT;
      listener.onState("open");
    });
    opening.addEventListener("message", (event: MessageEvent<unknown>) => {
      if (event.data instanceof ArrayBuffer) listener.onMessage(new Uint8Array(event.data));
    });
    // An error is always followed by a close.
    opening.addEventListener("close", () => {
      socket = undefined;
      listener.onState("lost");
      setTimeout(() => connect(listener), wait);
      wait = Math.min(2 * wait, LONGEST_WAIT);
    });
  }

  return {
    start(listener) {
      listener.onState("connecting");
      connect(listener);
    },
    send(bytes) {
      // Our codec makes plain buffers; the type also allows shared ones, which a socket can't send.
      socket?.send(bytes as Uint8Array<ArrayBuffer>);
    },
  };
}

/** `http://127.0.0.1:4000/` → `ws://127.0.0.1:4000/engine`. */
export function engineAddress(page: string): string {
  const url = new URL("/engine", page);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
