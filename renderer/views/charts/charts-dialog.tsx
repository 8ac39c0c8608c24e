import { say } from "../../words/say.ts";
import { useActions } from "../app-context.tsx";
import { Button } from "../parts/buttons.tsx";
import { DialogWindow } from "../parts/window.tsx";
import { Charts } from "./charts.tsx";

/** How the whole session was over time. */
export function ChartsDialog() {
  const { closeDialog } = useActions();
  return (
    <DialogWindow
      title={say.charts.title}
      description={say.charts.meaning}
      testId="charts-dialog"
      size="large"
      onClose={closeDialog}
      footer={
        <Button look="primary" data-first onClick={closeDialog}>
          {say.frame.close}
        </Button>
      }
    >
      <Charts torrent={undefined} />
    </DialogWindow>
  );
}
