import { useEffect } from "react";
import { TABS } from "../store/app-state.ts";
import { useActions, useGetState } from "./app-context.tsx";
import { useChooseTorrents } from "./file-chooser.tsx";
import { isTextField } from "./keys.ts";

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
