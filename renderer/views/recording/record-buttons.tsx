import { Circle, FileClock, Square } from "lucide-react";
import { useRef } from "react";
import { RECORDING_EXTENSION } from "../../../core/contract/recording/frames.ts";
import type { RecordingView } from "../../../core/contract/views.ts";
import { formatStretch } from "../../format/stretch.ts";
import { formatBytes } from "../../format/units.ts";
import { selectedTorrent } from "../../store/app-state.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp, useNow } from "../app-context.tsx";
import { IconButton } from "../parts/buttons.tsx";

/** In the toolbar: records the chosen torrent, or ends that, and opens what was recorded. */
export function RecordButtons() {
  const { startRecording, stopRecording, openRecordingFile } = useActions();
  const input = useRef<HTMLInputElement>(null);
  const torrent = useApp((state) => selectedTorrent(state)?.id);
  const recording = useApp((state) => selectedTorrent(state)?.recording);
  return (
    <div className="toolbar-group record-buttons">
      {recording === undefined ? (
        <IconButton
          icon={Circle}
          words={say.recording.record}
          disabled={torrent === undefined}
          data-testid="toolbar-record"
          onClick={() => torrent !== undefined && void startRecording(torrent)}
        />
      ) : (
        <>
          <IconButton
            icon={Square}
            words={say.recording.stop}
            data-testid="toolbar-stop-recording"
            onClick={() => torrent !== undefined && void stopRecording(torrent)}
          />
          <Running recording={recording} />
        </>
      )}
      <IconButton
        icon={FileClock}
        words={say.recording.open}
        data-testid="toolbar-open-recording"
        onClick={() => input.current?.click()}
      />
      <input
        ref={input}
        type="file"
        hidden
        accept={RECORDING_EXTENSION}
        data-testid="recording-input"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file !== undefined) void openRecordingFile(file);
          // The same file may be chosen again.
          event.target.value = "";
        }}
      />
    </div>
  );
}

function Running({ recording }: { recording: RecordingView }) {
  const passed = formatStretch(useNow() - recording.startedAt);
  return (
    <span className="recording-running" data-testid="recording-running">
      <span className="recording-dot" aria-hidden="true" />
      <span>{passed}</span>
      <span className="quiet">{formatBytes(recording.bytes)}</span>
    </span>
  );
}

/** Beside a torrent's name while it is recorded. */
export function RecordingDot({ recording }: { recording: RecordingView }) {
  const passed = formatStretch(useNow() - recording.startedAt);
  const words = say.recording.running(formatBytes(recording.bytes), passed);
  return <span className="recording-dot" role="img" aria-label={words} title={words} data-testid="recording-dot" />;
}
