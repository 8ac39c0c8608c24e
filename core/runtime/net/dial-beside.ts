import type { Closing } from "../../model/close-reason.ts";
import type { Transport } from "../../model/peer-face.ts";
import type { Millis } from "../../model/units.ts";
import type { PeerLink } from "../../peer/ports.ts";
import type { StreamEvents } from "./tcp.ts";

/** TCP answers within this nearly everywhere where it answers at all; a lost SYN takes a second. */
const HEAD_START: Millis = 1_200;

/** Dials one way. @returns Gives up: nothing is reported after it. */
export type Dial = (events: StreamEvents) => () => void;

/** As {@link StreamEvents}, for a connection that came to be one way or the other. */
export interface EitherEvents extends Omit<StreamEvents, "connected"> {
  connected(link: PeerLink, transport: Transport): void;
}

/**
 * Dials over TCP, and beside it over uTP once TCP has failed or not answered for a moment. Who is through first stays.
 * TCP costs the processor a third of what uTP does; uTP passes some routers that TCP does not.
 * @returns Gives up: nothing is reported after it.
 */
export function dialBeside(tcp: Dial, utp: Dial, events: EitherEvents): () => void {
  const faults: Closing[] = [];
  let winner: Transport | undefined;
  let giveUpUtp: (() => void) | undefined;
  const giveUpTcp = tcp(eventsOf("tcp"));
  let timer: NodeJS.Timeout | undefined = setTimeout(begin, HEAD_START);

  function begin(): void {
    clearTimeout(timer);
    timer = undefined;
    giveUpUtp ??= utp(eventsOf("utp"));
  }

  function eventsOf(transport: Transport): StreamEvents {
    return {
      connected: (link) => {
        winner = transport;
        clearTimeout(timer);
        if (transport === "tcp") giveUpUtp?.();
        else giveUpTcp();
        events.connected(link, transport);
      },
      received: (chunk) => events.received(chunk),
      ended: (closing) => {
        if (winner === transport) return events.ended(closing);
        faults.push(closing);
        if (faults.length === 1 && giveUpUtp === undefined) begin();
        else if (faults.length === 2) events.ended(together(faults[0] as Closing, closing));
      },
    };
  }

  return () => {
    clearTimeout(timer);
    giveUpTcp();
    giveUpUtp?.();
  };
}

function together(first: Closing, second: Closing): Closing {
  return { ...first, detail: `${first.detail}; ${second.detail}` };
}
