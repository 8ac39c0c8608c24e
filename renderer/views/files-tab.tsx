import { ChevronDown, ChevronRight, File as FileIcon, Folder } from "lucide-react";
import { useMemo, useState } from "react";
import type { FileView } from "../../core/contract/views.ts";
import { fileTree, type TreeRow, visibleRows } from "../format/file-tree.ts";
import { formatBytes } from "../format/units.ts";
import { selectedDetails } from "../store/app-state.ts";
import { say } from "../words/say.ts";
import { useActions, useApp } from "./app-context.tsx";
import { FilePriorityChoice, type FileWish } from "./file-priority.tsx";
import { MetadataMissing } from "./metadata-notes.tsx";
import { Checkbox } from "./parts/checkbox.tsx";
import { ArrangedGrid, Cell, cellsInOrder, type RowAttributes, type ShapedColumn } from "./parts/grid.tsx";
import { ProgressBar } from "./parts/progress-bar.tsx";

const columns = (words = say.files): readonly ShapedColumn<never>[] => [
  { id: "wanted", title: words.wanted, head: <span className="unseen">{words.wanted}</span>, width: 36 },
  { id: "name", title: words.name, width: 160, grows: 3 },
  { id: "priority", title: words.priority, width: 108 },
  { id: "progress", title: words.progress, width: 120, grows: 1 },
  { id: "done", title: words.done, isNumber: true, width: 88 },
  { id: "size", title: words.size, isNumber: true, width: 88 },
];

const ROW_HEIGHT = 30;
const NONE: readonly FileView[] = [];

/** The torrent's files as a tree; what is not wanted is not downloaded. */
export function FilesTab() {
  const { wantFiles, prioritiseFiles, openFolder } = useActions();
  const torrent = useApp((state) => state.selected);
  const files = useApp((state) => selectedDetails(state).files) ?? NONE;
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [selected, select] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: paths and lengths never change, so the tree is made once
  const tree = useMemo(() => fileTree(files), [torrent, files.length]);
  const rows = useMemo(() => visibleRows(tree, closed), [tree, closed]);
  const byKey = useMemo(() => new Map(tree.map((row) => [row.key, row])), [tree]);
  const shapes = useMemo(() => columns(), []);
  const keys = useMemo(() => rows.map((row) => row.key), [rows]);

  function toggleFolder(key: string): void {
    const next = new Set(closed);
    if (!next.delete(key)) next.add(key);
    setClosed(next);
  }

  function want(row: TreeRow, wanted: boolean): void {
    const indexes = row.files.flatMap((place) => files[place]?.index ?? []);
    if (torrent !== undefined) void wantFiles(torrent, indexes, wanted);
  }

  async function wish(row: TreeRow, chosen: FileWish): Promise<void> {
    if (chosen === "skip") return want(row, false);
    const indexes = row.files.flatMap((place) => files[place]?.index ?? []);
    if (torrent === undefined || !(await prioritiseFiles(torrent, indexes, chosen))) return;
    if (wantedState(row, files) !== "all") want(row, true);
  }

  return (
    <ArrangedGrid
      table="files"
      label={say.files.list}
      testId="file-list"
      className="file-table"
      isTree
      columns={shapes}
      rows={keys}
      rowHeight={ROW_HEIGHT}
      selected={selected}
      onSelect={select}
      onOpen={(key) => {
        const row = byKey.get(key);
        if (row?.isFolder) toggleFolder(key);
        else if (torrent !== undefined) void openFolder(torrent, key);
      }}
      onToggle={(key) => {
        const row = byKey.get(key);
        if (row !== undefined) want(row, wantedState(row, files) !== "all");
      }}
      renderRow={(key, attributes, shown) => (
        <FileRow
          shown={shown}
          row={byKey.get(key)}
          files={files}
          attributes={attributes}
          isClosed={closed.has(key)}
          onFold={() => toggleFolder(key)}
          onWant={want}
          onWish={(row, chosen) => void wish(row, chosen)}
        />
      )}
      empty={<MetadataMissing of="files" />}
    />
  );
}

function FileRow({
  shown,
  row,
  files,
  attributes,
  isClosed,
  onFold,
  onWant,
  onWish,
}: {
  shown: readonly ShapedColumn<never>[];
  row: TreeRow | undefined;
  files: readonly FileView[];
  attributes: RowAttributes;
  isClosed: boolean;
  onFold: () => void;
  onWant: (row: TreeRow, wanted: boolean) => void;
  onWish: (row: TreeRow, wish: FileWish) => void;
}) {
  if (row === undefined) return null;
  const wanted = wantedState(row, files);
  const [done, length] = sums(row, files);
  return (
    <div
      {...attributes}
      data-testid={row.isFolder ? "folder-row" : "file-row"}
      data-path={row.key}
      data-wanted={wanted}
      {...(row.isFolder ? { "aria-expanded": !isClosed } : {})}
    >
      {cellsInOrder(shown, {
        wanted: (
          <Cell column="wanted">
            <Checkbox
              state={wanted}
              label={say.files.downloadFile(row.name)}
              testId="file-wanted"
              onChange={(checked) => onWant(row, checked)}
            />
          </Cell>
        ),
        name: (
          <Cell column="name" title={row.key}>
            <span className="tree-name" style={{ paddingInlineStart: row.depth * 18 }}>
              <TreeMark row={row} isClosed={isClosed} onFold={onFold} />
              <span className="ellipsis">{row.name}</span>
            </span>
          </Cell>
        ),
        priority: (
          <Cell column="priority">
            <FilePriorityChoice
              name={row.name}
              files={row.files.flatMap((place) => files[place] ?? [])}
              onChoose={(chosen) => onWish(row, chosen)}
            />
          </Cell>
        ),
        progress: (
          <Cell column="progress">
            <ProgressBar
              part={done}
              whole={length}
              tone={done >= length ? "seeding" : wanted === "none" ? "paused" : "downloading"}
              label={say.files.downloaded}
            />
          </Cell>
        ),
        done: (
          <Cell column="done" isNumber>
            {formatBytes(done)}
          </Cell>
        ),
        size: (
          <Cell column="size" isNumber>
            {formatBytes(length)}
          </Cell>
        ),
      })}
    </div>
  );
}

/** A file's picture, or a folder's with its fold. */
export function TreeMark({ row, isClosed, onFold }: { row: TreeRow; isClosed: boolean; onFold: () => void }) {
  if (!row.isFolder) return <FileIcon size={14} className="tree-icon" aria-hidden="true" />;
  const Chevron = isClosed ? ChevronRight : ChevronDown;
  return (
    <>
      <button
        type="button"
        className="fold"
        tabIndex={-1}
        data-stop
        aria-label={isClosed ? say.files.unfold : say.files.fold}
        onClick={onFold}
      >
        <Chevron size={14} aria-hidden="true" />
      </button>
      <Folder size={14} className="tree-icon" aria-hidden="true" />
    </>
  );
}

function wantedState(row: TreeRow, files: readonly FileView[]): "all" | "some" | "none" {
  const wanted = row.files.reduce((count, place) => count + (files[place]?.isWanted ? 1 : 0), 0);
  if (wanted === 0) return "none";
  return wanted === row.files.length ? "all" : "some";
}

function sums(row: TreeRow, files: readonly FileView[]): [done: number, length: number] {
  let done = 0;
  let length = 0;
  for (const place of row.files) {
    done += files[place]?.bytesDone ?? 0;
    length += files[place]?.length ?? 0;
  }
  return [done, length];
}
