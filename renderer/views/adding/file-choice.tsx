import { useMemo, useState } from "react";
import type { TorrentPreview } from "../../../core/contract/views.ts";
import { fileTree, type TreeRow, visibleRows } from "../../format/file-tree.ts";
import { formatBytes } from "../../format/units.ts";
import { say } from "../../words/say.ts";
import { TreeMark } from "../files-tab.tsx";
import { Checkbox } from "../parts/checkbox.tsx";
import { Cell, Grid, type GridColumn } from "../parts/grid.tsx";

const columns = (): readonly GridColumn<never>[] => [
  { id: "wanted", title: say.adding.download, head: <span className="unseen">{say.adding.download}</span> },
  { id: "name", title: say.files.name },
  { id: "size", title: say.files.size, isNumber: true },
];

const ROW_HEIGHT = 28;
/** The list grows with its files up to so many rows, then scrolls. */
const MOST_ROWS = 9;
const FRAME_HEIGHT = 2;

/** Which files to take. */
export function FileChoice({
  files,
  wanted,
  onChange,
}: {
  files: TorrentPreview["files"];
  wanted: ReadonlySet<number>;
  onChange: (wanted: ReadonlySet<number>) => void;
}) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [selected, select] = useState<string>();
  const tree = useMemo(() => fileTree(files), [files]);
  const rows = useMemo(() => visibleRows(tree, closed), [tree, closed]);
  const byKey = useMemo(() => new Map(tree.map((row) => [row.key, row])), [tree]);
  const keys = useMemo(() => rows.map((row) => row.key), [rows]);
  const state = wanted.size === files.length ? "all" : wanted.size === 0 ? "none" : "some";

  function want(indexes: readonly number[], isWanted: boolean): void {
    const next = new Set(wanted);
    for (const index of indexes) {
      if (isWanted) next.add(index);
      else next.delete(index);
    }
    onChange(next);
  }

  function fold(key: string): void {
    const next = new Set(closed);
    if (!next.delete(key)) next.add(key);
    setClosed(next);
  }

  return (
    <section className="file-choice">
      <div className="choice-head">
        <Checkbox
          state={state}
          label={say.adding.downloadAll}
          testId="add-all-files"
          onChange={(all) => onChange(new Set(all ? files.keys() : []))}
        />
        <p>{say.adding.files}</p>
        <p className="quiet" data-testid="add-selection">
          {state === "all" ? say.counts.files(files.length) : say.adding.someOf(wanted.size, files.length)}
        </p>
      </div>
      <div className="choice-list" style={{ height: Math.min(rows.length, MOST_ROWS) * ROW_HEIGHT + FRAME_HEIGHT }}>
        <Grid
          label={say.adding.filesToDownload}
          testId="add-files"
          className="choice-table"
          isTree
          columns={columns()}
          rows={keys}
          rowHeight={ROW_HEIGHT}
          selected={selected}
          onSelect={select}
          onToggle={(key) => {
            const row = byKey.get(key);
            if (row !== undefined) want(row.files, chosen(row, wanted) !== "all");
          }}
          renderRow={(key, attributes) => {
            const row = byKey.get(key);
            if (row === undefined) return null;
            return (
              <div key={key} {...attributes} data-testid={row.isFolder ? "add-folder" : "add-file"} data-path={key}>
                <Cell column="wanted">
                  <Checkbox
                    state={chosen(row, wanted)}
                    label={say.files.downloadFile(row.name)}
                    testId="add-file-wanted"
                    onChange={(isWanted) => want(row.files, isWanted)}
                  />
                </Cell>
                <Cell column="name" title={key}>
                  <span className="tree-name" style={{ paddingInlineStart: row.depth * 18 }}>
                    <TreeMark row={row} isClosed={closed.has(key)} onFold={() => fold(key)} />
                    <span className="ellipsis">{row.name}</span>
                  </span>
                </Cell>
                <Cell column="size" isNumber>
                  {formatBytes(row.files.reduce((sum, index) => sum + (files[index]?.length ?? 0), 0))}
                </Cell>
              </div>
            );
          }}
        />
      </div>
    </section>
  );
}

function chosen(row: TreeRow, wanted: ReadonlySet<number>): "all" | "some" | "none" {
  const count = row.files.reduce((sum, index) => sum + (wanted.has(index) ? 1 : 0), 0);
  if (count === 0) return "none";
  return count === row.files.length ? "all" : "some";
}
