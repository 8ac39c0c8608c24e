import { memo, useLayoutEffect, useRef, useSyncExternalStore } from "react";
import type { Scheme } from "../../canvas/palette.ts";
import { formatRate } from "../../format/units.ts";
import { RATE_SAMPLES, type RateTrail } from "../../store/rate-history.ts";
import { say } from "../../words/say.ts";
import { useRates } from "../app-context.tsx";
import { useScheme } from "../use-scheme.ts";

/** Drawn at twice the size that the cell commonly has; the style sheet fits it. Measuring every row costs more than it shows. */
const WIDTH = 200;
const HEIGHT = 36;
const LINE = 2.5;
/** What fills the height at least, in bytes a second: keep-alives are no mountains. */
const LEAST_SCALE = 4096;

/** The rates of a peer over the last two minutes: what it gave as an area, what it took as a line. */
export const Spark = memo(function Spark({ peer }: { peer: number }) {
  const rates = useRates();
  const version = useSyncExternalStore(rates.subscribe, rates.version);
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useScheme();
  const trail = rates.trailOf(peer);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the trail is one that changes in place
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (canvas.current && context && trail !== undefined) draw(context, trail, inks(canvas.current, scheme));
  }, [trail, version, scheme]);
  if (trail === undefined) return null;
  const label = say.peers.ratesOf(most(trail.down), most(trail.up));
  return (
    <canvas
      ref={canvas}
      className="spark"
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={label}
      title={label}
      data-testid="spark"
    />
  );
});

interface Inks {
  readonly down: string;
  readonly up: string;
}

const inksOf = new Map<Scheme, Inks>();

/** The colours that the style sheet gives, asked for once a scheme. */
function inks(canvas: HTMLCanvasElement, scheme: Scheme): Inks {
  let known = inksOf.get(scheme);
  if (known === undefined) {
    const { color, outlineColor } = getComputedStyle(canvas);
    known = { down: color, up: outlineColor };
    inksOf.set(scheme, known);
  }
  return known;
}

function most(samples: Float32Array): string {
  return formatRate(samples.reduce((highest, rate) => Math.max(highest, rate), 0));
}

function draw(context: CanvasRenderingContext2D, { down, up }: RateTrail, colours: Inks): void {
  context.clearRect(0, 0, WIDTH, HEIGHT);
  const scale = [...down, ...up].reduce((highest, rate) => Math.max(highest, rate), LEAST_SCALE);
  const line = (samples: Float32Array) => {
    context.beginPath();
    samples.forEach((rate, sample) => {
      context.lineTo((sample / (RATE_SAMPLES - 1)) * WIDTH, HEIGHT - LINE - (rate / scale) * (HEIGHT - 2 * LINE));
    });
  };
  context.lineWidth = LINE;
  context.lineJoin = "round";
  line(down);
  context.strokeStyle = colours.down;
  context.stroke();
  context.lineTo(WIDTH, HEIGHT);
  context.lineTo(0, HEIGHT);
  context.globalAlpha = 0.22;
  context.fillStyle = colours.down;
  context.fill();
  context.globalAlpha = 1;
  if (up.every((rate) => rate < 1)) return;
  line(up);
  context.strokeStyle = colours.up;
  context.stroke();
}
