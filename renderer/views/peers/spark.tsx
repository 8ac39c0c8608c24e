import { memo, useLayoutEffect, useRef, useSyncExternalStore } from "react";
import { formatRate } from "../../format/units.ts";
import { RATE_SAMPLES, type RateTrail } from "../../store/rate-history.ts";
import { say } from "../../words/say.ts";
import { useRates } from "../app-context.tsx";
import { useScheme } from "../use-scheme.ts";
import { usePixelRatio, useSize } from "../use-size.ts";

const HEIGHT = 18;
/** What fills the height at least, in bytes a second: keep-alives are no mountains. */
const LEAST_SCALE = 4096;

/** The rates of a peer over the last two minutes: what it gave as an area, what it took as a line. */
export const Spark = memo(function Spark({ peer }: { peer: number }) {
  const rates = useRates();
  const version = useSyncExternalStore(rates.subscribe, rates.version);
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useSize(frame);
  const ratio = usePixelRatio();
  const scheme = useScheme();
  const trail = rates.trailOf(peer);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the trail is one that changes in place, and colours come with the scheme
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context || trail === undefined || width === 0) return;
    canvas.current.width = Math.round(width * ratio);
    canvas.current.height = Math.round(HEIGHT * ratio);
    const { color, outlineColor } = getComputedStyle(canvas.current);
    draw(context, trail, ratio, { down: color, up: outlineColor });
  }, [trail, version, width, ratio, scheme]);
  const label = trail === undefined ? "" : say.peers.ratesOf(most(trail.down), most(trail.up));
  return (
    <div ref={frame} className="spark-frame" title={label}>
      <canvas ref={canvas} className="spark" role="img" aria-label={label} data-testid="spark" />
    </div>
  );
});

function most(samples: Float32Array): string {
  return formatRate(samples.reduce((highest, rate) => Math.max(highest, rate), 0));
}

function draw(
  context: CanvasRenderingContext2D,
  { down, up }: RateTrail,
  ratio: number,
  colours: { readonly down: string; readonly up: string },
): void {
  const { width, height } = context.canvas;
  const scale = [...down, ...up].reduce((highest, rate) => Math.max(highest, rate), LEAST_SCALE);
  const x = (sample: number) => (sample / (RATE_SAMPLES - 1)) * width;
  const y = (rate: number) => height - ratio - (rate / scale) * (height - 3 * ratio);
  const line = (samples: Float32Array) => {
    context.beginPath();
    samples.forEach((rate, sample) => {
      context.lineTo(x(sample), y(rate));
    });
  };
  context.lineWidth = 1.25 * ratio;
  context.lineJoin = "round";
  line(down);
  context.strokeStyle = colours.down;
  context.stroke();
  context.lineTo(width, height);
  context.lineTo(0, height);
  context.globalAlpha = 0.22;
  context.fillStyle = colours.down;
  context.fill();
  context.globalAlpha = 1;
  if (up.every((rate) => rate < 1)) return;
  line(up);
  context.strokeStyle = colours.up;
  context.stroke();
}
