import { useEffect, useState } from "react";
import type { FolderView } from "../../../core/contract/views.ts";
import { errorWords } from "../../store/notices.ts";
import { useActions } from "../app-context.tsx";

/** A folder as the engine sees it; at first only its path. */
export function useFolder(path: string): FolderView {
  const { lookAtFolder } = useActions();
  const [folder, setFolder] = useState<FolderView>({ path });
  useEffect(() => {
    let isCurrent = true;
    const tell = (view: FolderView) => {
      if (isCurrent) setFolder(view);
    };
    lookAtFolder(path).then(tell, (error: unknown) => tell({ path, problem: errorWords(error) }));
    return () => {
      isCurrent = false;
    };
  }, [path, lookAtFolder]);
  return folder;
}
