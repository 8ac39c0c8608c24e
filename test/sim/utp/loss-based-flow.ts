import type { Bytes, Millis } from "../../../core/model/units.ts";
import type { VirtualClock } from "../support/clock.ts";
import type { Path } from "./datagrams.ts";

const PACKET: Bytes = 1460;
const HEADERS: Bytes = 12;
const GIVE_UP: Millis = 1000;

/**
 * A greedy flow as TCP Reno has it: the window grows by a packet a round trip until one is lost, and is then halved.
 * Delay means nothing to it, so it fills whatever queue there is.
 */
export class LossBasedFlow {
  delivered: Bytes = 0;
  #window = 10;
  #threshold = Number.POSITIVE_INFINITY;
  #next = 0;
  readonly #inFlight = new Map<number, number>();
  #recovery = -1;
  #lastAck = 0;
  #isRunning = true;
  readonly #clock: VirtualClock;
  readonly #there: Path;
  readonly #back: Path;

  constructor(clock: VirtualClock, there: Path, back: Path) {
    this.#clock = clock;
    this.#there = there;
    this.#back = back;
    this.#lastAck = clock.now;
    this.#send();
    this.#watch();
  }

  stop(): void {
    this.#isRunning = false;
  }

  #send(): void {
    while (this.#isRunning && this.#inFlight.size < this.#window) {
      const number = this.#next++;
      this.#inFlight.set(number, this.#clock.now);
      this.#there.carry(PACKET + HEADERS, () => {
        this.delivered += PACKET;
        this.#back.carry(HEADERS + 20, () => this.#acked(number));
      });
    }
  }

  #acked(number: number): void {
    this.#lastAck = this.#clock.now;
    if (!this.#inFlight.delete(number)) return;
    if (this.#window < this.#threshold) this.#window++;
    else this.#window += 1 / this.#window;
    for (const other of this.#inFlight.keys()) {
      if (other > number - 3) break;
      this.#inFlight.delete(other);
      if (other <= this.#recovery) continue;
      this.#recovery = this.#next - 1;
      this.#window = Math.max(2, this.#window / 2);
      this.#threshold = this.#window;
    }
    this.#send();
  }

  #watch(): void {
    this.#clock.after(GIVE_UP / 2, () => {
      if (!this.#isRunning) return;
      if (this.#clock.now - this.#lastAck > GIVE_UP) {
        this.#lastAck = this.#clock.now;
        this.#threshold = Math.max(2, this.#window / 2);
        this.#window = 2;
        this.#inFlight.clear();
        this.#send();
      }
      this.#watch();
    });
  }
}
