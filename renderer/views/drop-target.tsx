import { FileDown } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useActions } from "./app-context.tsx";

/**
 * The whole window takes drops, dialogs included: files, or the address of one. While something hangs over it,
 * it says so. Elsewhere a browser would leave the page and open what was dropped.
 */
export function DropTarget({ children }: { children: ReactNode }) {
  const { offerFiles, offerPasted } = useActions();
  const [isOver, setOver] = useState(false);

  useEffect(() => {
    // Each element under the pointer fires its own enter and leave: the drag is over when as many left as entered.
    let depth = 0;
    const end = () => {
      depth = 0;
      setOver(false);
    };
    const enter = (event: DragEvent) => {
      if (!isForUs(event)) return;
      event.preventDefault();
      depth++;
      setOver(true);
    };
    const over = (event: DragEvent) => {
      if (!isForUs(event) || event.dataTransfer === null) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
    };
    const leave = (event: DragEvent) => {
      if (isForUs(event) && --depth <= 0) end();
    };
    const drop = (event: DragEvent) => {
      if (!isForUs(event)) return;
      event.preventDefault();
      end();
      const files = [...(event.dataTransfer?.files ?? [])];
      const lines = event.dataTransfer?.getData("text/uri-list").split(/\r?\n/) ?? [];
      if (files.length > 0) offerFiles(files);
      else for (const line of lines) offerPasted(line);
    };
    const listeners = { dragenter: enter, dragover: over, dragleave: leave, drop } as const;
    for (const [kind, listener] of Object.entries(listeners)) window.addEventListener(kind, listener as EventListener);
    return () => {
      for (const [kind, listener] of Object.entries(listeners)) {
        window.removeEventListener(kind, listener as EventListener);
      }
    };
  }, [offerFiles, offerPasted]);

  return (
    <div className="drop-target" data-testid="drop-target">
      {children}
      {isOver && (
        <div className="drop-overlay" data-testid="drop-overlay">
          <div className="drop-card">
            <FileDown size={28} strokeWidth={1.5} aria-hidden="true" />
            <p>Drop to add</p>
          </div>
        </div>
      )}
    </div>
  );
}

/** Files and addresses, not a bit of text that is moved about. */
function isForUs(event: DragEvent): boolean {
  return event.dataTransfer?.types.some((type) => type === "Files" || type === "text/uri-list") ?? false;
}
