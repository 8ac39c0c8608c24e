import { Dialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { say } from "../../words/say.ts";
import { Button } from "./buttons.tsx";

/**
 * The frame of every dialog: a title, what it is about, and its buttons. Escape and the cross close it.
 * The focus begins on what carries `data-first`.
 */
export function DialogWindow({
  title,
  description,
  testId,
  size = "medium",
  onClose,
  children,
  footer,
}: {
  title: ReactNode;
  description?: ReactNode;
  testId: string;
  size?: "small" | "medium" | "large" | "huge";
  onClose: () => void;
  children?: ReactNode;
  footer?: ReactNode;
}) {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Dialog.Root open onOpenChange={(open) => open || onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup
          ref={popup}
          className={`dialog dialog-${size}`}
          data-testid={testId}
          initialFocus={() => popup.current?.querySelector<HTMLElement>("[data-first]") ?? true}
        >
          <header className="dialog-head">
            <div className="dialog-titles">
              <Dialog.Title className="dialog-title">{title}</Dialog.Title>
              {description !== undefined && (
                <Dialog.Description className="dialog-description">{description}</Dialog.Description>
              )}
            </div>
            <Dialog.Close className="icon-button" aria-label={say.frame.close}>
              <X size={16} aria-hidden="true" />
            </Dialog.Close>
          </header>
          {children !== undefined && <div className="dialog-body">{children}</div>}
          {footer !== undefined && <footer className="dialog-foot">{footer}</footer>}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** The foot of a dialog that only shows something. */
export function CloseFoot({ onClose }: { onClose: () => void }) {
  return (
    <Button look="primary" data-first onClick={onClose}>
      {say.frame.close}
    </Button>
  );
}
