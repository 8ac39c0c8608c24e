import { Toast } from "@base-ui/react/toast";
import { CircleAlert, CircleCheck, X } from "lucide-react";
import type { Notify } from "../store/notices.ts";
import { say } from "../words/say.ts";

const manager = Toast.createToastManager<{ kind: "done" | "error" }>();

const DONE_FOR = 4000;
const ERROR_FOR = 12_000;

/** Shows words in the corner of the window; errors stay longer and are told at once to who can't see them. */
export const notify: Notify = (kind, title, detail) => {
  manager.add({
    title,
    ...(detail === undefined ? {} : { description: detail }),
    data: { kind },
    timeout: kind === "error" ? ERROR_FOR : DONE_FOR,
    priority: kind === "error" ? "high" : "low",
  });
};

export function Toasts() {
  return (
    <Toast.Provider toastManager={manager} limit={4}>
      <Toast.Portal>
        <Toast.Viewport className="toasts">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList() {
  const { toasts } = Toast.useToastManager<{ kind: "done" | "error" }>();
  return toasts.map((toast) => {
    const Icon = toast.data?.kind === "error" ? CircleAlert : CircleCheck;
    return (
      <Toast.Root key={toast.id} toast={toast} className="toast" data-testid="toast" data-kind={toast.data?.kind}>
        <Toast.Content className="toast-content">
          <Icon size={16} className="toast-icon" aria-hidden="true" />
          <div className="toast-words">
            <Toast.Title className="toast-title" />
            <Toast.Description className="toast-detail" />
          </div>
          <Toast.Close className="icon-button" aria-label={say.frame.dismiss}>
            <X size={14} aria-hidden="true" />
          </Toast.Close>
        </Toast.Content>
      </Toast.Root>
    );
  });
}
