import { describe } from "vitest";
import { needs, requireBrowser } from "../setup/requirements.ts";
import { requireDesktop, startDesktopApp } from "./support/desktop-app.ts";
import { startWebApp } from "./support/web-app.ts";
import { describeSwarm } from "./swarm-suite.ts";

describe("the swarm's map in a browser", needs(requireBrowser()), () => describeSwarm(startWebApp));

describe("the swarm's map on the desktop", needs(requireDesktop()), () => describeSwarm(startDesktopApp));
