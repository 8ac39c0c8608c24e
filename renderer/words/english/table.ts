/** What every table has: its columns, and how they are arranged. */
export const table = {
  columns: "Columns",
  chooseColumns: "Choose columns",
  columnMenu: (column: string) => `Column ${column}`,
  fit: "Fit the width",
  moveLeft: "Move left",
  moveRight: "Move right",
  hide: "Hide this column",
  enter: "Enter",
  reset: "Restore the original columns",
  resize: "Drag to resize, double-click to fit",
  headKeys: "Enter sorts, Shift and arrows resize, Ctrl and arrows move, F2 fits.",
};
