import { useSyncExternalStore } from "react";
import { PALETTES, type Palette, type Scheme } from "../canvas/palette.ts";
import { useApp } from "./app-context.tsx";

const darkMedia = window.matchMedia("(prefers-color-scheme: dark)");

/** Light or dark, by the user's choice here, else by the system's. */
export function useScheme(): Scheme {
  const theme = useApp((state) => state.preferences.theme);
  const prefersDark = useSyncExternalStore(subscribe, () => darkMedia.matches);
  if (theme !== "system") return theme;
  return prefersDark ? "dark" : "light";
}

export function usePalette(): Palette {
  return PALETTES[useScheme()];
}

function subscribe(changed: () => void): () => void {
  darkMedia.addEventListener("change", changed);
  return () => darkMedia.removeEventListener("change", changed);
}
