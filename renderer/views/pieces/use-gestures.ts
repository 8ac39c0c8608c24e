import { type RefObject, useEffect, useRef } from "react";
import type { SwarmGeometry } from "../../canvas/geometry.ts";
import type { Lens } from "./use-lens.ts";

/** Of a wheel's step, and of what a touchpad calls one while two fingers pinch. */
const ZOOM_A_PIXEL = 0.0022;
const PINCH_A_PIXEL = 0.012;
/** A pinch comes as a wheel with the control key and small steps. */
const WHEEL_STEP = 40;
const LINE = 16;
/** A press that moves less, in CSS pixels, is a click. */
const STILL = 4;

/** Wheel, drag and pinch over the map. @returns Whether the press that just ended was a drag, which is no click. */
export function useGestures(
  scroller: RefObject<HTMLElement | null>,
  geometry: SwarmGeometry,
  lens: Lens,
): { readonly wasDragged: () => boolean } {
  const latest = useRef({ geometry, lens });
  latest.current = { geometry, lens };
  const dragged = useRef(false);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const pointers = new Map<number, { x: number; y: number }>();
    const share = (x: number) => {
      const { plotLeft, plotWidth } = latest.current.geometry;
      return Math.min(1, Math.max(0, (x - element.getBoundingClientRect().left - plotLeft) / plotWidth));
    };

    // React listens passively to wheels, and could not keep the page from zooming.
    const wheel = (event: WheelEvent) => {
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
      const { lens: to, geometry: on } = latest.current;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const delta = event.deltaY * unit;
        const speed = Math.abs(delta) < WHEEL_STEP ? PINCH_A_PIXEL : ZOOM_A_PIXEL;
        if (event.shiftKey) to.growRows(Math.exp(-delta * speed));
        else to.zoomBy(Math.exp(-delta * speed), share(event.clientX));
        return;
      }
      const across = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
      if (across === 0) return;
      event.preventDefault();
      to.moveBy((across * unit) / on.plotWidth);
      if (!event.shiftKey) element.scrollTop += event.deltaY * unit;
    };

    const press = (event: PointerEvent) => {
      if (event.button !== 0) return;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (pointers.size === 1) dragged.current = false;
    };

    const move = (event: PointerEvent) => {
      const from = pointers.get(event.pointerId);
      if (from === undefined) return;
      const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
      if (!dragged.current && Math.hypot(dx, dy) < STILL) return;
      if (!dragged.current) {
        dragged.current = true;
        element.setPointerCapture(event.pointerId);
        element.dataset.dragged = "true";
      }
      const { lens: to, geometry: on } = latest.current;
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      if (other !== undefined) {
        const before = Math.hypot(from.x - other.x, from.y - other.y);
        const after = Math.hypot(event.clientX - other.x, event.clientY - other.y);
        if (before > 0) to.zoomBy(after / before, share((event.clientX + other.x) / 2));
      } else {
        to.moveBy(-dx / on.plotWidth);
        element.scrollTop -= dy;
      }
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    };

    const release = (event: PointerEvent) => {
      pointers.delete(event.pointerId);
      if (pointers.size === 0) delete element.dataset.dragged;
    };

    const controller = new AbortController();
    const { signal } = controller;
    element.addEventListener("wheel", wheel, { passive: false, signal });
    element.addEventListener("pointerdown", press, { signal });
    element.addEventListener("pointermove", move, { signal });
    element.addEventListener("pointerup", release, { signal });
    element.addEventListener("pointercancel", release, { signal });
    return () => controller.abort();
  }, [scroller]);

  return { wasDragged: () => dragged.current };
}
