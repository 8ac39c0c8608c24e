import { TriangleAlert, Unplug } from "lucide-react";
import { say } from "../words/say.ts";
import { useApp, useIsDesktop } from "./app-context.tsx";

/** What is wrong with the whole session: no engine, or the engine's own notices. */
export function Banners() {
  const link = useApp((state) => state.link);
  const isDesktop = useIsDesktop();
  const notices = useApp((state) => state.engine.session?.notices);
  return (
    <>
      {link === "lost" && (
        <div className="banner" data-tone="error" role="alert" data-testid="link-banner">
          <Unplug size={16} aria-hidden="true" />
          <p>
            <strong>{say.frame.engineLost}</strong> {isDesktop ? say.frame.engineRestarts : say.frame.engineRetried}
          </p>
        </div>
      )}
      {notices?.map((notice) => (
        <div key={notice} className="banner" data-tone="warning" role="status" data-testid="session-notice">
          <TriangleAlert size={16} aria-hidden="true" />
          <p>{notice}</p>
        </div>
      ))}
    </>
  );
}
