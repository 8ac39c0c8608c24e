import { Tooltip } from "@base-ui/react/tooltip";
import type { ComponentProps, ReactNode } from "react";

const handle = Tooltip.createHandle<ReactNode>();

/** The one tooltip of the window: hundreds of triggers share it, so a row of flags costs next to nothing. */
export function HintProvider({ children }: { children: ReactNode }) {
  return (
    <Tooltip.Provider delay={350} closeDelay={0}>
      {children}
      <Tooltip.Root handle={handle}>
        {({ payload }) => (
          <Tooltip.Portal>
            <Tooltip.Positioner sideOffset={6} collisionPadding={8} className="hint-positioner">
              <Tooltip.Popup className="hint" data-testid="hint">
                {payload as ReactNode}
              </Tooltip.Popup>
            </Tooltip.Positioner>
          </Tooltip.Portal>
        )}
      </Tooltip.Root>
    </Tooltip.Provider>
  );
}

/** A button that tells `words` on hover and focus; they are also its name for those who can't see it. */
export function Hinted({ words, ...button }: { words: string } & ComponentProps<typeof Tooltip.Trigger>) {
  return <Tooltip.Trigger aria-label={words} {...button} handle={handle} payload={words} />;
}
