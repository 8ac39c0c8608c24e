import { type KeyboardEvent, type PointerEvent, type RefObject, useState } from "react";
import { LEAST_LIST_SHARE, limitedShare, MOST_LIST_SHARE } from "../store/preferences.ts";
import { say } from "../words/say.ts";

const KEY_STEP = 0.03;

/**
 * Divides the height between list and details: by pointer, by arrow keys, by Home and End.
 * A double click or Enter lets the list take what it needs again.
 */
export function Splitter({
  container,
  share,
  onShare,
}: {
  container: RefObject<HTMLElement | null>;
  /** Undefined: the list takes what it needs. */
  share: number | undefined;
  onShare: (share: number | undefined) => void;
}) {
  const [isDragged, setDragged] = useState(false);

  /** The share of the container's height that is above a point of the window. */
  function shareAbove(y: number): number {
    const box = container.current?.getBoundingClientRect();
    return box === undefined ? LEAST_LIST_SHARE : limitedShare((y - box.top) / box.height);
  }

  function drag(event: PointerEvent<HTMLDivElement>): void {
    if (isDragged) onShare(shareAbove(event.clientY));
  }

  function handleKey(event: KeyboardEvent<HTMLDivElement>): void {
    const now = shareAbove(event.currentTarget.getBoundingClientRect().top);
    const next = {
      ArrowUp: now - KEY_STEP,
      ArrowDown: now + KEY_STEP,
      Home: LEAST_LIST_SHARE,
      End: MOST_LIST_SHARE,
    }[event.key];
    if (next === undefined && event.key !== "Enter") return;
    event.preventDefault();
    onShare(next === undefined ? undefined : limitedShare(next));
  }

  return (
    <div
      className="splitter"
      role="separator"
      tabIndex={0}
      aria-label={say.frame.listHeight}
      aria-orientation="horizontal"
      aria-valuenow={Math.round((share ?? LEAST_LIST_SHARE) * 100)}
      aria-valuetext={share === undefined ? say.frame.asHighAsRows : undefined}
      aria-valuemin={LEAST_LIST_SHARE * 100}
      aria-valuemax={MOST_LIST_SHARE * 100}
      data-dragged={isDragged}
      data-testid="splitter"
      onKeyDown={handleKey}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragged(true);
      }}
      onPointerMove={drag}
      onDoubleClick={() => onShare(undefined)}
      onPointerUp={() => setDragged(false)}
      onPointerCancel={() => setDragged(false)}
    />
  );
}
