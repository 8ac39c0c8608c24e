import { useEffect, useState } from "react";
import type { FolderView } from "../../../core/contract/views.ts";
import { formatBytes } from "../../format/units.ts";
import { errorWords } from "../../store/notices.ts";
import { say } from "../../words/say.ts";
import { useActions, useChooseFolder } from "../app-context.tsx";
import { Button } from "../parts/buttons.tsx";
import { Field } from "../parts/field.tsx";

/** Time without a keystroke before a typed folder is looked at. */
const TYPING_PAUSE = 250;

/** Where to save, and whether it fits there. */
export function FolderField({
  folder,
  onChange,
  needed,
}: {
  folder: FolderView;
  onChange: (folder: FolderView) => void;
  /** Bytes; undefined while nobody knows. */
  needed?: number;
}) {
  const { lookAtFolder } = useActions();
  const chooseFolder = useChooseFolder();
  const [path, setPath] = useState(folder.path);
  const [known, setKnown] = useState(folder.path);

  useEffect(() => {
    if (path === known || path.trim() === "") return;
    let isCurrent = true;
    const tell = (view: FolderView) => {
      if (!isCurrent) return;
      setKnown(path);
      onChange(view);
    };
    const timer = setTimeout(() => {
      lookAtFolder(path).then(tell, (error: unknown) => tell({ path, problem: errorWords(error) }));
    }, TYPING_PAUSE);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [path, known, lookAtFolder, onChange]);

  /** What is added goes where the line says, even before its free space is known. */
  function go(typed: string): void {
    if (typed === path) return;
    setPath(typed);
    setKnown("");
    onChange({ path: typed });
  }

  const free = folder.free === undefined ? undefined : formatBytes(folder.free);
  const isTight = needed !== undefined && folder.free !== undefined && needed > folder.free;
  const fault =
    folder.problem ?? (isTight && free !== undefined ? say.adding.tooLittle(formatBytes(needed), free) : undefined);
  return (
    <Field
      label={say.adding.saveIn}
      value={path}
      fault={fault}
      note={
        <span data-testid="add-free">
          {free !== undefined &&
            (needed === undefined ? say.adding.free(free) : say.adding.needed(formatBytes(needed), free))}
        </span>
      }
      testId="add-folder-path"
      onChange={go}
    >
      {chooseFolder !== undefined && (
        <Button
          onClick={() =>
            void chooseFolder(path).then((chosen) => {
              if (chosen !== undefined) go(chosen);
            })
          }
        >
          {say.frame.choose}
        </Button>
      )}
    </Field>
  );
}
