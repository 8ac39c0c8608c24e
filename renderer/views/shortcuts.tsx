import { useEffect } from "react";
import type { AppActions } from "../store/app.ts";
import { TABS } from "../store/app-state.ts";
import { useActions, useGetState } from "./app-context.tsx";
import { useChooseTorrents } from "./file-chooser.tsx";
import { isTextField } from "./keys.ts";
import { PEER_FILTER_ID } from "./peers/peer-filter-box.tsx";

/** Keys that work everywhere in the window, and pasting a path, an address or a magnet link. */
export function Shortcuts() {
  const actions = useActions();
  const getState = useGetState();
  const choose = useChooseTorrents();
  useEffect(() => {
    const handleKey = (event: KeyboardEvent) => {
      const { dialog, adding, choosing } = getState();
      if (!(event.ctrlKey || event.metaKey) || event.altKey || dialog !== undefined) return;
      if (adding.length > 0 || choosing.length > 0) return;
      const tab = TABS[Number(event.key) - 1];
      if (event.key === "o") choose();
      else if (event.key === ",") actions.open({ kind: "settings" });
      else if (event.key === "f" && !event.shiftKey) findPeers(actions);
      else if (tab !== undefined) actions.showTab(tab);
      else return;
      event.preventDefault();
    };
    const handlePaste = (event: ClipboardEvent) => {
      if (isTextField(event.target)) return;
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) actions.offerFiles(files);
      else if (!actions.offerPasted(event.clipboardData?.getData("text/plain") ?? "")) return;
      event.preventDefault();
    };
    window.addEventListener("keydown", handleKey);
    window.addEventListener("paste", handlePaste);
    return () => {
      window.removeEventListener("keydown", handleKey);
      window.removeEventListener("paste", handlePaste);
    };
  }, [actions, choose, getState]);
  return null;
}

/** To the peers, and to the line that they are found by: it is there with the next picture. */
function findPeers({ showTab, showPeers, openPeer }: Pick<AppActions, "showTab" | "showPeers" | "openPeer">): void {
  showTab("peers");
  showPeers("here");
  openPeer(undefined);
  requestAnimationFrame(() => {
    const line = document.getElementById(PEER_FILTER_ID);
    if (line instanceof HTMLInputElement) line.select();
  });
}
