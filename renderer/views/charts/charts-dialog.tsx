import { say } from "../../words/say.ts";
import { useActions } from "../app-context.tsx";
import { CloseFoot, DialogWindow } from "../parts/window.tsx";
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
      footer={<CloseFoot onClose={closeDialog} />}
    >
      <Charts torrent={undefined} />
    </DialogWindow>
  );
}
