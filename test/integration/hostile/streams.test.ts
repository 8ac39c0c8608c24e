import { connect, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { dialTcp, listenTcp } from "../../../core/runtime/net/tcp.ts";

/** What the heart keeps of a chunk with `slice` must be its own: a Buffer's `slice` is a view on what is overwritten. */

test("what is kept of a dialled socket's bytes stays when another socket is read", async () => {
  const kept: Uint8Array[] = [];
  for (const text of ["first of all", "and then more"]) {
    const server = createServer((socket) => socket.end(text));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const address = server.address() as { port: number };
    await new Promise<void>((resolve) => {
      dialTcp({ host: "127.0.0.1", port: address.port }, undefined, {
        connected: () => {},
        received: (chunk) => {
          kept.push(chunk.slice());
        },
        ended: () => resolve(),
      });
    });
  }
  expect(kept.map((bytes) => Buffer.from(bytes).toString())).toEqual(["first of all", "and then more"]);
});

test("bytes of an accepted socket are plain bytes", async () => {
  const chunk = await new Promise<Uint8Array>((resolve, reject) => {
    listenTcp("127.0.0.1", 0, () => ({ received: (bytes) => resolve(bytes.slice()), ended: () => {} })).then(
      (listener) => {
        const socket = connect(listener.port, "127.0.0.1", () => socket.end("hello"));
        onTestFinished(() => listener.close());
      },
      reject,
    );
  });
  expect(chunk.constructor).toBe(Uint8Array);
  expect(Buffer.from(chunk).toString()).toBe("hello");
});
