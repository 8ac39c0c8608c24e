import { expect, test } from "vitest";
import { UdpSocket } from "../../../core/runtime/net/udp-socket.ts";
import { until } from "../../setup/until.ts";

test("a datagram to a port that is none is lost, as others are, and the next arrives", async () => {
  const heard: string[] = [];
  const receivers = { utp: (datagram: Uint8Array) => heard.push(Buffer.from(datagram).toString()) };
  const socket = await UdpSocket.open("127.0.0.1", 0, receivers);
  try {
    for (const port of [0, -1, 65_536, 1.5, Number.NaN]) {
      socket.send(Buffer.from("lost"), { host: "127.0.0.1", port });
    }
    socket.send(Buffer.from("found"), { host: "127.0.0.1", port: socket.port });
    await until(() => heard.length > 0);
    expect(heard).toEqual(["found"]);
  } finally {
    socket.close();
  }
});
