import { FileDown } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { say } from "../words/say.ts";
import { useActions } from "./app-context.tsx";
import { isTextField } from "./keys.ts";

/**
 * The whole window takes drops, dialogs included: files, the address of one, or a magnet link. While something hangs over it,
 * it says so. Elsewhere a browser would leave the page and open what was dropped.
 */
export function DropTarget({ children }: { children: ReactNode }) {
  const { offerFiles, offerPasted } = useActions();
  const [isOver, setOver] = useState(false);

  useEffect(() => {
    // Text of the page itself may be moved about in it; from elsewhere it may be a magnet link.
    let isOurs = false;
    const begin = () => {
      isOurs = true;
    };
    const finish = () => {
      isOurs = false;
    };
    const isForUs = (event: DragEvent) =>
      !isOurs && !isTextField(event.target) && (event.dataTransfer?.types.some((type) => TAKEN.has(type)) ?? false);
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
      if (files.length > 0) offerFiles(files);
      else if (!offerPasted(droppedText(event.dataTransfer, "text/uri-list"))) {
        offerPasted(droppedText(event.dataTransfer, "text/plain"));
      }
    };
    const listeners = {
      dragenter: enter,
      dragover: over,
      dragleave: leave,
      drop,
      dragstart: begin,
      dragend: finish,
    } as const;
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
            <p>{say.frame.dropToAdd}</p>
          </div>
        </div>
      )}
    </div>
  );
}

const TAKEN: ReadonlySet<string> = new Set(["Files", "text/uri-list", "text/plain"]);

/** Without the comments that a list of addresses may have (RFC 2483). */
function droppedText(data: DataTransfer | null, type: string): string {
  return (data?.getData(type) ?? "").replace(/^#.*$/gm, "");
}
