import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { copyText } from "./link/copy-text.ts";
import { desktopLink } from "./link/desktop-link.ts";
import { EngineClient } from "./link/engine-client.ts";
import { downloadFile } from "./link/save-file.ts";
import { engineAddress, webLink } from "./link/web-link.ts";
import { createApp } from "./store/app.ts";
import { AppProvider } from "./views/app-context.tsx";
import { ErrorBoundary } from "./views/error-boundary.tsx";
import { Main } from "./views/main.tsx";
import { Spoken } from "./views/spoken.tsx";
import { notify } from "./views/toasts.tsx";

const desktop = window.peerscope;
const link = desktop === undefined ? webLink(engineAddress(window.location.href)) : desktopLink(window);

const app = createApp({
  client: new EngineClient(link),
  notify,
  storage: window.localStorage,
  desktop,
  copyText,
  async saveFile(name, bytes) {
    if (desktop !== undefined) return desktop.saveTorrentFile(name, bytes);
    downloadFile(name, bytes);
    return true;
  },
  elapsed: () => performance.now(),
});

document.addEventListener("visibilitychange", () => app.actions.hide(document.hidden));

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root");
createRoot(root).render(
  <StrictMode>
    <AppProvider app={app}>
      <Spoken>
        <ErrorBoundary>
          <Main />
        </ErrorBoundary>
      </Spoken>
    </AppProvider>
  </StrictMode>,
);
