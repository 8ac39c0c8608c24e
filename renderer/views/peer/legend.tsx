import type { CSSProperties, ReactNode } from "react";
import { type Colour, cssColour } from "../../canvas/palette.ts";

/** One colour of a picture with what it stands for. @param mark - How its patch looks in the style sheet. */
export function LegendItem({
  ink,
  children,
  ...mark
}: { ink: Colour; children: ReactNode } & Readonly<Record<`data-${string}`, string | number>>) {
  return (
    <li style={{ "--ink": cssColour(ink) } as CSSProperties} {...mark}>
      {children}
    </li>
  );
}
