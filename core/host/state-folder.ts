import { homedir } from "node:os";
import { join } from "node:path";

/** What decides where state is kept. */
interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Where settings, torrents and resume data of the web host are kept when nothing else is said:
 * `$PEERSCOPE_STATE`, else the place that the system has for it.
 */
export function stateFolder(surroundings?: Partial<Surroundings>): string {
  const { platform, home, env } = { platform: process.platform, home: homedir(), env: process.env, ...surroundings };
  if (env.PEERSCOPE_STATE) return env.PEERSCOPE_STATE;
  switch (platform) {
    case "win32":
      return join(env.APPDATA || join(home, "AppData", "Roaming"), "Peerscope");
    case "darwin":
      return join(home, "Library", "Application Support", "Peerscope");
    default:
      // The XDG base directory specification: a relative path there is to be ignored.
      return join(
        env.XDG_STATE_HOME?.startsWith("/") ? env.XDG_STATE_HOME : join(home, ".local", "state"),
        "peerscope",
      );
  }
}
