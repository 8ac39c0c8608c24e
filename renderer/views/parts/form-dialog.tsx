import { type ReactNode, type SubmitEvent, useId } from "react";
import { say } from "../../words/say.ts";
import { Button } from "./buttons.tsx";
import { DialogWindow } from "./window.tsx";

/** A dialog that asks for a few words: Enter in a field is its first button, Escape and the other one leave it. */
export function FormDialog({
  title,
  description,
  testId,
  size = "small",
  confirm,
  confirmTestId,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  description?: string;
  testId: string;
  size?: "small" | "medium";
  /** The words of the button that does it. */
  confirm: string;
  confirmTestId: string;
  onSubmit: () => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}) {
  const form = useId();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    void onSubmit();
  }

  return (
    <DialogWindow
      title={title}
      description={description}
      testId={testId}
      size={size}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{say.frame.cancel}</Button>
          <Button look="primary" type="submit" form={form} data-testid={confirmTestId}>
            {confirm}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit}>
        {children}
      </form>
    </DialogWindow>
  );
}
