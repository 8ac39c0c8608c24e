import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useStore } from "zustand";
import type { Timestamp } from "../../core/model/units.ts";
import type { DesktopPlatform } from "../link/platform.ts";
import type { App, AppActions } from "../store/app.ts";
import type { AppState } from "../store/app-state.ts";
import type { RateHistory } from "../store/rate-history.ts";

const AppContext = createContext<App | undefined>(undefined);

export function AppProvider({ app, children }: { app: App; children: ReactNode }) {
  return <AppContext value={app}>{children}</AppContext>;
}

function useWholeApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error("a view is used outside of AppProvider");
  return app;
}

/** Renders again only when what `selector` picks is another value (`===`). */
export function useApp<T>(selector: (state: AppState) => T): T {
  return useStore(useWholeApp().store, selector);
}

export function useActions(): AppActions {
  return useWholeApp().actions;
}

/** Whether the page runs in the desktop window, where the system's dialogs and folders are at hand. */
export function useIsDesktop(): boolean {
  return useWholeApp().desktop !== undefined;
}

/** The state at this moment, for handlers: does not render again. */
export function useGetState(): () => AppState {
  return useWholeApp().store.getState;
}

/** What the desktop window gives the page; undefined in a browser. */
export function useDesktop(): DesktopPlatform | undefined {
  return useWholeApp().desktop;
}

/** The desktop's dialog for a folder; undefined in a browser. */
export function useChooseFolder(): ((current: string) => Promise<string | undefined>) | undefined {
  return useDesktop()?.chooseFolder;
}

/** The rates of peers in the last two minutes. */
export function useRates(): RateHistory {
  return useWholeApp().rates;
}

/** The engine's time now, told again every second. */
export function useNow(): Timestamp {
  const { store } = useWholeApp();
  const past = useApp((state) => state.past?.at);
  const [now, setNow] = useState(() => store.getState().clockOffset + performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(store.getState().clockOffset + performance.now()), 1000);
    return () => clearInterval(timer);
  }, [store]);
  return past ?? now;
}
