import { FileWarning, LoaderCircle } from "lucide-react";
import type { Adding } from "../../store/app-state.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";
import { Button } from "../parts/buttons.tsx";
import { DialogWindow } from "../parts/window.tsx";
import { MagnetWindow } from "./magnet-window.tsx";
import { PreviewWindow } from "./preview-window.tsx";

/** Asks about the torrents that were dropped or chosen, one after the other. */
export function AddDialog() {
  const [current] = useApp((state) => state.adding);
  const waiting = useApp((state) => state.adding.length - 1);
  if (current === undefined) return null;
  return <Step key={current.id} adding={current} waiting={waiting} />;
}

function Step({ adding, waiting }: { adding: Adding; waiting: number }) {
  const { dismiss } = useActions();
  const close = () => dismiss(adding.id);
  const { step, label } = adding;
  switch (step.kind) {
    case "reading":
      return (
        <DialogWindow
          title={say.adding.reading}
          description={label}
          testId="add-reading"
          size="small"
          onClose={close}
          footer={
            <Button data-first onClick={close}>
              {say.frame.cancel}
            </Button>
          }
        >
          <p className="reading">
            <LoaderCircle size={18} className="spinner" aria-hidden="true" /> {say.adding.looking}
          </p>
        </DialogWindow>
      );
    case "refused":
      return (
        <DialogWindow
          title={say.adding.cantBeAdded(label)}
          testId="add-refused"
          size="small"
          onClose={close}
          footer={
            <Button look="primary" data-first onClick={close} data-testid="add-refused-close">
              {waiting > 0 ? say.adding.next : say.frame.close}
            </Button>
          }
        >
          <div className="refusal" role="alert">
            <FileWarning className="refusal-icon" size={20} aria-hidden="true" />
            <p data-testid="add-error">{step.why}</p>
          </div>
        </DialogWindow>
      );
    case "ready": {
      const Window = step.preview.isMagnet ? MagnetWindow : PreviewWindow;
      return <Window id={adding.id} preview={step.preview} waiting={waiting} />;
    }
  }
}
