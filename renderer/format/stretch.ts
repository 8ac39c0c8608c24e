import type { Millis } from "../../core/model/units.ts";

/** `4:05`, `1:04:05`. */
export function formatStretch(time: Millis): string {
  const seconds = Math.max(0, Math.floor(time / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
