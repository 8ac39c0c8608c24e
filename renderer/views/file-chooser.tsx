import { createContext, type ReactNode, useContext, useRef } from "react";
import { useActions } from "./app-context.tsx";

const ChooserContext = createContext<() => void>(() => {});

/** Opens the system's dialog for .torrent files: the desktop's own, or the browser's. */
export function FileChooserProvider({ children }: { children: ReactNode }) {
  const input = useRef<HTMLInputElement>(null);
  const { chooseTorrents, offerFiles } = useActions();
  const choose = () => {
    void chooseTorrents().then((isDone) => {
      if (!isDone) input.current?.click();
    });
  };
  return (
    <ChooserContext value={choose}>
      {children}
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept=".torrent,.peerscope,application/x-bittorrent"
        data-testid="file-input"
        onChange={(event) => {
          offerFiles([...(event.target.files ?? [])]);
          // The same file may be chosen again.
          event.target.value = "";
        }}
      />
    </ChooserContext>
  );
}

export function useChooseTorrents(): () => void {
  return useContext(ChooserContext);
}
