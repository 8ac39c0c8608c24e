import type { Timestamp } from "../../../core/model/units.ts";
import type { TimelineGeometry } from "../../canvas/timeline.ts";
import { type BandName, momentAt } from "../../format/peer-bands.ts";
import { formatClock, formatCount, formatDistance, formatRate, formatRoundTrip, NOTHING } from "../../format/units.ts";
import type { LifeHistory } from "../../store/peer-life.ts";
import { say } from "../../words/say.ts";

const WIDTH = 226;
const GAP = 14;

/** All that is known of the moment under the pointer, beside it. */
export function TimelineReadout({
  at,
  x,
  geometry,
  history,
  bands,
  until,
}: {
  at: Timestamp;
  x: number;
  geometry: TimelineGeometry;
  history: LifeHistory;
  bands: readonly BandName[];
  until: Timestamp;
}) {
  const moment = momentAt(history, at);
  const isRight = x + GAP + WIDTH > geometry.width;
  const { lines } = say.peer;
  const values: readonly (readonly [string, string])[] = [
    [lines.down, formatRate(moment.down)],
    [lines.up, formatRate(moment.up)],
    [lines.outstanding, formatCount(Math.round(moment.outstanding))],
    [lines.waiting, formatCount(Math.round(moment.waiting))],
    [lines.roundTrip, moment.roundTrip === undefined ? NOTHING : formatRoundTrip(moment.roundTrip)],
  ];
  return (
    <>
      <div className="timeline-cursor" style={{ transform: `translateX(${x}px)`, height: geometry.axisTop }} />
      <div
        className="life-readout"
        role="status"
        data-testid="timeline-readout"
        style={{ width: WIDTH, transform: `translateX(${isRight ? x - GAP - WIDTH : x + GAP}px)` }}
      >
        <p className="life-readout-title">{say.peer.at(formatClock(at), formatDistance(at, until))}</p>
        <dl>
          {bands.map((band) => {
            const holds = moment.isOpen && moment.holds.has(band);
            return (
              <div key={band} data-band={band} data-holds={holds}>
                <dt>{say.peer.bands[band]}</dt>
                <dd>{holds ? say.peer.holds : say.peer.holdsNot}</dd>
              </div>
            );
          })}
          {values.map(([title, value]) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </>
  );
}
