import { type KeyboardEvent, type PointerEvent, type RefObject, useState } from "react";
import { LEAST_LIST_SHARE, limitedShare, MOST_LIST_SHARE } from "../store/preferences.ts";

const KEY_STEP = 0.03;

/** Divides the height between list and details: by pointer, by arrow keys, by Home and End. */
export function Splitter({
  container,
  share,
  onShare,
}: {
  container: RefObject<HTMLElement | null>;
  share: number;
  onShare: (share: number) => void;
}) {
  const [isDragged, setDragged] = useState(false);

  function drag(event: PointerEvent<HTMLDivElement>): void {
    const box = container.current?.getBoundingClientRect();
    if (!isDragged || box === undefined) return;
    onShare(limitedShare((event.clientY - box.top) / box.height));
  }

  function handleKey(event: KeyboardEvent): void {
    const next = {
      ArrowUp: share - KEY_STEP,
      ArrowDown: share + KEY_STEP,
      Home: LEAST_LIST_SHARE,
      End: MOST_LIST_SHARE,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onShare(limitedShare(next));
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: <hr> can't be a window splitter
    <div
      className="splitter"
      role="separator"
      tabIndex={0}
      aria-label="Height of the torrent list"
      aria-orientation="horizontal"
      aria-valuenow={Math.round(share * 100)}
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
      onPointerUp={() => setDragged(false)}
      onPointerCancel={() => setDragged(false)}
    />
  );
}
