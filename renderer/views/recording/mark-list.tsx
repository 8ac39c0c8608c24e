import { Popover } from "@base-ui/react/popover";
import { ListOrdered } from "lucide-react";
import type { Mark } from "../../../core/contract/recording/frames.ts";
import type { Timestamp } from "../../../core/model/units.ts";
import { formatStretch } from "../../format/stretch.ts";
import { say } from "../../words/say.ts";

/** More than anybody reads at once; around the time that is looked at. */
const LISTED = 200;

/** What happened, in words, each a way there. */
export function MarkList({
  marks,
  at,
  start,
  onChoose,
}: {
  marks: readonly Mark[];
  at: Timestamp;
  start: Timestamp;
  onChoose: (mark: Mark) => void;
}) {
  const here = marks.findIndex((mark) => mark.at >= at);
  const first = Math.max(0, Math.min((here < 0 ? marks.length : here) - LISTED / 2, marks.length - LISTED));
  const listed = marks.slice(first, first + LISTED).map((mark, place) => ({ mark, number: first + place }));
  return (
    <Popover.Root>
      <Popover.Trigger className="button button-plain button-small" data-testid="past-marks">
        <ListOrdered size={13} aria-hidden="true" />
        {say.recording.markCount(marks.length)}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={8} side="top" align="end" collisionPadding={12} className="popover-positioner">
          <Popover.Popup className="popover past-marks">
            <Popover.Title className="popover-title">{say.recording.marks}</Popover.Title>
            <ol>
              {listed.map(({ mark, number }) => (
                <li key={number}>
                  <button type="button" data-kind={mark.kind} data-testid="past-mark" onClick={() => onChoose(mark)}>
                    <span className="past-mark-time">{formatStretch(mark.at - start)}</span>
                    <span className="past-mark-kind">{say.recording.mark[mark.kind]}</span>
                    <span className="past-mark-text">{mark.text}</span>
                  </button>
                </li>
              ))}
            </ol>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
