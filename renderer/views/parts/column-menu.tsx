import { say } from "../../words/say.ts";
import type { ShapedColumn } from "./grid-head.tsx";
import { FloatingMenu, MenuCheck, MenuItem, MenuLine, MenuNote, type MenuPlace } from "./menu.tsx";
import type { Columns } from "./use-columns.ts";

/** Which columns there are, and what to do with the one whose head was pressed. */
export function ColumnMenu<Column extends string>({
  at,
  column,
  columns,
  onClose,
  focusAfter,
}: {
  at: MenuPlace;
  /** Undefined: the menu is about all of them. */
  column: string | undefined;
  columns: Columns<ShapedColumn<Column>>;
  onClose: () => void;
  focusAfter: () => HTMLElement | null;
}) {
  const { visible, all, layout } = columns;
  const chosen = visible.find(({ id }) => id === column);
  const isVisible = new Set<string>(visible.map(({ id }) => id));
  const label = chosen === undefined ? say.table.columns : say.table.columnMenu(chosen.title);
  return (
    <FloatingMenu at={at} label={label} testId="column-menu" onClose={onClose} focusAfter={focusAfter}>
      {chosen !== undefined && (
        <>
          <MenuItem onClick={() => columns.fit(chosen.id)} keys="F2" testId="column-fit">
            {say.table.fit}
          </MenuItem>
          <MenuItem
            onClick={() => columns.nudge(chosen.id, -1)}
            disabled={visible[0] === chosen}
            keys="Ctrl ←"
            testId="column-left"
          >
            {say.table.moveLeft}
          </MenuItem>
          <MenuItem
            onClick={() => columns.nudge(chosen.id, 1)}
            disabled={visible.at(-1) === chosen}
            keys="Ctrl →"
            testId="column-right"
          >
            {say.table.moveRight}
          </MenuItem>
          <MenuItem onClick={() => columns.show(chosen.id, false)} disabled={visible.length === 1} testId="column-hide">
            {say.table.hide}
          </MenuItem>
          <MenuLine />
        </>
      )}
      {all.map(({ id, title }) => (
        <MenuCheck
          key={id}
          isChecked={isVisible.has(id)}
          disabled={isVisible.has(id) && visible.length === 1}
          testId={`column-${id}`}
          onChange={(isChecked) => columns.show(id, isChecked)}
        >
          {title}
        </MenuCheck>
      ))}
      <MenuLine />
      <MenuItem
        onClick={() => columns.change(layout.sort === undefined ? {} : { sort: layout.sort })}
        testId="columns-reset"
      >
        {say.table.reset}
      </MenuItem>
      <MenuNote>{say.table.headKeys}</MenuNote>
    </FloatingMenu>
  );
}
