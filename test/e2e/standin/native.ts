import { EventEmitter } from "node:events";

/** The parts of the system around a window. Nothing is shown; what was asked for can be read by a test. */

interface MenuItem {
  readonly id?: string;
  readonly click?: () => void;
  readonly submenu?: Menu | readonly MenuItem[];
}

export class Menu {
  static #application: Menu | null = null;
  readonly items: readonly MenuItem[];

  constructor(items: readonly MenuItem[] = []) {
    this.items = items;
  }

  static buildFromTemplate(template: readonly MenuItem[]): Menu {
    return new Menu(
      template.map((item) =>
        Array.isArray(item.submenu) ? { ...item, submenu: Menu.buildFromTemplate(item.submenu) } : item,
      ),
    );
  }

  static setApplicationMenu(menu: Menu | null): void {
    Menu.#application = menu;
  }

  static getApplicationMenu(): Menu | null {
    return Menu.#application;
  }

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      if (item.id === id) return item;
      const inside = item.submenu instanceof Menu ? item.submenu.getMenuItemById(id) : null;
      if (inside !== null) return inside;
    }
    return null;
  }
}

export class Tray extends EventEmitter {
  setToolTip(): void {}
  setContextMenu(): void {}
}

export class Notification extends EventEmitter {
  static isSupported(): boolean {
    return true;
  }
  show(): void {}
}

const unanswered = () => Promise.reject(new Error("the stand-in has no dialogs: a test answers in their place"));
export const dialog = {
  showOpenDialog: unanswered,
  showSaveDialog: unanswered,
  showErrorBox: (title: string, content: string) => console.error(`${title}: ${content}`),
};

/** What would have been opened outside, in order, for a test to read. */
export const shell = {
  opened: [] as string[],
  openExternal: async (url: string) => void shell.opened.push(url),
  openPath: async (path: string) => {
    shell.opened.push(path);
    return "";
  },
  showItemInFolder: (path: string) => void shell.opened.push(path),
};

export const nativeImage = { createFromDataURL: (address: string) => ({ toDataURL: () => address }) };
export const nativeTheme = { shouldUseDarkColors: false };

const blockers = new Set<number>();
export const powerSaveBlocker = {
  start: () => {
    const id = blockers.size + 1;
    blockers.add(id);
    return id;
  },
  stop: (id: number) => blockers.delete(id),
  isStarted: (id: number) => blockers.has(id),
};

const display = { workArea: { x: 0, y: 0, width: 1920, height: 1040 } };
export const screen = { getPrimaryDisplay: () => display, getAllDisplays: () => [display] };
