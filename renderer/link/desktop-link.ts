import type { EngineLink } from "./engine-link.ts";

/**
 * The way to the engine of the desktop: a message port that the preload hands over by `window.postMessage`,
 * again whenever the engine was restarted. Carries Uint8Array frames.
 */
export function desktopLink(page: Window): EngineLink {
  let current: MessagePort | undefined;

  return {
    start(listener) {
      listener.onState("connecting");
      page.addEventListener("message", (event: MessageEvent<unknown>) => {
        const [port] = event.ports;
        if (event.source !== page || !isPortMessage(event.data) || port === undefined) return;
        current?.close();
        current = port;
        port.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
          if (data instanceof Uint8Array) listener.onMessage(data);
        });
        port.addEventListener("close", () => {
          if (current !== port) return;
          current = undefined;
          listener.onState("lost");
        });
        port.start();
        listener.onState("open");
      });
    },
    send(bytes) {
      current?.postMessage(bytes);
    },
  };
}

function isPortMessage(data: unknown): boolean {
  return typeof data === "object" && data !== null && "kind" in data && data.kind === "peerscope-port";
}
