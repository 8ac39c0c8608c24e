import { Fragment, type ReactNode, useEffect } from "react";
import { firstSpoken, speak } from "../words/say.ts";
import { useApp, useDesktop } from "./app-context.tsx";

/** All within is drawn in the chosen language, and drawn anew when another is chosen. */
export function Spoken({ children }: { children: ReactNode }) {
  const chosen = useApp((state) => state.preferences.language);
  const language = chosen === "system" ? firstSpoken(navigator.languages) : chosen;
  // Before the children are drawn, and the same however often: an effect would come after them.
  speak(language);
  const desktop = useDesktop();
  useEffect(() => {
    document.documentElement.lang = language;
    desktop?.speak(language);
  }, [language, desktop]);
  return <Fragment key={language}>{children}</Fragment>;
}
