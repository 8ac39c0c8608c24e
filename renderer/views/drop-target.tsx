import { FileDown } from "lucide-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { useActions } from "./app-context.tsx";

/** The whole window takes drops: files, or the address of one. While something hangs over it, it says so. */
export function DropTarget({ children }: { children: ReactNode }) {
  const { offerFiles, offerPasted } = useActions();
  const [isOver, setOver] = useState(false);
  // Each element under the pointer fires its own enter and leave: the drag is over when as many left as entered.
  const depth = useRef(0);

  function isForUs(event: DragEvent): boolean {
    return event.dataTransfer.types.some((type) => type === "Files" || type === "text/uri-list");
  }

  function end(): void {
    depth.current = 0;
    setOver(false);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping has its keyboard equal in the toolbar's Add
    <div
      className="drop-target"
      data-testid="drop-target"
      onDragEnter={(event) => {
        if (!isForUs(event)) return;
        event.preventDefault();
        depth.current++;
        setOver(true);
      }}
      onDragOver={(event) => {
        if (!isForUs(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
      }}
      onDragLeave={(event) => {
        if (isForUs(event) && --depth.current <= 0) end();
      }}
      onDrop={(event) => {
        event.preventDefault();
        end();
        const files = [...event.dataTransfer.files];
        if (files.length > 0) offerFiles(files);
        else for (const line of event.dataTransfer.getData("text/uri-list").split(/\r?\n/)) offerPasted(line);
      }}
    >
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
